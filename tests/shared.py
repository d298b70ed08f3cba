"""What the processes of one test run share, so that it is made once."""

import fcntl
import os
import shutil
from pathlib import Path


def run_folder(tmp_path_factory) -> Path:
    """A folder of this run of the tests, the same in each of its processes."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def made_once(tmp_path_factory, name, make) -> Path:
    """A folder that the first process to ask for it fills by ``make(folder)``. Others wait for it.
    Nobody may change what is in it.
    """
    folder = run_folder(tmp_path_factory) / name
    whole = folder.with_name(f"{name}.whole")
    with folder.with_name(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            whole.touch()
    return folder
