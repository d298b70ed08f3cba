"""A disk that cannot be written, as one sentence."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from marquery.errors import MarqueryError


@contextmanager
def disk_errors(root: Path) -> Iterator[None]:
    """Turn a disk that cannot be written into one sentence.

    Args:
        root: the folder that is written.

    Raises:
        MarqueryError: it is full, or cannot be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise MarqueryError(
                f"the disk is full, {root} is not finished; make room (about 250 MB) and run it "
                "again"
            ) from error
        raise MarqueryError(
            f"{error.filename or root} cannot be written ({error.strerror or error}); "
            "name another folder or mend this one"
        ) from error
