"""What a long job says on stderr while it runs; results go to stdout and are the command line's
affair.
"""

import os
import sys
from collections.abc import Callable, Sequence

from marquery.errors import ImageError

#: Called with the number of things done since the last call.
Progress = Callable[[int], object]
#: Called with the number of things to do; gives what is to be called as they are done.
ProgressStart = Callable[[int], Progress]

#: Skipped files that are named one by one; of more only the number is told.
_NAMED = 10


def say(message: object) -> None:
    """Print one line to stderr; of several processes under torchrun only the first one speaks."""
    if is_first_process():
        print(message, file=sys.stderr, flush=True)


def is_first_process() -> bool:
    """Whether this is the only process of a job, or the first that torchrun started."""
    return os.environ.get("RANK", "0") == "0"


def say_skipped(skipped: Sequence[ImageError]) -> None:
    """Name the files that were left out, and why."""
    for error in skipped[:_NAMED]:
        say(f"  {error}")
    if len(skipped) > _NAMED:
        say(f"  … and {len(skipped) - _NAMED} more")
    if skipped:
        say(f"skipped {len(skipped)}")
