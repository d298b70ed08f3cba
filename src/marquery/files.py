"""Files written whole or not at all, files that tell whether they changed, and locks between
processes.
"""

import contextlib
import errno
import itertools
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from marquery.errors import ImageError, MarqueryError

# .NAME.PROCESS-NUMBER.ENDING: a file that is being written.
_SCRATCH = re.compile(r"\.(?P<stem>.+)\.\d+(?:-\d+)?(?P<ending>(?:\.[^.]*)?)", re.DOTALL)
_NUMBERS = itertools.count()
_LONGEST_REASON = 200


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
        raise ImageError(path, f"{what}; check the name", passing=True) from error
    except OSError as error:
        raise ImageError(
            path,
            f"cannot be read ({error.strerror or error}); check the file and its permissions",
            passing=True,
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
    raise ImageError(
        path, f"is not a file but {link} {kind} and was not opened; name an image", passing=True
    )


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
def _flock(lock: Path, *, together: bool) -> Iterator[None]:
    """Hold a lock together with others, if that can be at once, or alone, as soon as that can
    be.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    with lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB if together else fcntl.LOCK_EX)
        yield


@contextmanager
def waited_lock(lock: Path) -> Iterator[None]:
    """Hold a lock that no other process holds in either way, once it can be had."""
    with _flock(lock, together=False):
        yield


@contextmanager
def shared_lock(lock: Path) -> Iterator[bool]:
    """Hold a lock together with others who hold it so; whether it could be had at once.

    Where its file cannot be written, nothing is locked: nor can what it protects be written.
    """
    with ExitStack() as held:
        try:
            held.enter_context(_flock(lock, together=True))
        except BlockingIOError:
            yield False
            return
        except OSError:
            pass
        yield True


@contextmanager
def written_whole(path: Path, *, lasting: bool = True) -> Iterator[Path]:
    """Give a scratch path beside ``path`` that takes its place when the block ends well.

    The scratch file keeps the ending, by which some writers choose the format. Killed at any
    moment, the process leaves the old file or the new one, and perhaps a scratch file, which the
    next write of the same file clears away.

    Args:
        path: the file.
        lasting: whether the new file is on the disk, and not only in the system's memory, when the
            block has ended, so that it outlives a power cut. What can be made again and consists of
            very many files had better not ask for it, and call ``os.sync`` once at its end.

    Raises:
        OSError: the disk is full or the place cannot be written; the old file stays.
    """
    if lasting:
        _clear(path.parent, lambda name: _scratched(name) == path.name)
    scratch = path.with_name(f".{path.stem}.{os.getpid()}-{next(_NUMBERS)}{path.suffix}")
    held: int | None = None
    try:
        held = _hold(scratch) if lasting else None
        yield scratch
        if lasting:
            _to_disk(scratch)
        scratch.replace(path)
        if lasting:
            _to_disk(path.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)
        raise
    finally:
        if held is not None:
            os.close(held)


def _scratched(name: str) -> str | None:
    """Name of the file that a scratch file was to become; None if it is none."""
    found = _SCRATCH.fullmatch(name)
    return None if found is None else found["stem"] + found["ending"]


def _clear(folder: Path, is_meant: Callable[[str], bool]) -> None:
    with contextlib.suppress(OSError):  # what cannot be tidied harms nobody
        for entry in os.scandir(folder):
            if entry.name.startswith(".") and is_meant(entry.name):
                _delete_if_free(Path(entry.path))


def _hold(scratch: Path) -> int | None:
    """Show that a scratch file is in use for as long as the process lives, whatever ends it."""
    try:
        import fcntl
    except ImportError:
        return None
    held = os.open(scratch, os.O_RDWR | os.O_CREAT, 0o666)
    with contextlib.suppress(OSError):  # a file system without locks
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return held


def _delete_if_free(scratch: Path) -> None:
    try:
        import fcntl
    except ImportError:
        return
    with contextlib.suppress(OSError):
        opened = os.open(scratch, os.O_RDONLY | os.O_NONBLOCK)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            scratch.unlink()
        finally:
            os.close(opened)


def _to_disk(path: Path) -> None:
    """Wait until a file's content, or a folder's names, are on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # a file system that cannot be asked
            raise
    finally:
        os.close(opened)


def write_atomically(path: Path, write: Callable[[Path], object], *, lasting: bool = True) -> None:
    """Let ``write`` fill a scratch file, which takes the place of ``path`` only when it is whole.

    Folders on the way are made.

    Args:
        path: the file.
        write: gets the scratch file's path.
        lasting: see :func:`written_whole`.

    Raises:
        MarqueryError: the disk is full or the place cannot be written; nothing is left behind.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path, lasting=lasting) as scratch:
            write(scratch)
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: BaseException) -> MarqueryError:
    """What to tell of a place that cannot be written, such as a full disk or one for reading only.

    Args:
        path: of the file.
        error: of the system, or of a library that says it in its own words.
    """
    said = getattr(error, "strerror", None) or " ".join(str(error).split())[:_LONGEST_REASON]
    return MarqueryError(
        f"{path}: cannot be written ({said}); free some space or choose another place"
    )
