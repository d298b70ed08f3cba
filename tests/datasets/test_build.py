import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from marquery.datasets import LogoSet, build_openlogos
from marquery.datasets.openlogos import build, render
from marquery.datasets.openlogos.build import build_from
from marquery.datasets.openlogos.manifest import split_of
from marquery.errors import MarqueryError, UsageError

from .helpers import BOX, DISC, make_source

COLOURS = ("currentColor", "#fff", "#c33", "#3c3", "#33c")


@pytest.fixture
def sources(tmp_path):
    folder = tmp_path / "tarballs"
    many = {f"brand{i}": BOX.format(f"#{i:02x}0000") for i in range(70)}
    return folder, [
        make_source(
            folder, "simple-icons", {**many, "acme": BOX.format("currentColor"), "nil": "<g/>"}
        ),
        make_source(
            folder,
            "logos",
            {
                "acme-icon": BOX.format("#fff"),
                "acme": DISC.format("#c33"),
                "acme-dark": DISC.format("#c33"),
            },
        ),
        make_source(folder, "token", {"acme": DISC.format("#3c3")}, namespace="crypto"),
    ]


def run(sources, out: Path, size: int = 32, jobs: int = 1):
    folder, pinned = sources
    return build_from(pinned, out, folder, size, jobs, False)


def contents(out: Path) -> dict[str, str]:
    return {
        file.relative_to(out).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(out.rglob("*"))
        if file.is_file()
    }


def finished(out: Path) -> list[Path]:
    """Pictures that are whole: what a killed writer left begins with a dot."""
    return list(out.glob("logos/*/[!.]*.png"))


def rows(out: Path) -> list[dict[str, str]]:
    return pq.read_table(out / "manifest.parquet").to_pylist()


def test_a_build_from_end_to_end(sources, tmp_path):
    out = tmp_path / "out"
    report = run(sources, out)
    table = rows(out)
    assert [row["path"] for row in table] == sorted(row["path"] for row in table)
    acme = {row["path"]: row for row in table if row["name"].startswith("acme")}
    # acme is the very same picture as acme-dark, nil is empty.
    assert sorted(acme) == [
        "logos/logos/acme-dark.png",
        "logos/logos/acme-icon.png",
        "logos/simple-icons/acme.png",
        "logos/token/acme.png",
    ]
    assert (report.logos, report.dropped, report.copies, report.groups) == (len(table), 1, 1, 1)
    assert acme["logos/logos/acme-icon.png"]["backdrop"] == "dark"
    assert acme["logos/token/acme.png"]["namespace"] == "crypto"
    assert acme["logos/token/acme.png"]["brand"] == "crypto:acme"
    assert acme["logos/simple-icons/acme.png"]["brand"] == "acme"
    for row in table:
        pixels = np.asarray(Image.open(out / row["path"]).convert("RGB"))
        assert max(pixels.shape) == 32
        assert render.pixel_digest(pixels) == row["sha256"]
        assert row["svg"].startswith("<svg")
        assert row["licence"] == "CC0-1.0"
    card = (out / "DATACARD.md").read_text()
    assert "belong to their owners" in card
    assert "`simple-icons:nil`" in card
    assert "| all | crypto | 1 | 1 | 0 | 0 |" in card
    assert json.loads((out / "DATASET.json").read_text())["size"] == 32


def test_same_inputs_same_files_whatever_the_number_of_processes(sources, tmp_path):
    run(sources, tmp_path / "a", jobs=1)
    run(sources, tmp_path / "b", jobs=3)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_a_second_run_draws_nothing_and_a_lost_picture_is_drawn_again(sources, tmp_path):
    out = tmp_path / "out"
    first = run(sources, out)
    before = contents(out)
    assert run(sources, out).rendered == 0
    (out / "logos/logos/acme-icon.png").unlink()
    (out / "logos/simple-icons/brand3.png").write_bytes(b"cut short")
    assert run(sources, out).rendered == 2
    assert contents(out) == before
    assert first.rendered == first.logos + first.copies


def test_another_size_or_pin_replaces_what_was_there(sources, tmp_path):
    folder, pinned = sources
    out = tmp_path / "out"
    run(sources, out)
    assert run(sources, out, size=48).rendered == len(rows(out)) + 1
    assert max(Image.open(out / "logos/token/acme.png").size) == 48
    newer = make_source(
        folder, "token", {"bolt": BOX.format("red")}, namespace="crypto", version="2.0.0"
    )
    build_from([*pinned[:2], newer], out, folder, 48, 1, False)
    assert not (out / "logos/token/acme.png").exists()
    assert "logos/token/bolt.png" in {row["path"] for row in rows(out)}
    run(sources, tmp_path / "fresh", size=48)
    assert run(sources, out, size=48).rendered == 1
    assert contents(out) == contents(tmp_path / "fresh")


