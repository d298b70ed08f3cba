"""How a command's process ends: with its exit code, whatever threads of libraries still do."""

import atexit
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn


def run_and_leave(run: Callable[[], int]) -> NoReturn:
    """Call ``run`` and end the process with the code that it returns.

    Threads of the table store may still hand back a result when the command is done. One that does
    so while the interpreter is being taken down aborts the process, after all work was done well.
    So everything that is registered for the end takes place, threads that were started to be waited
    for are, the output is flushed, and then the process ends without that last step.

    Args:
        run: the command; returns its exit code.
    """
    codes = [1]  # of an error that is not caught; Python prints it before this is read
    # What is registered first is called last: after all that libraries have registered.
    atexit.register(_end_at_once, codes)
    codes[0] = run()
    sys.exit(codes[0])


def _end_at_once(codes: list[int]) -> None:
    for stream in (sys.stdout, sys.stderr):
        # Closed by the reader, as `| head` does.
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(codes[0])
