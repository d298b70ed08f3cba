"""``marquery serve``: what it refuses before anything heavy is loaded, and that it serves."""

import os
import re
import signal
import socket
import subprocess
import sys

import httpx2

from marquery.cli.app import run


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
        code, err = call(capsys, "--index", index.path, "--port", taken.getsockname()[1])
    assert (code, "choose another" in err) == (2, True)


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
