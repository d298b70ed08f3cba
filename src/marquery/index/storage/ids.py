"""The ids of an index's logos: none is ever given twice, whatever was removed.

Decisions, notes and reports of others name a logo by its id; so the first id that was never given
is kept beside the table, and written before any row that takes one.
"""

import json
import zlib
from pathlib import Path

from marquery.errors import MarqueryError
from marquery.files import write_atomically
from marquery.json_text import parse_json

_FILE = "ids.json"


class IdCounter:
    """The counter of one index; to be used by the one who writes.

    Args:
        folder: of the index.
        least: an id that is not lower than any that is stored, for indices of older versions, which
            have no counter.

    Raises:
        MarqueryError: the counter's file is damaged.
    """

    def __init__(self, folder: Path, least: int) -> None:
        self._file = folder / _FILE
        self._kept = _read(self._file)
        self.next = max(self._kept, least)

    def take(self) -> int:
        """An id for a new logo; :meth:`keep` before it is stored."""
        self.next += 1
        return self.next - 1

    def keep(self) -> None:
        """Write down which ids are given, if any was since the last time."""
        if self.next > self._kept:
            # The check tells a damaged number from a true one.
            body = json.dumps({"next": self.next, "check": _check(self.next)})
            write_atomically(self._file, lambda path: path.write_text(body + "\n"))
            self._kept = self.next


def _read(file: Path) -> int:
    try:
        raw = parse_json(file.read_text())
        following = raw["next"]
        if raw["check"] == _check(following):
            return int(following)
    except FileNotFoundError:
        return 0
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise MarqueryError(
        f"{file}: is damaged, so it cannot be told which ids were given; put it back from a "
        "backup, or build the index again"
    )


def _check(following: object) -> int:
    return zlib.crc32(f"ids below {following} were given".encode())
