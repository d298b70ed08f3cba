"""What is named like a picture and is none: it is skipped, never waited for, never opened."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from marquery import images as images_module
from marquery.cli.app import run
from marquery.datasets.survey import examine_header, examine_pixels
from marquery.embedding import collect_files, embed_folder
from marquery.errors import ImageError
from marquery.files import open_regular
from marquery.images import find_images, load_image
from marquery.index import LogoIndex
from marquery.index.storage import unreadable
from marquery.watch import Threshold, watch

from ..drawings import draw, fill
from ..encoders import tiny_encoder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="special files")


@pytest.fixture(scope="module")
def encoder():
    return tiny_encoder()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two logos among all that is none."""
    logos = fill(tmp_path / "logos", range(2))
    monkeypatch.chdir(logos)  # the name of a socket is short
    os.mkfifo("fifo.png")
    socket.socket(socket.AF_UNIX).bind("socket.png")
    Path("device.png").symlink_to("/dev/zero")
    Path("to-fifo.png").symlink_to("fifo.png")
    Path("itself.png").symlink_to("itself.png")
    Path("one.png").symlink_to("other.png")
    Path("other.png").symlink_to("one.png")
    Path("nothing.png").symlink_to("nowhere.png")
    Path("to-folder.png").symlink_to("/tmp")
    Path("good-link.png").symlink_to("000.png")
    return logos


REASONS = {
    "fifo.png": "is not a file but a named pipe",
    "socket.png": "is not a file but a socket",
    "device.png": "is not a file but a link to a device",
    "to-fifo.png": "is not a file but a link to a named pipe",
    "itself.png": "cannot be read (Too many levels of symbolic links)",
    "one.png": "cannot be read (Too many levels of symbolic links)",
    "other.png": "cannot be read (Too many levels of symbolic links)",
    "nothing.png": "is a link to a file that is not there",
}


def reasons(skipped):
    return {Path(error.path).name: error.reason for error in skipped}


def fits(found):
    assert found.keys() == REASONS.keys()
    assert all(found[name].startswith(reason) for name, reason in REASONS.items()), found


def test_they_are_never_opened(folder, monkeypatch):
    opened = []
    real = os.open

    def noted(path, *arguments, **options):
        opened.append(Path(path).name)
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "open", noted)
    for name, reason in REASONS.items():
        for read in (load_image, lambda path: open_regular(path).__enter__()):
            with pytest.raises(ImageError) as caught:
                read(folder / name)
            assert caught.value.reason.startswith(reason)
            assert caught.value.passing
    assert not set(opened) & (REASONS.keys() - {"nothing.png"})


def test_an_index_skips_them_with_a_reason(folder, encoder, tmp_path):
    index = LogoIndex.create(tmp_path / "idx", encoder, words=False)
    report = index.add(folder)
    assert report.added == 3
    fits(reasons(report.skipped))
    again = index.rescan(folder)
    assert (again.added, again.unchanged) == (0, 3)
    fits(reasons(again.skipped))
    Path("fifo.png").unlink()
    draw(8).save("fifo.png")
    assert index.add(folder).added == 1 + 1  # to-fifo.png leads to it
    index.remove(folder)
    assert len(index) == 0


def test_folders_surveys_and_watches_skip_them(folder, encoder, tmp_path):
    found = embed_folder(encoder, folder, cache=tmp_path / "cache")
    assert sorted(Path(path).name for path in found.paths) == [
        "000.png",
        "001.png",
        "good-link.png",
    ]
    fits(reasons(found.skipped))
    for examine in (examine_header, examine_pixels):
        errors = [error for file in find_images(folder) if (error := examine(file)) is not None]
        fits(reasons(errors))
    index = LogoIndex.create(tmp_path / "idx", encoder, words=False)
    index.add(fill(tmp_path / "marks", range(3)))
    fits(reasons(watch(index, folder, Threshold("score", 0.9)).skipped))


