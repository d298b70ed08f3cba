"""Cases: what a decision belongs to, with its name, reference and owner, comments, and queues of
them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from marquery.errors import NotThereError, UsageError
from marquery.web.examiner.database import Database, now
from marquery.web.examiner.reviews import ConflictError
from marquery.web.limits import QUEUE_CASES, QUEUES


@dataclass(frozen=True)
class Case:
    """What is said of a case beside its decisions."""

    case: str
    """SHA-256 of the query's picture, ``logo-ID`` or ``words-WORDS``."""
    name: str = ""
    reference: str = ""
    """The office's number of it."""
    owner: str = ""
    """Of the mark that is searched for."""
    closed: bool = False
    described: int = 0
    """How often this was changed."""
    by: str = ""
    """Who changed it last."""


@dataclass(frozen=True)
class Comment:
    """What somebody said of a case."""

    author: str
    written: str
    """UTC, ISO 8601."""
    text: str


@dataclass(frozen=True)
class Queue:
    """Cases that are gone through one after another."""

    id: int
    name: str
    made: str
    cases: int
    closed: int


@dataclass(frozen=True)
class QueuedCase:
    """A case at its place in a queue."""

    place: int
    """From 1."""
    case: str
    name: str
    closed: bool
    kept: int
    dismissed: int


class CaseBook:
    """Cases and queues in the database of the reviews."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def case(self, case: str) -> Case:
        """What is said of a case; of one that nobody described, nothing."""
        found = self.db.ask(
            'SELECT "case", name, reference, owner, closed, described, described_by FROM cases '
            'WHERE "case" = ?',
            case,
        )
        return _case_of(found[0]) if found else Case(case)

    def described(self) -> dict[str, Case]:
        """All cases of which something is said."""
        rows = self.db.ask(
            'SELECT "case", name, reference, owner, closed, described, described_by FROM cases '
            "WHERE described"
        )
        return {row[0]: _case_of(row) for row in rows}

    def describe(self, case: Case, by: str, seen: int | None = None) -> Case:
        """Store what is said of a case.

        Args:
            case: what is to stand there.
            by: who says so.
            seen: ``described`` of the case as it was looked at; None: whatever it was.

        Raises:
            ConflictError: somebody changed it since.
        """
        with self.db.whole():
            old = self.case(case.case)
            if seen is not None and old.described != seen:
                raise ConflictError(
                    f"{old.by or 'somebody'} changed what is said of this case after it was "
                    "shown; look at it as it is now, then change it again"
                )
            self.db.change('INSERT OR IGNORE INTO cases ("case") VALUES (?)', case.case)
            self.db.change(
                "UPDATE cases SET name = ?, reference = ?, owner = ?, closed = ?, "
                'described = described + 1, described_by = ? WHERE "case" = ?',
                *(case.name, case.reference, case.owner, int(case.closed), by, case.case),
            )
        return self.case(case.case)

    def comment(self, case: str, author: str, text: str) -> Comment:
        """Add a comment.

        Args:
            case: what is commented on.
            author: who says it.
            text: what.
        """
        made = Comment(author, now(), text)
        self.db.insert(
            'INSERT INTO comments ("case", author, written, text) VALUES (?, ?, ?, ?)',
            *(case, made.author, made.written, made.text),
        )
        return made

    def comments(self, case: str) -> list[Comment]:
        """Of a case, the first one first."""
        rows = self.db.ask(
            'SELECT author, written, text FROM comments WHERE "case" = ? ORDER BY id', case
        )
        return [Comment(*row) for row in rows]

    def make_queue(self, name: str) -> int:
        """A new queue without cases; its number.

        Raises:
            UsageError: there are too many.
        """
        ((count,),) = self.db.ask("SELECT count(*) FROM queues")
        if count >= QUEUES:
            raise UsageError("name", f"there are {QUEUES} queues already", "delete some")
        return self.db.insert("INSERT INTO queues (name, made) VALUES (?, ?)", name, now())

    def enqueue(self, queue: int, cases: Sequence[str]) -> int:
        """Put cases at the end of a queue; how many it did not hold before.

        Raises:
            NotThereError: there is no such queue.
            UsageError: the queue would be too long.
        """
        with self.db.whole():
            held = [row.case for row in self.queued(queue)]
            new = [case for case in dict.fromkeys(cases) if case not in held]
            if len(held) + len(new) > QUEUE_CASES:
                raise UsageError(
                    "picture", f"a queue holds {QUEUE_CASES} cases at most", "make another queue"
                )
            self.db.insert_many(
                'INSERT INTO queued (queue, place, "case") VALUES (?, ?, ?)',
                [(queue, len(held) + n, case) for n, case in enumerate(new, 1)],
            )
        return len(new)

    def queues(self) -> list[Queue]:
        """The latest first."""
        rows = self.db.ask(
            "SELECT id, queues.name, made, count(queued.place), coalesce(sum(closed), 0) "
            "FROM queues LEFT JOIN queued ON queue = id "
            'LEFT JOIN cases ON cases."case" = queued."case" GROUP BY id ORDER BY id DESC'
        )
        return [Queue(*row) for row in rows]

    def queue(self, number: int) -> Queue:
        """One of them.

        Raises:
            NotThereError: there is no such queue.
        """
        found = next((queue for queue in self.queues() if queue.id == number), None)
        if found is None:
            raise NotThereError(
                "queue", f"there is no queue {str(number)[:20]}", "take one of the list"
            )
        return found

    def queued(self, number: int) -> list[QueuedCase]:
        """The cases of a queue in their order.

        Raises:
            NotThereError: there is no such queue.
        """
        self.queue(number)
        rows = self.db.ask(
            "SELECT place, q.\"case\", coalesce(nullif(c.name, ''), p.name, ''), "
            "coalesce(closed, 0), coalesce(sum(verdict = 'keep'), 0), "
            "coalesce(sum(verdict = 'dismiss'), 0) FROM queued AS q "
            'LEFT JOIN cases AS c ON c."case" = q."case" LEFT JOIN queries AS p ON p.sha256 = '
            'q."case" LEFT JOIN decisions AS d ON d."case" = q."case" '
            "WHERE queue = ? GROUP BY place ORDER BY place",
            number,
        )
        return [
            QueuedCase(place, case, name, bool(closed), kept, dismissed)
            for place, case, name, closed, kept, dismissed in rows
        ]

    def delete_queue(self, number: int) -> None:
        """Take a queue away; its cases and their decisions stay.

        Raises:
            NotThereError: there is no such queue.
        """
        self.queue(number)
        with self.db.whole():
            self.db.change("DELETE FROM queued WHERE queue = ?", number)
            self.db.change("DELETE FROM queues WHERE id = ?", number)


def _case_of(row: tuple[Any, ...]) -> Case:
    case, name, reference, owner, closed, described, by = row
    return Case(case, name, reference, owner, bool(closed), described, by)


def next_open(cases: Sequence[QueuedCase], after: str) -> QueuedCase | None:
    """The next case of a queue that is not closed, from the one after a case on, round the end."""
    places = [row.case for row in cases]
    start = places.index(after) + 1 if after in places else 0
    turned = [*cases[start:], *cases[:start]]
    return next((row for row in turned if not row.closed and row.case != after), None)
