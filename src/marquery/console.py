"""What is printed: results on stdout, what a long job says while it runs on stderr.

Names of files and what stands in them come from strangers. Whatever is printed goes through here,
so that no control sequence of theirs reaches a terminal, and a message stays one line.
"""

import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, TextIO

from marquery.errors import ImageError
from marquery.names import printable, printable_lines

#: Called with the number of things done since the last call.
Progress = Callable[[int], object]
#: Called with the number of things to do; gives what is to be called as they are done.
ProgressStart = Callable[[int], Progress]

#: Skipped files that are named one by one; of more only the number is told.
_NAMED = 10


def say(message: object) -> None:
    """Print one line to stderr; of several processes under torchrun only the first one speaks."""
    if is_first_process():
        complain(message)


def complain(message: object) -> None:
    """Print one line to stderr, whichever process this is."""
    _print(printable(message), sys.stderr)


def complain_at_length(text: object) -> None:
    """Print text of several lines to stderr: a command's help, where an error came from."""
    _print(printable_lines(text), sys.stderr)


def tell(result: object) -> None:
    """Print one line of a result to stdout."""
    _print(printable(result), sys.stdout)


def tell_json(value: Any, indent: int = 2) -> None:
    """Print a result to stdout as JSON, in ASCII.

    Args:
        value: what JSON knows.
        indent: spaces of each level.
    """
    # The one control character that JSON leaves as it is.
    _print(json.dumps(value, indent=indent).replace("\x7f", "\\u007f"), sys.stdout)


def _print(text: str, stream: TextIO) -> None:
    try:
        print(text, file=stream, flush=True)
    except UnicodeEncodeError:  # a terminal or pipe of another encoding
        encoding = stream.encoding or "ascii"
        shown = text.encode(encoding, "backslashreplace").decode(encoding)
        print(shown, file=stream, flush=True)


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