def test_the_command_line_ends(folder, encoder, tmp_path):
    encoder.save(tmp_path / "model")
    command = (sys.executable, "-m", "marquery", "embed", folder)
    done = subprocess.run(
        [*command, "--model", tmp_path / "model", "--out", tmp_path / "t.parquet"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "skipped 8" in done.stderr
    named, _ = collect_files([folder / "itself.png", folder])
    assert named == [folder / "itself.png"]
    assert run(["segment", str(folder / "fifo.png"), "--out", str(tmp_path / "s.png")]) == 1


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path, monkeypatch):
    file = tmp_path / "a.png"
    draw(1).save(file)
    state = file.stat()
    file.unlink()
    os.mkfifo(file)
    monkeypatch.setattr(Path, "stat", lambda *_, **__: state)  # it was a file a moment ago
    with pytest.raises(ImageError, match="is not a file but a named pipe"):
        load_image(file)


def test_bytes_that_a_wrong_name_spoils_are_read_under_a_right_one(encoder, tmp_path, monkeypatch):
    logos = tmp_path / "logos"
    logos.mkdir()
    draw(3).save(logos / "b.png")
    for name in ("a.png", "c.png"):
        shutil.copy(logos / "b.png", logos / name)
    real = images_module.load_logo

    def refuses_a_name(source, *arguments):
        if Path(source).name == "a.png":
            raise ImageError(source, "has a name that cannot be")
        return real(source, *arguments)

    monkeypatch.setattr("marquery.index.storage.reading.load_logo", refuses_a_name)
    index = LogoIndex.create(tmp_path / "idx", encoder, words=False)
    report = index.add(logos)
    assert [Path(error.path).name for error in report.skipped] == ["a.png"]
    assert report.added == 2
    paths = [Path(match.path).name for match in index.search(draw(3), k=5)]
    assert paths == ["b.png", "c.png"]


def test_drawings_and_pictures_are_told_by_content(encoder, tmp_path):
    logos = tmp_path / "logos"
    logos.mkdir()
    draw(3).save(logos / "b.png")
    shutil.copy(logos / "b.png", logos / "a.svg")
    shutil.copy(logos / "b.png", logos / "c.jpg")
    index = LogoIndex.create(tmp_path / "idx", encoder, words=False)
    report = index.add(logos)
    assert (report.added, report.skipped) == (3, [])


def statuses(index):
    return {Path(path).name: why for path, why in index.status()["skipped"].items()}


def test_reasons_outside_a_file_are_tried_again_and_others_are_not(encoder, tmp_path, monkeypatch):
    logos = fill(tmp_path / "logos", range(3))
    (logos / "bad.png").write_bytes(b"no image")
    tried = []
    real = images_module.load_logo
    refusals = {"001.png": "needs an extra; run: pip install"}

    def reads(source, *arguments):
        name = Path(source).name
        tried.append(name)
        if name in refusals:
            raise ImageError(source, refusals[name], passing=True)
        return real(source, *arguments)

    monkeypatch.setattr("marquery.index.storage.reading.load_logo", reads)
    index = LogoIndex.create(tmp_path / "idx", encoder, words=False)
    assert sorted(reasons(index.add(logos).skipped)) == ["001.png", "bad.png"]
    assert sorted(statuses(index)) == ["001.png", "bad.png"]
    tried.clear()
    assert sorted(reasons(index.add(logos).skipped)) == ["001.png", "bad.png"]
    assert tried == ["001.png"]
    refusals.clear()
    assert index.add(logos).added == 1
    assert sorted(statuses(index)) == ["bad.png"]
    # Another decoder may read what this one refuses.
    tried.clear()
    monkeypatch.setattr(unreadable, "decoder_versions", lambda: "Pillow 99")
    index.add(logos)
    index.add(logos)
    assert tried == ["bad.png"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_permission_is_given_later(encoder, tmp_path):
    logos = fill(tmp_path / "logos", range(2))
    (logos / "001.png").chmod(0)
    index = LogoIndex.create(tmp_path / "idx", encoder, words=False)
    assert "Permission denied" in reasons(index.add(logos).skipped)["001.png"]
    (logos / "001.png").chmod(0o644)
    assert index.add(logos).added == 1


def test_a_permission_is_given_later_whoever_runs_it(encoder, tmp_path, monkeypatch):
    logos = fill(tmp_path / "logos", range(2))
    real, closed = os.open, {"001.png"}

    def opens(path, *arguments, **options):
        if Path(path).name in closed:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "open", opens)
    index = LogoIndex.create(tmp_path / "idx", encoder, words=False)
    reason = "cannot be read (Permission denied); check the file and its permissions"
    assert reasons(index.add(logos).skipped) == {"001.png": reason}
    closed.clear()
    assert index.add(logos).added == 1
    assert statuses(index) == {}


def test_a_folder_that_cannot_be_listed_is_told_and_its_logos_stay(encoder, tmp_path, monkeypatch):
    logos = fill(tmp_path / "logos", range(2))
    fill(logos / "closed", [5, 6])
    index = LogoIndex.create(tmp_path / "idx", encoder, words=False)
    assert index.add(logos).added == 4
    real = os.scandir

    def lists(path="."):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", lists)
        report = index.rescan(logos)
    assert (report.removed, len(index)) == (0, 4)
    assert reasons(report.skipped) == {"closed": "cannot be listed (Permission denied)"}
    assert index.rescan(logos).unchanged == 4


def test_old_lists_of_skipped_files_are_read(encoder, tmp_path):
    logos = fill(tmp_path / "logos", range(2))
    bad = logos / "bad.png"
    bad.write_bytes(b"no image")
    index = LogoIndex.create(tmp_path / "idx", encoder, words=False)
    state = bad.stat()
    (tmp_path / "idx" / "skipped.json").write_text(
        f'{{"{bad}": [{state.st_size}, {state.st_mtime_ns}, "the old reason"], '
        f'"{logos}/x\\udce9.png": [1, 2, "rename it"]}}'
    )
    assert statuses(index) == {"bad.png": "the old reason", "x\\xe9.png": "rename it"}
    # Which decoder refused it was not written down: it is tried once more.
    assert "the old reason" not in reasons(index.add(logos).skipped).values()
    assert statuses(index).keys() == {"bad.png"}


def test_the_encoder_refuses_them_by_name(folder, encoder):
    with pytest.raises(ImageError, match=r"fifo\.png: is not a file but a named pipe"):
        encoder.embed([folder / "fifo.png"])
    assert encoder.embed([folder / "good-link.png"]).dtype == np.float32
