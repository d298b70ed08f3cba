"""Conflicts reported before, stored beside the index in ``watch.sqlite``."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from marquery.errors import MarqueryError

FILE = "watch.sqlite"
#: Name and SHA-256 of a new logo's file, name and SHA-256 of the mark's file.
Pair = tuple[str, str, str, str]
_TABLE = """
CREATE TABLE IF NOT EXISTS reported (
    new_name TEXT, new_sha256 TEXT, mark_name TEXT, mark_sha256 TEXT, first TEXT NOT NULL,
    PRIMARY KEY (new_name, new_sha256, mark_name, mark_sha256)
) WITHOUT ROWID
"""
_FIRST = (
    "SELECT first FROM reported WHERE new_name = ? AND new_sha256 = ? AND mark_name = ? "
    "AND mark_sha256 = ?"
)


class Memory:
    """Pairs of a new logo and a mark that were reported, with the date of the first report.

    Files are known by name and content, wherever they lie: the same filing delivered again is no
    news, the same picture under another name is, and so is a file whose picture changed.
    """

    def __init__(self, index: Path) -> None:
        self.path = index / FILE

    def first(self, pair: Pair) -> datetime | None:
        """When a pair was first reported; None if it never was."""
        return self.reported([pair]).get(pair)

    def reported(self, pairs: Iterable[Pair]) -> dict[Pair, datetime]:
        """When pairs were first reported; those that never were are left out."""
        if not self.path.is_file():
            return {}
        found = {}
        with self._open() as db:
            for pair in pairs:
                row = db.execute(_FIRST, pair).fetchone()
                if row is not None:
                    found[pair] = datetime.fromisoformat(row[0])
        return found

    def remember(self, pairs: Sequence[Pair], when: datetime) -> None:
        """Store pairs as reported, all or none; pairs that were reported before keep their date."""
        stamp = when.astimezone(UTC).isoformat(timespec="seconds")
        with self._open() as db, db:
            db.execute(_TABLE)
            db.executemany(
                "INSERT OR IGNORE INTO reported VALUES (?, ?, ?, ?, ?)",
                [(*pair, stamp) for pair in pairs],
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=30)) as db:
                yield db
        except sqlite3.Error as error:
            raise MarqueryError(
                f"{self.path}: cannot be used ({error}); move it away to have everything reported "
                "again"
            ) from error
