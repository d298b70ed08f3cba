"""What keeps the open benchmark from being built."""

import errno
from functools import partial

from .cases import Case
from .file_cases import failing

failed = partial(Case, code=1)
BUILD = "data openlogos o --from tarballs"
FETCH = "marquery.datasets.openlogos.fetch"


def no_npm(patch):
    patch.setattr("shutil.which", lambda name: None)
    patch.setattr("sys.executable", "/nowhere/python")


def npm(program):
    """That program is called in place of npm."""
    return lambda patch: patch.setattr(f"{FETCH}.find_npm", lambda: program)


def unchecked(patch):
    patch.setattr(f"{FETCH}._check_integrity", lambda *_: None)


DOWNLOAD_CASES = [
    failed("data openlogos o", None, "npm was not found", "pip install nodejs", given=no_npm),
    failed(
        "data openlogos o1",
        None,
        "([Errno 2] No such file or directory: '/nowhere/npm')",
        "or name a folder of tarballs",
        given=npm("/nowhere/npm"),
    ),
    failed("data openlogos o2", None, "npm could not", "check the network", given=npm("false")),
    failed(f"{BUILD} ", None, "no readable icon set (", "remove the file", given=unchecked),
    failed(
        f"{BUILD} --jobs 1",
        None,
        "cannot be read (Input/output error)",
        "put the tarball there again",
        given=failing(f"{FETCH}.integrity_of", OSError(errno.EIO, "Input/output error")),
    ),
    failed(
        f"{BUILD} --jobs 2",
        None,
        "the disk is full, o is not finished",
        "make room",
        given=failing("marquery.datasets.openlogos.build._collect", OSError(errno.ENOSPC, "full")),
    ),
]
