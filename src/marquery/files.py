"""Files that are either there and whole, or not there, whenever the process ends."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from marquery.errors import MarqueryError


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
