"""Cases: what is said of them, who changed what, comments, and news of what others decide."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from marquery.web import limits
from marquery.web.case_answers import CaseOut, ChangeOut, CommentOut
from marquery.web.dependencies import TheReviewer, TheService
from marquery.web.examiner import cases
from marquery.web.examiner.casebook import next_open
from marquery.web.examiner.search_request import PageRequest
from marquery.web.examiner.service import Service
from marquery.web.inputs import CaseChange, CaseForm, CommentForm, CommentIn
from marquery.web.page_values import case_values
from marquery.web.rendering import render

page = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api", tags=["API"])


@page.get("/case")
def show_case(
    request: Request, search: Annotated[PageRequest, Query()], service: TheService
) -> Response:
    """All of a case: what is said of it, decisions, comments, history."""
    return render(request, "case.html", state=search, **case_values(service, search))


@page.post("/case")
def describe_on_page(
    service: TheService, form: Annotated[CaseForm, Form()], reviewer: TheReviewer
) -> Response:
    """Change what is said of a case."""
    search = PageRequest.from_address(form.state)
    _describe(service, search.case, form, reviewer)
    if form.closed and search.queue is not None:  # on to the next one
        queued = service.casebook.queued(search.queue)
        following = next_open(queued, search.case)
        if following is None:
            return RedirectResponse(f"/queues/{search.queue}", 303)
        state = PageRequest().replace(queries=(following.case,), queue=search.queue)
        return RedirectResponse(state.address(), 303)
    return RedirectResponse(search.address(), 303)


@page.post("/case/comments")
def comment_on_page(
    service: TheService, form: Annotated[CommentForm, Form()], reviewer: TheReviewer
) -> Response:
    """Add a comment."""
    search = PageRequest.from_address(form.state)
    cases.comment(service, search.case, reviewer, form.text)
    return RedirectResponse(f"{search.address('/case')}#comments", 303)


@page.get("/case/news")
def show_news(
    request: Request,
    search: Annotated[PageRequest, Query()],
    service: TheService,
    reviewer: TheReviewer,
) -> Response:
    """What others decided since the page was drawn; asked for again and again."""
    text = request.query_params.get("seen", "0")
    seen = int(text) if text.isdecimal() and len(text) <= limits.NUMBER_DIGITS else 0
    found = cases.news(service, search.case, seen, reviewer)
    return render(request, "_news.html", state=search, seen=seen, news=found)


@api.get("/cases")
def list_cases(service: TheService) -> list[CaseOut]:
    """Cases of which something is said."""
    described = service.casebook.described().values()
    return [CaseOut.of(case, service.reviews.revision(case.case)) for case in described]


@api.get("/cases/{case}")
def read_case(case: str, service: TheService) -> CaseOut:
    """What is said of a case: `case` of a search."""
    return CaseOut.of(service.casebook.case(case), service.reviews.revision(case))


@api.put("/cases/{case}")
def describe_case(case: str, change: CaseChange, service: TheService) -> CaseOut:
    """Name a case, give it its reference and owner, close it."""
    return CaseOut.of(
        _describe(service, case, change, change.reviewer), service.reviews.revision(case)
    )


@api.get("/cases/{case}/history")
def list_history(case: str, service: TheService) -> list[ChangeOut]:
    """Every change of the case's decisions, the latest first: who, when, and what before."""
    short = service.at().short
    return [ChangeOut.of(c, short(c.path)) for c in service.reviews.history(case)]


@api.get("/cases/{case}/comments")
def list_comments(case: str, service: TheService) -> list[CommentOut]:
    """Comments on a case, the first one first."""
    return [CommentOut.of(comment) for comment in service.casebook.comments(case)]


@api.post("/cases/{case}/comments", status_code=201)
def add_comment(case: str, comment: CommentIn, service: TheService) -> CommentOut:
    """Comment on a case."""
    return CommentOut.of(cases.comment(service, case, comment.author, comment.text))


def _describe(service: Service, case: str, change: CaseChange, by: str) -> Any:
    return cases.describe(
        service,
        case,
        by,
        change.seen,
        name=change.name,
        reference=change.reference,
        owner=change.owner,
        closed=change.closed,
    )
