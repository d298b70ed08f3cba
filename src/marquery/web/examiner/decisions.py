"""What a reviewer decides about hits, and searches that are kept."""

import re
from collections.abc import Sequence
from dataclasses import replace

from pydantic import BaseModel, ConfigDict, Field

from marquery.boxes import check_box
from marquery.errors import NotThereError, UsageError
from marquery.index.browsing.listing import Details
from marquery.index.browsing.ordering import check_sort
from marquery.web.examiner.database import now
from marquery.web.examiner.decided import match_decisions
from marquery.web.examiner.reviews import Decision, SavedSearch, Verdict
from marquery.web.examiner.search_request import SearchRequest
from marquery.web.examiner.service import Service
from marquery.web.limits import (
    LAST_REVISION,
    NAME_LENGTH,
    NOTE_LENGTH,
    PARAMETER_LENGTH,
    SAVED_SEARCHES,
)

_CASE = re.compile(rf"[0-9a-f]{{64}}|logo-\d+|words-.{{1,{PARAMETER_LENGTH}}}", re.DOTALL)


class DecisionChange(BaseModel):
    """What is to be kept of a logo; what is left out stays as it was."""

    model_config = ConfigDict(extra="forbid")

    verdict: Verdict | None = Field(None, description="Empty takes the verdict back.")
    note: str | None = Field(None, max_length=NOTE_LENGTH, description="Empty takes the note back.")
    reviewer: str = Field("", max_length=NAME_LENGTH, description="Who decides.")
    seen: int | None = Field(
        None,
        ge=0,
        le=LAST_REVISION,
        description="`revision` of the case as it was looked at: if the logo's decision was "
        "changed since, nothing is stored (409). Without it, whatever stands there is replaced.",
    )


def decide(
    service: Service,
    case: str,
    logos: Sequence[int],
    change: DecisionChange,
    version: int | None = None,
) -> list[Decision]:
    """Change what was decided about some logos, all or none.

    Args:
        service: where it is stored.
        case: what the decisions belong to, see :attr:`SearchRequest.case`.
        logos: ids in the index, at least one.
        change: what is decided.
        version: of the index that holds the logos; None: the newest.

    Raises:
        UsageError: there is no case at all.
        NotThereError: there is no such case, such as one whose picture is not here.
        NoSuchLogo: the index does not hold a logo.
        ConflictError: somebody else decided about one of them since it was looked at.
    """
    check_case(service, case)
    opened = service.at(version)
    details = [opened.listing.one(logo) for logo in logos]
    known, _ = match_decisions(opened, service.reviews.all_decisions(case))
    places = {logo: held.path for logo, held in opened.listing.many(list(known)).items()}
    moved = [(old, places[logo]) for logo, old in known.items() if old.path != places[logo]]
    made = [_changed(case, held, known.get(held.id), change) for held in details]
    return service.reviews.decide_all(made, change.seen, moved)


def undo(service: Service, case: str, since: int, until: int, reviewer: str) -> list[Decision]:
    """Take changes of a case's decisions back, all or none; the history keeps both.

    Args:
        service: where they are stored.
        case: what the decisions belong to.
        since: revision of the case before the first of the changes.
        until: revision after the last of them.
        reviewer: who takes them back.

    Raises:
        NotThereError: there is no such change.
        ConflictError: one of the decisions was changed again since.
    """
    check_case(service, case)
    history = service.reviews.history(case, since)
    before = {c.path: c for c in history if c.revision <= until}  # of each the earliest, read last
    if not before:
        raise NotThereError(None, "there is nothing to take back", "look at the case again")
    held = {path: (logo, sha) for logo, path, sha in service.at().listing.held(list(before), [])}
    stored = service.reviews.decisions(case)
    made = []
    for path, change in before.items():
        logo, sha256 = held.get(path, (0, ""))
        old = stored.get(path) or Decision(case, path, logo, "", "", "", "", sha256)
        content = change.old_sha256 or old.sha256  # what lies there now may be another picture
        made.append(
            replace(
                old,
                verdict=change.old_verdict,
                note=change.old_note,
                reviewer=reviewer,
                changed=now(),
                sha256=content,
            )
        )
    return service.reviews.decide_all(made, until)


