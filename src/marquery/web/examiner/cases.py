"""What is done with a case as a whole: naming it, closing it, talking about it, queueing it."""

from dataclasses import replace
from typing import Any

from marquery.errors import UsageError
from marquery.web.examiner.casebook import Case, Comment
from marquery.web.examiner.decisions import check_case
from marquery.web.examiner.reviews import Change
from marquery.web.examiner.service import Service
from marquery.web.limits import COMMENTS


def describe(service: Service, case: str, by: str, seen: int | None, **said: Any) -> Case:
    """Change what is said of a case.

    Args:
        service: where it is kept.
        case: which, see :attr:`SearchRequest.case`.
        by: who says so.
        seen: how often it had been changed when it was looked at; None: whatever it is.
        said: fields of :class:`Case`; those that are None stay as they were.

    Raises:
        NotThereError: there is no such case.
        ConflictError: somebody changed it since it was looked at.
    """
    check_case(service, case)
    given: dict[str, Any] = {
        name: v.strip() if isinstance(v, str) else v for name, v in said.items()
    }
    known = {name: value for name, value in given.items() if value is not None}
    return service.casebook.describe(replace(service.casebook.case(case), **known), by, seen)


def comment(service: Service, case: str, author: str, text: str) -> Comment:
    """Say something of a case.

    Args:
        service: where it is kept.
        case: which.
        author: who says so.
        text: what.

    Raises:
        NotThereError: there is no such case.
        UsageError: it is empty, or the case has too many.
    """
    check_case(service, case)
    if not text.strip():
        raise UsageError("text", "is empty", "write something")
    if len(service.casebook.comments(case)) >= COMMENTS:
        raise UsageError("text", f"there are {COMMENTS} comments already", "open another case")
    return service.casebook.comment(case, author, text.strip())


def news(service: Service, case: str, seen: int, me: str) -> list[Change]:
    """Decisions that others changed since a case was looked at, the latest of each logo.

    Args:
        service: where they are kept.
        case: which.
        seen: revision of the case as it was looked at.
        me: whose own changes are no news.
    """
    latest: dict[str, Change] = {}
    for change in service.reviews.history(case, seen):
        latest.setdefault(change.path, change)
    return [change for change in latest.values() if not me or change.reviewer != me]
