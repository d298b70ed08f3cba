"""Atomic writing: the old file or the new one, never half of one."""

import errno

import pytest

from marquery.errors import MarqueryError
from marquery.files import write_atomically


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