def decide_absent(service: Service, case: str, name: str, change: DecisionChange) -> Decision:
    """Change what was decided about a logo that is not in the index any more.

    Args:
        service: where it is stored.
        case: what the decision belongs to.
        name: its path from the common folder of the index's logos on.
        change: what is decided.

    Raises:
        NotThereError: nothing was decided about such a logo.
    """
    check_case(service, case)
    opened = service.at()
    _, absent = match_decisions(opened, service.reviews.all_decisions(case))
    old = next((logo.decision for logo in absent if logo.name == name), None)
    if old is None:
        raise NotThereError("name", "nothing was decided about it", "look at the case again")
    return service.reviews.decide(_with(old, change), change.seen)


def check_case(service: Service, case: str) -> None:
    """Refuse what no decision can belong to.

    Raises:
        UsageError: there is no case at all.
        NotThereError: there is no such case, such as one whose picture is not here.
    """
    if not case:
        raise UsageError("case", "there is no search to decide in", "search for something first")
    if not _CASE.fullmatch(case):
        raise NotThereError("case", f"{case[:20]!r} is no case", "give `case` of a search")
    if not case.startswith(("logo-", "words-")):
        if service.reviews.query(case) is None:
            raise NotThereError("case", f"{case[:12]}… is not here", "upload the picture again")
        service.uploads.touch(case)


def _changed(case: str, logo: Details, old: Decision | None, change: DecisionChange) -> Decision:
    blank = Decision(case, logo.path, logo.id, "", "", "", "", logo.sha256)
    # One that was found again by its content is known by its new path from now on.
    return replace(_with(old or blank, change), path=logo.path, logo=logo.id, sha256=logo.sha256)


def _with(old: Decision, change: DecisionChange) -> Decision:
    return replace(
        old,
        verdict=old.verdict if change.verdict is None else change.verdict,
        note=old.note if change.note is None else change.note.strip(),
        reviewer=change.reviewer,
        changed=now(),
    )


def save_search(service: Service, request: SearchRequest, name: str) -> SavedSearch:
    """Keep a search under a name.

    Args:
        service: where it is stored.
        request: what is searched for, with no view of it; the index's version is not kept.
        name: at most :data:`marquery.web.limits.NAME_LENGTH` characters.

    Raises:
        UsageError: it has no name, there is nothing to search for, the search could not be made,
            or too many are kept already.
    """
    if not name.strip():
        raise UsageError("name", "is empty", "give the search a name")
    if not (request.has_query or request.is_listing):
        raise UsageError("queries", "there is no search to save", "search for something first")
    if len(service.reviews.searches()) >= SAVED_SEARCHES:
        raise UsageError("name", f"{SAVED_SEARCHES} searches are saved already", "delete some")
    _check_search(service, request)
    service.keep_pictures(request)
    return service.reviews.save_search(name.strip(), request.replace(version=None).address())


def _check_search(service: Service, request: SearchRequest) -> None:
    """Refuse a search that could not be made, before it is kept."""
    queries = [service.uploads.get(sha256) for sha256 in request.queries]
    if request.crop is not None and queries:
        check_box(request.crop, "crop", (queries[0].width, queries[0].height))
    opened = service.at(request.version)
    check_sort(request.sort, opened.columns)
    if request.filter is not None:
        opened.index.count(request.filter)
    for option, logos in (("like", request.like), ("unlike", request.unlike)):
        held = opened.listing.many(logos)
        for logo in logos:
            if logo not in held:
                raise NotThereError(option, f"{logo} is not in the index", "give one that is")
