"""Files of an index's folders that could not be read: which are tried again, and when."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from marquery.decoding import decoder_versions
from marquery.errors import ImageError
from marquery.files import Stamp, write_atomically
from marquery.json_text import parse_json
from marquery.names import as_unicode

_FILE = "skipped.json"


@dataclass(frozen=True)
class Unreadable:
    """What is known of a file that could not be read."""

    stamp: Stamp
    """Of the file, when it was tried."""
    reason: str
    decoders: str
    """The decoders that it was tried with; empty where the reason lay outside the file."""

    @classmethod
    def of(cls, stamp: Stamp, error: ImageError) -> "Unreadable":
        """A file that was just tried."""
        return cls(stamp, error.reason, "" if error.passing else decoder_versions())

    def is_final(self, stamp: Stamp) -> bool:
        """Whether it would be in vain to try the file again as it is now: it has not changed, and
        neither have the decoders; a reason outside the file may pass at any time.
        """
        return self.stamp == stamp and self.decoders == decoder_versions()


def read_unreadable(folder: Path) -> dict[str, Unreadable]:
    """The list that is kept in an index's folder, by the files' paths as text."""
    try:
        raw = parse_json((folder / _FILE).read_text())
        return {
            as_unicode(path): Unreadable(Stamp(size, time), reason, str(*decoders))
            for path, (size, time, reason, *decoders) in raw.items()
        }
    except (OSError, ValueError, AttributeError, TypeError):
        return {}  # a damaged list only means that they are tried again


def write_unreadable(folder: Path, files: Mapping[str, Unreadable]) -> None:
    """Keep the list."""
    raw = {
        path: [file.stamp.size, file.stamp.modified, file.reason, file.decoders]
        for path, file in sorted(files.items())
    }
    write_atomically(folder / _FILE, lambda p: p.write_text(json.dumps(raw, indent=1) + "\n"))
