"""The SQLite file that keeps examiners' work: opened, brought up to date, and changed whole or
not at all.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from marquery.errors import MarqueryError

#: What each version of the file added, in order: an older file is brought up to date when opened.
_VERSIONS = (
    """
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
""",
    """
ALTER TABLE decisions ADD COLUMN sha256 TEXT NOT NULL DEFAULT '';
ALTER TABLE decisions ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
CREATE TABLE cases (
    "case" TEXT PRIMARY KEY, name TEXT NOT NULL DEFAULT '', reference TEXT NOT NULL DEFAULT '',
    owner TEXT NOT NULL DEFAULT '', closed INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL DEFAULT 0, changed TEXT NOT NULL DEFAULT '',
    described INTEGER NOT NULL DEFAULT 0, described_by TEXT NOT NULL DEFAULT ''
);
CREATE TABLE history (
    id INTEGER PRIMARY KEY, "case" TEXT NOT NULL, revision INTEGER NOT NULL, path TEXT NOT NULL,
    reviewer TEXT NOT NULL, changed TEXT NOT NULL, old_verdict TEXT NOT NULL,
    old_note TEXT NOT NULL, verdict TEXT NOT NULL, note TEXT NOT NULL
);
CREATE INDEX history_of_a_logo ON history ("case", path, revision);
CREATE TABLE comments (
    id INTEGER PRIMARY KEY, "case" TEXT NOT NULL, author TEXT NOT NULL, written TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX comments_of_a_case ON comments ("case", id);
CREATE TABLE queues (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, made TEXT NOT NULL
);
CREATE TABLE queued (
    queue INTEGER NOT NULL, place INTEGER NOT NULL, "case" TEXT NOT NULL,
    PRIMARY KEY (queue, place), UNIQUE (queue, "case")
);
""",
    """
ALTER TABLE history ADD COLUMN old_sha256 TEXT NOT NULL DEFAULT '';
ALTER TABLE history ADD COLUMN sha256 TEXT NOT NULL DEFAULT '';
""",
    """
CREATE TABLE displaced (
    "case" TEXT NOT NULL, path TEXT NOT NULL, logo INTEGER NOT NULL, verdict TEXT NOT NULL,
    note TEXT NOT NULL, reviewer TEXT NOT NULL, changed TEXT NOT NULL, sha256 TEXT NOT NULL,
    revision INTEGER NOT NULL, PRIMARY KEY ("case", path, sha256)
);
""",
)


class Database:
    """The file, opened; every change is on disk when its call returns.

    Raises:
        MarqueryError: the file cannot be opened, or a newer version wrote it.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lock = threading.RLock()
        newest = len(_VERSIONS)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")  # on the disk when a call returns
            self._db.execute("PRAGMA busy_timeout = 5000")
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version < newest:
                version = self._bring_up_to_date()
        except (OSError, sqlite3.Error) as error:
            raise MarqueryError(
                f"{file}: the reviews cannot be opened ({error}); check the folder, "
                "or move the file away"
            ) from error
        if version > newest:
            raise MarqueryError(f"{file}: was written by a newer version; install that one")

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        with self._using():
            return self._db.execute(sql, values).fetchall()

    def change(self, sql: str, *values: object) -> int:
        """Change rows; how many."""
        with self._using():
            return self._db.execute(sql, values).rowcount

    def insert(self, sql: str, *values: object) -> int:
        """Add a row; its number."""
        with self._using():
            return int(self._db.execute(sql, values).lastrowid or 0)

    def insert_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Add rows."""
        with self._using():
            self._db.executemany(sql, rows)

    @contextmanager
    def whole(self) -> Iterator[None]:
        """What is done within is done whole or not at all, and nobody writes in between.

        Raises:
            MarqueryError: the file cannot be used.
        """
        with self._lock:
            with self._using():
                self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                with self._using():
                    self._db.execute("COMMIT")
            except BaseException:
                self._db.rollback()
                raise

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _bring_up_to_date(self) -> int:
        """Another server may do the same at once: what is to be done is read within."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            for script in _VERSIONS[version:]:
                for statement in filter(str.strip, script.split(";")):
                    self._db.execute(statement)
            version = max(version, len(_VERSIONS))
            self._db.execute(f"PRAGMA user_version = {version}")
            self._db.execute("COMMIT")
        except BaseException:
            self._db.rollback()
            raise
        return int(version)

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
