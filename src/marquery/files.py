"""Files written whole or not at all, files that tell whether they changed, and locks between
processes.
"""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from marquery.errors import ImageError, MarqueryError


@dataclass(frozen=True)
class Stamp:
    """Shows that a file has changed, without reading it."""

    size: int
    """Bytes."""
    modified: int
    """Nanoseconds since 1970."""


def stamp_of(path: Path) -> Stamp | None:
    """The stamp of a file; None if it is not there."""
    try:
        state = path.stat()
    except OSError:
        return None
    return Stamp(state.st_size, state.st_mtime_ns)


@contextmanager
def open_regular(path: Path) -> Iterator[BufferedReader]:
    """Open a file of a stranger for reading; nothing but a regular file is opened.

    A pipe has no end, a device may do anything: what a path leads to is asked for before it is
    opened, and once more of what was opened.

    Raises:
        ImageError: it is not there, not a regular file, or cannot be opened or read.
    """
    try:
        _check_regular(path, path.stat())
        # Not to wait, should a pipe have taken the file's place.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags | getattr(os, "O_NOCTTY", 0)), "rb") as file:
            _check_regular(path, os.fstat(file.fileno()))
            yield file
    except FileNotFoundError as error:
        what = "is a link to a file that is not there" if path.is_symlink() else "no such file"
        raise ImageError(path, what, passing=True) from error
    except OSError as error:
        raise ImageError(
            path, f"cannot be read ({error.strerror or error})", passing=True
        ) from error


def why_unreadable(path: Path) -> ImageError:
    """Why a file cannot be opened that a folder lists: it is a link to nothing, or to itself."""
    try:
        with open_regular(path):
            return ImageError(path, "could not be read; try again", passing=True)
    except ImageError as error:
        return error


def _check_regular(path: Path, state: os.stat_result) -> None:
    if stat.S_ISREG(state.st_mode):
        return
    kinds = {stat.S_IFDIR: "folder", stat.S_IFIFO: "named pipe", stat.S_IFSOCK: "socket"}
    kind = kinds.get(stat.S_IFMT(state.st_mode), "device")
    link = "a link to a" if path.is_symlink() else "a"
    raise ImageError(path, f"is not a file but {link} {kind}; it was not opened", passing=True)


@contextmanager
def exclusive_lock(lock: Path, refusal: str) -> Iterator[None]:
    """Hold a lock that only one process can hold; it ends with the process, however that ends.

    On systems without ``flock`` nothing is locked.

    Args:
        lock: the lock's file, made if need be; its folder exists.
        refusal: message of the error, which names what is being written and what to do.

    Raises:
        MarqueryError: another process holds it.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise MarqueryError(refusal) from error
        yield


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a scratch path beside ``path`` that takes its place when the block ends well.

    The scratch file keeps the ending, by which some writers choose the format.
    """
    scratch = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        yield scratch
        scratch.replace(path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a scratch file, which takes the place of ``path`` only when it is whole.

    Folders on the way are made.

    Raises:
        MarqueryError: the disk is full or the place cannot be written; nothing is left behind.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as scratch:
            write(scratch)
    except OSError as error:
        raise MarqueryError(
            f"{path}: cannot be written ({error.strerror or error}); "
            "free some space or choose another place"
        ) from error