def test_killed_at_any_moment_it_goes_on(sources, tmp_path):
    folder, pinned = sources
    script = tmp_path / "slow.py"
    script.write_text(
        "import sys, time, pickle\n"
        "from pathlib import Path\n"
        "from marquery.datasets.openlogos import build, draw, render\n"
        "def slow(*a, original=render.render_icon):\n"
        "    time.sleep(0.02)\n"
        "    return original(*a)\n"
        "draw.render_icon = slow\n"
        "sources = pickle.loads(Path(sys.argv[1]).read_bytes())\n"
        "build.build_from(sources, Path(sys.argv[2]), Path(sys.argv[3]), 32, 2, False)\n"
    )
    import pickle

    (tmp_path / "sources.pickle").write_bytes(pickle.dumps(pinned))
    out = tmp_path / "out"
    process = subprocess.Popen(
        [sys.executable, script, tmp_path / "sources.pickle", out, folder], start_new_session=True
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and len(finished(out)) < 5:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    done = len(finished(out))
    assert done >= 5
    assert not (out / "manifest.parquet").exists()
    for file in finished(out):
        Image.open(file).load()
    with pytest.raises(MarqueryError, match="not finished"):
        LogoSet.open(out)
    report = run(sources, out)
    assert report.rendered == report.logos + report.copies - done
    run(sources, tmp_path / "whole")
    assert contents(out) == contents(tmp_path / "whole")


def test_a_full_disk_is_one_sentence_and_nothing_half_written(sources, tmp_path, monkeypatch):
    out = tmp_path / "out"
    real = Image.Image.save
    written = []

    def full(self, path, *args, **kwargs):
        if len(written) == 4:
            Path(path).write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        written.append(path)
        real(self, path, *args, **kwargs)

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(MarqueryError, match="disk is full"):
        run(sources, out)
    files = [file for file in (out / "logos").rglob("*") if file.is_file()]
    assert len(files) == 4
    for file in files:
        Image.open(file).load()
    assert not (out / "manifest.parquet").exists()
    monkeypatch.undo()
    assert run(sources, out).rendered > 0


@pytest.mark.parametrize("wrong", [{"size": 5}, {"size": 9999}, {"jobs": 0}])
def test_wrong_use(tmp_path, wrong):
    with pytest.raises(UsageError):
        build_openlogos(tmp_path / "out", source_dir=tmp_path, **wrong)
    assert not (tmp_path / "out").exists()


def test_a_missing_folder_of_tarballs(tmp_path):
    with pytest.raises(MarqueryError, match="no such folder"):
        build_openlogos(tmp_path / "out", source_dir=tmp_path / "nowhere")
    with pytest.raises(MarqueryError, match="npm pack"):
        build_openlogos(tmp_path / "out", source_dir=tmp_path, progress=False)


def test_out_is_a_file(sources, tmp_path):
    (tmp_path / "out").write_text("taken")
    with pytest.raises(MarqueryError, match="cannot be written"):
        run(sources, tmp_path / "out")


def test_splits_have_their_shares_and_do_not_move():
    found = [split_of(f"brand:{i}") for i in range(20_000)]
    for name, share in (("train", 0.5), ("val", 0.1), ("test", 0.4)):
        assert abs(found.count(name) / len(found) - share) < 0.015
    # A change here would move every brand of every published number.
    assert split_of("brand:adobe") == "test"
    assert split_of("brand:google") == "train"
    assert split_of("brand:slack") == "val"


def test_importing_datasets_does_not_import_torch():
    code = "import sys, marquery.datasets; sys.exit('torch' in sys.modules or 'pyarrow' in sys.modules)"  # noqa: E501
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_description_names_the_pins():
    text = build._description([], 64)
    assert json.loads(text) == {
        "name": "openlogos",
        "edition": 1,
        "size": 64,
        "render_version": render.RENDER_VERSION,
        "packages": {},
    }


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    precious = tmp_path / "logos" / "acme" / "precious.png"
    precious.parent.mkdir(parents=True)
    precious.write_text("mine")
    with pytest.raises(MarqueryError, match="did not write"):
        build_from([], tmp_path, tmp_path, 64, 1, None)
    assert precious.read_text() == "mine"
