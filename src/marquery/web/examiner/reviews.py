"""What examiners keep: pictures searched for, decisions with their history, saved searches."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from marquery.errors import MarqueryError
from marquery.web.examiner.database import Database, now

Verdict = Literal["keep", "dismiss", ""]

# SQLite's numbers have 64 bits.
_LAST_ID = 2**63 - 1
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DID = {"keep": "kept it", "dismiss": "dismissed it", "": "took the decision back"}


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
    sha256: str = ""
    """Of the logo's file when it was decided; empty in files of the first version."""
    revision: int = field(default=0, compare=False)
    """Of the case, at which this was decided; decisions are equal whenever they were taken."""


@dataclass(frozen=True)
class Change:
    """One change of a decision, as the history keeps it."""

    revision: int
    path: str
    reviewer: str
    changed: str
    old_verdict: Verdict
    old_note: str
    verdict: Verdict
    note: str
    old_sha256: str = ""
    """Of the file that the decision of before was about; empty if there was none."""


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


class ConflictError(MarqueryError):
    """Somebody else changed it since it was looked at; nothing was stored."""

    @classmethod
    def of(cls, change: Change) -> "ConflictError":
        """The refusal that names who changed a decision, how and when."""
        did = _DID[change.verdict]
        if change.verdict == change.old_verdict:
            did = "wrote a note" if change.note else "took the note back"
        said = f" ({change.note[:80]})" if change.note != change.old_note and change.note else ""
        return cls(
            f"{change.reviewer or 'somebody'} {did}{said} at {change.changed[11:16]} UTC, after "
            "this was shown; look at it as it is now, then decide again"
        )


