"""Atomic writing: the old file or the new one, never half of one."""

import errno
import subprocess
import sys

import pytest

from marquery.errors import MarqueryError
from marquery.files import exclusive_lock, stamp_of, write_atomically


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
