"""Atomic writing: the old file or the new one, never half of one."""

import errno
import os
import stat
import subprocess
import sys

import pytest

from marquery.errors import MarqueryError
from marquery.files import exclusive_lock, stamp_of, write_atomically, written_whole


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "a.txt"
    write_atomically(target, lambda p: p.write_text("old"))

    def full_disk(path):
        path.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(MarqueryError, match=r"a\.txt.*No space left.*free some space"):
        write_atomically(target, full_disk)
    assert target.read_text() == "old"
    assert [f.name for f in tmp_path.iterdir()] == ["a.txt"]


def test_a_crash_of_the_writer_cleans_up_too(tmp_path):
    def crash(path):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "new" / "a.txt", crash)
    assert list((tmp_path / "new").iterdir()) == []


def test_finished_files_have_ordinary_permissions(tmp_path):
    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    write_atomically(tmp_path / "a", lambda p: p.write_text("x"))
    assert (tmp_path / "a").stat().st_mode == ordinary.stat().st_mode


def test_a_disk_that_fills_up_is_one_sentence_for_every_writer(tmp_path):
    """A real limit on the size of files, in a process of its own: torch and safetensors
    included.
    """
    script = """
import resource, signal, sys, torch
from pathlib import Path
from marquery.encoder import LogoEncoder
from marquery.errors import MarqueryError
from marquery.training.checkpoint import save_checkpoint
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
encoder = LogoEncoder.create("mobilenetv3_small_050", 16, image_size=32, pretrained=False)
for write in (
    lambda: save_checkpoint(Path(sys.argv[1]), {"x": torch.zeros(100_000)}),
    lambda: encoder.save(Path(sys.argv[1])),
):
    try:
        write()
    except MarqueryError as error:
        print("told:", error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "run")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("told:") == 2
    assert list((tmp_path / "run").iterdir()) == []


def test_a_stamp_changes_with_a_file(tmp_path):
    file = tmp_path / "a"
    assert stamp_of(file) is None
    file.write_text("a")
    before = stamp_of(file)
    assert before == stamp_of(file)
    file.write_text("ab")
    assert stamp_of(file) != before


def test_a_lock_is_held_once(tmp_path):
    lock = tmp_path / "lock"
    second = exclusive_lock(lock, "busy")
    with exclusive_lock(lock, "not raised"), pytest.raises(MarqueryError, match="busy"):
        second.__enter__()
    with exclusive_lock(lock, "busy"):
        pass


WRITES_AND_IS_KILLED = """
import os, signal, sys
from pathlib import Path
from marquery.files import written_whole
with written_whole(Path(sys.argv[1])) as scratch:
    scratch.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_writer_left_is_cleared_by_the_next_write_of_that_file(tmp_path):
    target, other = tmp_path / "a.b.json", tmp_path / "b.json"
    for path in (target, other):
        path.write_text("old")
        subprocess.run([sys.executable, "-c", WRITES_AND_IS_KILLED, str(path)])
        assert path.read_text() == "old"
    (tmp_path / ".a.b.4711.json").write_text("of an older version of this library")
    (tmp_path / ".hidden.json").write_text("somebody's")
    assert len(list(tmp_path.iterdir())) == 6
    write_atomically(target, lambda p: p.write_text("new"))
    names = {file.name for file in tmp_path.iterdir()}
    assert target.read_text() == "new"
    assert {"a.b.json", "b.json", ".hidden.json"} < names
    assert len(names) == 4, names  # that of b.json is cleared when b.json is written
    write_atomically(other, lambda p: p.write_text("new"))
    assert {f.name for f in tmp_path.iterdir()} == {"a.b.json", "b.json", ".hidden.json"}


def test_a_writer_at_work_is_not_disturbed(tmp_path):
    target = tmp_path / "a.json"
    with written_whole(target) as scratch:
        scratch.write_text("first")
        write_atomically(target, lambda p: p.write_text("second"))
        assert scratch.read_text() == "first"
    assert target.read_text() == "first"
    assert [f.name for f in tmp_path.iterdir()] == ["a.json"]


def test_content_is_on_the_disk_before_the_name_and_the_name_before_the_end(tmp_path, monkeypatch):
    done = []
    real = os.fsync

    def fsync(opened):
        done.append("folder" if stat.S_ISDIR(os.fstat(opened).st_mode) else "file")
        assert (tmp_path / "a").exists() is (done[-1] == "folder")
        real(opened)

    monkeypatch.setattr(os, "fsync", fsync)
    write_atomically(tmp_path / "a", lambda p: p.write_text("x"))
    assert done == ["file", "folder"]
    write_atomically(tmp_path / "b", lambda p: p.write_text("x"), lasting=False)
    assert done == ["file", "folder"]
