"""What a reviewer decides about a hit, and searches that are kept."""

import re

from pydantic import BaseModel, ConfigDict, Field

from marquery.errors import NotThereError, UsageError
from marquery.web.examiner.reviews import Decision, SavedSearch, Verdict, now
from marquery.web.examiner.search_request import SearchRequest
from marquery.web.examiner.service import Service
from marquery.web.limits import NAME_LENGTH, NOTE_LENGTH, PARAMETER_LENGTH, SAVED_SEARCHES

_CASE = re.compile(rf"[0-9a-f]{{64}}|logo-\d+|words-.{{1,{PARAMETER_LENGTH}}}", re.DOTALL)


class DecisionChange(BaseModel):
    """What is to be kept of a logo; what is left out stays as it was."""

    model_config = ConfigDict(extra="forbid")

    verdict: Verdict | None = Field(None, description="Empty takes the verdict back.")
    note: str | None = Field(None, max_length=NOTE_LENGTH, description="Empty takes the note back.")
    reviewer: str = Field("", max_length=NAME_LENGTH, description="Who decides.")


def decide(service: Service, case: str, logo: int, path: str, change: DecisionChange) -> Decision:
    """Change what was decided about a logo.

    Args:
        service: where it is stored.
        case: what the decision belongs to, see :attr:`SearchRequest.case`.
        logo: id in the index.
        path: of the logo's file, by which the decision is found when the index is built again.
        change: what is decided.

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
    old = service.reviews.decisions(case).get(path)
    verdict: Verdict = "" if old is None else old.verdict
    note = "" if old is None else old.note
    decision = Decision(
        case=case,
        path=path,
        logo=logo,
        verdict=verdict if change.verdict is None else change.verdict,
        note=note if change.note is None else change.note.strip(),
        reviewer=change.reviewer,
        changed=now(),
    )
    service.reviews.decide(decision)
    return decision


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
    if not request.has_query:
        raise UsageError("queries", "there is no search to save", "search for something first")
    if len(service.reviews.searches()) >= SAVED_SEARCHES:
        raise UsageError("name", f"{SAVED_SEARCHES} searches are saved already", "delete some")
    service.check(request)
    service.keep_pictures(request)
    return service.reviews.save_search(name.strip(), request.replace(version=None).address())
