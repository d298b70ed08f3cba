"""Files written whole or not at all, files that tell whether they changed, and locks between
processes.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from marquery.errors import MarqueryError


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
