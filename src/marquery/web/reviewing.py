"""Routes of what is kept: decisions, saved searches, and the index's own page."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from marquery.errors import UsageError
from marquery.web.context import LONGEST_NAME, REVIEWER, TheReviewer, TheService
from marquery.web.pages import answer_values, render, search_values
from marquery.web.reviews import VERDICTS, Decision, Verdict, now
from marquery.web.service import Service
from marquery.web.state import SearchState, parse_address

router = APIRouter()
_LONGEST_NOTE = 4000
_YEAR = 365 * 24 * 3600

Address = Annotated[str, Form()]


async def _sent(request: Request) -> dict[str, str]:
    """Fields of a form, empty ones too: an empty note takes the note away, none at all leaves it."""
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


@router.post("/decisions")
def decide(
    request: Request,
    service: TheService,
    logo: Annotated[int, Form()],
    state: Address,
    sent: Annotated[dict[str, str], Depends(_sent)],
    reviewer: TheReviewer,
) -> Response:
    """Keep, dismiss or note; what is not given stays as it was."""
    verdict, note = sent.get("verdict"), sent.get("note")
    asked = parse_address(state)
    path = service.opened(asked.version).listing.one(logo).path
    store_decision(service, asked.case, path, logo, verdict, note, reviewer)
    if "hx-request" not in request.headers:
        return RedirectResponse(asked.address(), 303)
    answer = service.search(asked)
    values = {**search_values(service, asked), **answer_values(service, asked, answer)}
    hit = next((hit for hit in answer.hits if hit.match.id == logo), None)
    return render(request, "_decided.html", hit=hit, logo=logo, **values)


def store_decision(
    service: Service,
    case: str,
    path: str,
    logo: int,
    verdict: str | None,
    note: str | None,
    reviewer: str,
) -> Decision:
    """Change what was decided of a logo.

    Raises:
        UsageError: no such verdict, a note too long, or no case to decide in.
    """
    if not case.startswith(("logo-", "words-")):
        service.queries.get(case)
        service.queries.touch(case)
    known = next((v for v in VERDICTS if v == verdict), None)
    if verdict is not None and known is None:
        raise UsageError(f"verdict={verdict[:20]}: give keep, dismiss, or nothing")
    if note is not None and len(note) > _LONGEST_NOTE:
        raise UsageError(f"note: longer than {_LONGEST_NOTE} characters; shorten it")
    old = service.reviews.decisions(case).get(path)
    kept: Verdict = "" if old is None else old.verdict
    decision = Decision(
        case=case,
        path=path,
        logo=logo,
        verdict=kept if known is None else known,
        note=("" if old is None else old.note) if note is None else note.strip(),
        reviewer=reviewer[:LONGEST_NAME],
        changed=now(),
    )
    service.reviews.decide(decision)
    return decision


@router.get("/review")
def review_page(request: Request, service: TheService) -> Response:
    """Saved searches, cases under review, pictures asked with."""
    cases = [(c, service.reviews.query(c.case)) for c in service.reviews.cases()]
    return render(
        request,
        "review.html",
        searches=service.reviews.searches(),
        cases=cases,
        recent=service.reviews.recent_queries(24),
    )


@router.post("/searches")
def save_search(service: TheService, state: Address, name: Annotated[str, Form()]) -> Response:
    """Keep a search under a name."""
    store_search(service, parse_address(state), name)
    return RedirectResponse(parse_address(state).address(), 303)


def store_search(service: Service, asked: SearchState, name: str) -> int:
    """Save a search; raises UsageError if it has no name or asks for nothing."""
    if not name.strip():
        raise UsageError("name: give the search a name")
    if not asked.asks:
        raise UsageError("q: there is no search to save")
    service.touch(asked)
    address = asked.but(page=1, hit=None, version=None).address()
    return service.reviews.save_search(name.strip()[:LONGEST_NAME], address).id


@router.post("/searches/{number}/delete")
def forget_search(number: int, service: TheService) -> Response:
    """Take a saved search away."""
    service.reviews.forget_search(number)
    return RedirectResponse("/review", 303)


@router.post("/reviewer")
def name_reviewer(name: Annotated[str, Form()] = "") -> Response:
    """Remember who decides in this browser."""
    answer = RedirectResponse("/review", 303)
    value = quote(name.strip()[:LONGEST_NAME])
    answer.set_cookie(REVIEWER, value, max_age=_YEAR, httponly=True, samesite="lax")
    return answer


@router.get("/status")
def status_page(request: Request, service: TheService) -> Response:
    """What the index is and holds."""
    return render(request, "status.html", info=index_info(service))


def index_info(service: Service) -> dict[str, object]:
    """The index's status without places on the disk: files are named from the logos' common folder on."""
    info = service.index.status()
    opened = service.opened()
    info["path"] = service.name
    info["encoder"] = str(info["encoder"]).rstrip("/").rsplit("/", 1)[-1]
    info["skipped"] = {opened.short(path): why for path, why in info["skipped"].items()}
    return info