class Reviews:
    """Decisions, pictures and saved searches, in the database beside the index."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.db = Database(file)

    def add_query(self, query: StoredQuery) -> None:
        """Keep a picture's name and size; the first name stays."""
        q = query
        self.db.change(
            "INSERT OR IGNORE INTO queries VALUES (?, ?, ?, ?, ?)",
            *(q.sha256, q.name, q.width, q.height, q.added),
        )

    def query(self, sha256: str) -> StoredQuery | None:
        """A picture by its hash."""
        found = self.db.ask("SELECT * FROM queries WHERE sha256 = ?", sha256)
        return StoredQuery(*found[0]) if found else None

    def recent_queries(self, most: int = 12) -> list[StoredQuery]:
        """The latest pictures first."""
        rows = self.db.ask("SELECT * FROM queries ORDER BY added DESC, rowid DESC LIMIT ?", most)
        return [StoredQuery(*row) for row in rows]

    def forget_query(self, sha256: str) -> None:
        """Take a picture's name and size away."""
        self.db.change("DELETE FROM queries WHERE sha256 = ?", sha256)

    def referred(self) -> set[str]:
        """SHA-256 of the pictures that a decision, a case, a queue or a saved search is about."""
        texts = self.db.ask(
            'SELECT "case" FROM decisions UNION SELECT "case" FROM displaced '
            'UNION SELECT "case" FROM cases WHERE described '
            'UNION SELECT "case" FROM comments UNION SELECT "case" FROM queued '
            "UNION SELECT address FROM searches"
        )
        return {found for (text,) in texts for found in _SHA256.findall(text)}

    def revision(self, case: str) -> int:
        """How often anything was decided in a case; what a page has seen of it."""
        found = self.db.ask('SELECT revision FROM cases WHERE "case" = ?', case)
        return int(found[0][0]) if found else 0

    def decide(self, decision: Decision, seen: int | None = None) -> Decision:
        """Store what was decided, and what stood there before; one that says nothing is taken away.

        Args:
            decision: what is to stand there.
            seen: revision of the case at which the reviewer looked at the logo; None: whatever it
                was.

        Returns:
            The decision with its revision.

        Raises:
            ConflictError: the logo's decision was changed since.
        """
        return self.decide_all([decision], seen)[0]

    def decide_all(
        self,
        decisions: Sequence[Decision],
        seen: int | None = None,
        moved: Sequence[tuple[Decision, str]] = (),
    ) -> list[Decision]:
        """Store several decisions of one case, all or none; see :meth:`decide`.

        Args:
            decisions: at least one, all of one case.
            seen: revision of the case at which the reviewer looked at the logos; None: whatever it
                was.
            moved: decisions whose logos lie elsewhere now, and where.
        """
        case = decisions[0].case
        with self.db.whole():
            self._move(moved)
            if seen is not None:
                paths = {decision.path for decision in decisions}
                for change in self.history(case, seen):
                    if change.path in paths:
                        raise ConflictError.of(change)
            self.db.change('INSERT OR IGNORE INTO cases ("case") VALUES (?)', case)
            return [self._store(decision) for decision in decisions]

    def _move(self, moved: Sequence[tuple[Decision, str]]) -> None:
        """Keep decisions, with their history, by the paths of their logos now: at the old ones may
        lie other logos, to be decided about for themselves.
        """
        for d, _ in moved:
            self._take(d)
        for d, new in moved:
            self._write("decisions", replace(d, path=new), d.revision)
            self.db.change(
                'UPDATE history SET path = ? WHERE "case" = ? AND path = ? AND sha256 = ?',
                *(new, d.case, d.path, d.sha256),
            )

    def _take(self, d: Decision) -> None:
        """Take a decision out of where it is stored."""
        for table in ("decisions", "displaced"):
            self.db.change(
                f'DELETE FROM {table} WHERE "case" = ? AND path = ? AND sha256 = ?',
                *(d.case, d.path, d.sha256),
            )

    def _write(self, table: str, d: Decision, revision: int) -> None:
        self.db.change(
            f"INSERT OR REPLACE INTO {table} "
            '("case", path, logo, verdict, note, reviewer, changed, sha256, revision) '
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(d.case, d.path, d.logo, d.verdict, d.note, d.reviewer, d.changed, d.sha256),
            revision,
        )

    def _store(self, decision: Decision) -> Decision:
        d = decision
        at_path = [o for o in self.all_decisions(d.case) if o.path == d.path]
        before = next(
            (o for o in at_path if "" in (o.sha256, d.sha256) or o.sha256 == d.sha256), None
        )
        self.db.change(
            'UPDATE cases SET revision = revision + 1, changed = ? WHERE "case" = ?',
            *(d.changed, d.case),
        )
        revision = self.revision(d.case)
        old = before or Decision(d.case, d.path, d.logo, "", "", "", "")
        self.db.change(
            'INSERT INTO history ("case", revision, path, reviewer, changed, old_verdict, '
            "old_note, verdict, note, old_sha256, sha256) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(d.case, revision, d.path, d.reviewer, d.changed, old.verdict, old.note),
            *(d.verdict, d.note, old.sha256, d.sha256),
        )
        if before is not None:
            self._take(before)
        if d.verdict or d.note:
            # What lay there before was another picture: it was decided about for itself.
            for other in at_path:
                if other is not before:
                    self._take(other)
                    self._write("displaced", other, other.revision)
            self._write("decisions", d, revision)
        return replace(d, revision=revision)

    def all_decisions(self, case: str) -> list[Decision]:
        """All of a case, those included at whose path another picture was decided about since."""
        rows = self.db.ask('SELECT * FROM displaced WHERE "case" = ? ORDER BY changed', case)
        return [*self.decisions(case).values(), *(Decision(*row) for row in rows)]

    def decisions(self, case: str) -> dict[str, Decision]:
        """The latest of a case, by the logos' paths; see :meth:`all_decisions`."""
        rows = self.db.ask('SELECT * FROM decisions WHERE "case" = ? ORDER BY changed', case)
        return {row[1]: Decision(*row) for row in rows}

    def history(self, case: str, since: int = 0) -> list[Change]:
        """What was changed in a case after a revision, the latest first."""
        rows = self.db.ask(
            "SELECT revision, path, reviewer, changed, old_verdict, old_note, verdict, note, "
            'old_sha256 FROM history WHERE "case" = ? AND revision > ? ORDER BY revision DESC',
            *(case, since),
        )
        return [Change(*row) for row in rows]

    def cases(self, most: int = 50) -> list[CaseSummary]:
        """Cases with decisions, the one changed last first."""
        rows = self.db.ask(
            "SELECT \"case\", sum(verdict = 'keep'), sum(verdict = 'dismiss'), sum(note != ''), "
            "max(changed) AS last FROM (SELECT * FROM decisions UNION ALL SELECT * FROM displaced) "
            'GROUP BY "case" ORDER BY last DESC, "case" LIMIT ?',
            most,
        )
        return [CaseSummary(*row) for row in rows]

    def save_search(self, name: str, address: str) -> SavedSearch:
        """Keep a search under a name."""
        saved = now()
        number = self.db.insert(
            "INSERT INTO searches (name, address, saved) VALUES (?, ?, ?)", name, address, saved
        )
        return SavedSearch(number, name, address, saved)

    def searches(self) -> list[SavedSearch]:
        """The latest first."""
        rows = self.db.ask("SELECT id, name, address, saved FROM searches ORDER BY id DESC")
        return [SavedSearch(*row) for row in rows]

    def forget_search(self, number: int) -> bool:
        """Take a saved search away; whether there was one."""
        if not 0 <= number <= _LAST_ID:
            return False
        return self.db.change("DELETE FROM searches WHERE id = ?", number) > 0

    def close(self) -> None:
        """Close the file."""
        self.db.close()
