"""``marquery serve``: what it refuses before anything heavy is loaded, and that it serves."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys

import httpx2
import pytest
from starlette.testclient import TestClient

from marquery.cli.app import run
from marquery.index import LogoIndex

from ..encoders import tiny_encoder
from .helpers import make_app


def call(capsys, *arguments):
    code = run(["serve", *map(str, arguments)])
    return code, capsys.readouterr().err


def test_what_cannot_be_served_is_refused_with_a_sentence(capsys, index, tmp_path, monkeypatch):
    monkeypatch.delenv("MARQUERY_TOKEN", raising=False)
    code, err = call(capsys, "--index", tmp_path)
    assert (code, "no index there" in err) == (1, True)
    code, err = call(capsys, "--index", index.path, "--host", "0.0.0.0")
    assert (code, "--token is needed" in err) == (2, True)
    code, err = call(capsys, "--index", index.path, "--token", "short")
    assert (code, "at least 12" in err) == (2, True)
    code, err = call(capsys, "--index", index.path, "--port", "70000")
    assert code == 2
    code, err = call(
        capsys, "--index", index.path, "--host", "no.such.host.invalid", "--token", "x" * 12
    )
    assert (code, "cannot listen" in err) == (2, True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, err = call(capsys, "--index", index.path, "--port", port)
    assert (code, f"--port: cannot listen at port {port} of 127.0.0.1" in err) == (2, True)
    assert err.count("\n") == 1
    assert call(capsys, "--index", index.path, "--uploads-days", "0")[0] == 2
    (tmp_path / "file").write_text("")
    code, err = call(capsys, "--index", tmp_path / "file")
    assert (code, "no index there" in err) == (1, True)


def spoil_json(idx):
    (idx / "index.json").write_text("{")


def change_format(idx):
    (idx / "index.json").write_text('{"format": 9}')


def lose_encoder(idx):
    shutil.rmtree(idx / "encoder")


def put_another_encoder(idx):
    tiny_encoder(seed=7).save(idx / "encoder")


def cut_weights(idx):
    file = idx / "encoder" / "model.safetensors"
    file.write_bytes(file.read_bytes()[:1000])


def lose_projection(idx):
    (idx / "projection.npz").unlink()


def spoil_table(idx):
    for file in (idx / "logos.lance").rglob("*.manifest"):
        file.write_bytes(b"no table")


def spoil_vectors(idx):
    for file in (idx / "logos.lance" / "data").iterdir():
        file.write_bytes(b"no vectors")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (spoil_json, "index.json: cannot be read"),
        (change_format, "format 9 is not the format 1"),
        (lose_encoder, "no encoder there"),
        (put_another_encoder, "not the encoder that"),
        (cut_weights, "not a readable safetensors file"),
        (spoil_table, "the index is damaged"),
    ],
)
def test_a_broken_index_ends_with_a_sentence(capsys, index, tmp_path, spoil, says):
    idx = tmp_path / "idx"
    shutil.copytree(index.path, idx)
    spoil(idx)
    code, err = call(capsys, "--index", idx, "--port", "0")
    last = err.splitlines()[-1]
    assert (code, says in last) == (1, True), err
    assert last.startswith("marquery: ")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lose_projection, "projection.npz: cannot be read; build the index again"),
        (spoil_vectors, "the index is damaged"),
    ],
)
def test_damage_that_the_first_search_meets_ends_the_server(index, tmp_path, spoil, says):
    idx = tmp_path / "idx"
    shutil.copytree(index.path, idx)
    spoil(idx)
    command = [sys.executable, "-m", "marquery", "serve", "--index", str(idx), "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, says in done.stderr.splitlines()[-1]) == (1, True), done.stderr
    assert "Traceback" not in done.stderr


def test_an_index_without_logos_is_served_as_it_is(tmp_path):
    place = LogoIndex.create(tmp_path / "empty", encoder=tiny_encoder()).path
    client = TestClient(make_app(LogoIndex.open(place), tmp_path / "review"))
    client.app.state.service.warm_up()
    page = client.get("http://127.0.0.1/?strategy=words&words=a", headers={"accept": "text/html"})
    assert (page.status_code, "The index is empty." in page.text) == (200, True)


def test_options_are_checked_before_heavy_imports(tmp_path):
    program = (
        "import sys\nfrom marquery.cli.app import run\n"
        f"assert run(['serve', '--index', {str(tmp_path)!r}]) == 1\n"
        "print({'torch', 'lancedb', 'fastapi', 'cv2'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "no index there" in done.stderr
    assert done.stdout.strip() == "set()"


def test_it_serves_until_it_is_stopped(index):
    token = "a long enough token"
    command = [sys.executable, "-m", "marquery", "serve", "--index", str(index.path), "--port", "0"]
    environment = {**os.environ, "MARQUERY_TOKEN": token}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as server:
        try:
            told = server.stderr.readline()
            address = re.search(r"http://127\.0\.0\.1:\d+/", told)[0] + "api/status"
            shown = {"authorization": f"Bearer {token}"}
            assert httpx2.get(address, headers=shown, timeout=60).json()["logos"] == len(index)
            assert httpx2.get(address, timeout=60).status_code == 401
            server.send_signal(signal.SIGINT)
            assert server.wait(timeout=60) == 0
            assert "Traceback" not in server.stderr.read()
        finally:
            server.kill()
    assert (index.path.parent / "idx.review" / "review.sqlite3").is_file()
