"""What examiners keep in one SQLite file: pictures searched for, decisions, saved searches."""

import re
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from marquery.errors import MarqueryError

Verdict = Literal["keep", "dismiss", ""]
VERDICTS: tuple[Verdict, ...] = ("keep", "dismiss", "")

_VERSION = 1
# SQLite's numbers have 64 bits.
_LAST_ID = 2**63 - 1
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SCHEMA = """
CREATE TABLE queries (
    sha256 TEXT PRIMARY KEY, name TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
    added TEXT NOT NULL
);
CREATE TABLE decisions (
    "case" TEXT NOT NULL, path TEXT NOT NULL, logo INTEGER NOT NULL, verdict TEXT NOT NULL,
    note TEXT NOT NULL, reviewer TEXT NOT NULL, changed TEXT NOT NULL,
    PRIMARY KEY ("case", path)
);
CREATE TABLE searches (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, address TEXT NOT NULL, saved TEXT NOT NULL
);
"""


@dataclass(frozen=True)
class StoredQuery:
    """A picture that was searched for; its file lies beside the database."""

    sha256: str
    name: str
    """Of the file as uploaded."""
    width: int
    height: int
    added: str


@dataclass(frozen=True)
class Decision:
    """What a reviewer said of one logo in one case."""

    case: str
    """SHA-256 of the query's picture, or ``logo-ID``."""
    path: str
    """Of the logo: what it is known by, also when the index is built again."""
    logo: int
    verdict: Verdict
    note: str
    reviewer: str
    changed: str
    """UTC, ISO 8601."""


@dataclass(frozen=True)
class SavedSearch:
    """A search under a name."""

    id: int
    name: str
    address: str
    saved: str


@dataclass(frozen=True)
class CaseSummary:
    """How far the review of a case is."""

    case: str
    kept: int
    dismissed: int
    notes: int
    changed: str


class Reviews:
    """The database, opened; every change is on disk when its call returns.

    Raises:
        MarqueryError: the file cannot be opened, or a newer version wrote it.
    """

    def __init__(self, file: Path) -> None:
        self._lock = threading.Lock()
        self.file = file
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")  # on the disk when a call returns
            self._db.execute("PRAGMA busy_timeout = 5000")
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version == 0:
                self._db.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT")
        except (OSError, sqlite3.Error) as error:
            raise MarqueryError(
                f"{file}: the reviews cannot be opened ({error}); check the folder, "
                "or move the file away"
            ) from error
        if version not in (0, _VERSION):
            raise MarqueryError(f"{file}: was written by a newer version; install that one")

    def add_query(self, query: StoredQuery) -> None:
        """Keep a picture's name and size; the first name stays."""
        self._change(
            "INSERT OR IGNORE INTO queries VALUES (?, ?, ?, ?, ?)",
            (query.sha256, query.name, query.width, query.height, query.added),
        )

    def query(self, sha256: str) -> StoredQuery | None:
        """A picture by its hash."""
        found = self._ask("SELECT * FROM queries WHERE sha256 = ?", (sha256,))
        return StoredQuery(*found[0]) if found else None

    def recent_queries(self, most: int = 12) -> list[StoredQuery]:
        """The latest pictures first."""
        rows = self._ask("SELECT * FROM queries ORDER BY added DESC, rowid DESC LIMIT ?", (most,))
        return [StoredQuery(*row) for row in rows]

    def forget_query(self, sha256: str) -> None:
        """Take a picture's name and size away."""
        self._change("DELETE FROM queries WHERE sha256 = ?", (sha256,))

    def referred(self) -> set[str]:
        """SHA-256 of the pictures that a decision or a saved search is about."""
        decided = self._ask('SELECT DISTINCT "case" FROM decisions', ())
        saved = self._ask("SELECT address FROM searches", ())
        return {found for (text,) in (*decided, *saved) for found in _SHA256.findall(text)}

    def decide(self, decision: Decision) -> None:
        """Store what was decided; one that says nothing is taken away."""
        if not decision.verdict and not decision.note:
            self._change(
                'DELETE FROM decisions WHERE "case" = ? AND path = ?',
                (decision.case, decision.path),
            )
            return
        d = decision
        self._change(
            "INSERT OR REPLACE INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?)",
            (d.case, d.path, d.logo, d.verdict, d.note, d.reviewer, d.changed),
        )

    def decisions(self, case: str) -> dict[str, Decision]:
        """All of a case, by the logos' paths."""
        rows = self._ask('SELECT * FROM decisions WHERE "case" = ? ORDER BY changed', (case,))
        return {row[1]: Decision(*row) for row in rows}

    def cases(self, most: int = 50) -> list[CaseSummary]:
        """Cases with decisions, the one changed last first."""
        rows = self._ask(
            "SELECT \"case\", sum(verdict = 'keep'), sum(verdict = 'dismiss'), sum(note != ''), "
            'max(changed) AS last FROM decisions GROUP BY "case" ORDER BY last DESC LIMIT ?',
            (most,),
        )
        return [CaseSummary(*row) for row in rows]

    def save_search(self, name: str, address: str) -> SavedSearch:
        """Keep a search under a name."""
        saved = now()
        with self._using():
            cursor = self._db.execute(
                "INSERT INTO searches (name, address, saved) VALUES (?, ?, ?)",
                (name, address, saved),
            )
            return SavedSearch(int(cursor.lastrowid or 0), name, address, saved)

    def searches(self) -> list[SavedSearch]:
        """The latest first."""
        rows = self._ask("SELECT id, name, address, saved FROM searches ORDER BY id DESC", ())
        return [SavedSearch(*row) for row in rows]

    def forget_search(self, number: int) -> bool:
        """Take a saved search away; whether there was one."""
        if not 0 <= number <= _LAST_ID:
            return False
        return self._change("DELETE FROM searches WHERE id = ?", (number,)) > 0

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _ask(self, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with self._using():
            return self._db.execute(sql, values).fetchall()

    def _change(self, sql: str, values: Sequence[object]) -> int:
        with self._using():
            return self._db.execute(sql, values).rowcount

    @contextmanager
    def _using(self) -> Iterator[None]:
        """Use the database alone; a change that fails leaves it as it was.

        Raises:
            MarqueryError: the disk is full or for reading only, or the file is damaged.
        """
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise MarqueryError(
                    f"{self.file}: the reviews cannot be used ({error}); free some space, or check "
                    "the folder"
                ) from error


def now() -> str:
    """The time in UTC, to the second, as ISO 8601 writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
