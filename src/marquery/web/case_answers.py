"""What the JSON API answers about cases, queues and saved searches."""

from pydantic import Field

from marquery.web.answers import Out
from marquery.web.examiner.casebook import Case, Comment, Queue
from marquery.web.examiner.reviews import Change, SavedSearch, Verdict


class CaseOut(Out):
    """A case."""

    case: str
    name: str
    reference: str
    owner: str
    closed: bool
    described: int = Field(description="How often this was changed; give it as `seen`.")
    revision: int = Field(description="How often a decision of the case was changed.")

    @classmethod
    def of(cls, case: Case, revision: int) -> "CaseOut":
        """A case and how often its decisions were changed."""
        return cls(
            case=case.case,
            name=case.name,
            reference=case.reference,
            owner=case.owner,
            closed=case.closed,
            described=case.described,
            revision=revision,
        )


class ChangeOut(Out):
    """One change of a decision, with what stood there before."""

    revision: int
    logo: str = Field(description="Its path from the common folder of all logos.")
    reviewer: str
    changed: str
    old_verdict: Verdict
    old_note: str
    verdict: Verdict
    note: str

    @classmethod
    def of(cls, change: Change, logo: str) -> "ChangeOut":
        """A change of the decision about a logo of that name."""
        c = change
        return cls(
            revision=c.revision,
            logo=logo,
            reviewer=c.reviewer,
            changed=c.changed,
            old_verdict=c.old_verdict,
            old_note=c.old_note,
            verdict=c.verdict,
            note=c.note,
        )


class CommentOut(Out):
    """A comment on a case."""

    author: str
    written: str
    text: str

    @classmethod
    def of(cls, comment: Comment) -> "CommentOut":
        """A comment as the API gives it."""
        return cls(author=comment.author, written=comment.written, text=comment.text)


class QueueOut(Out):
    """A queue of cases."""

    id: int
    name: str
    made: str
    cases: int
    closed: int

    @classmethod
    def of(cls, queue: Queue) -> "QueueOut":
        """A queue as the API gives it."""
        q = queue
        return cls(id=q.id, name=q.name, made=q.made, cases=q.cases, closed=q.closed)


class SavedOut(Out):
    """A saved search."""

    id: int
    name: str
    query: str
    saved: str

    @classmethod
    def of(cls, search: SavedSearch) -> "SavedOut":
        """A saved search as the API gives it."""
        return cls(id=search.id, name=search.name, query=search.address, saved=search.saved)
