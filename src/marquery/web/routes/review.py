"""What is kept: decisions about hits, saved searches, the reviewer's name."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from marquery.errors import NotThereError, UsageError
from marquery.web import limits
from marquery.web.answers import DecisionOut
from marquery.web.case_answers import SavedOut
from marquery.web.dependencies import REVIEWER, TheReviewer, TheService
from marquery.web.examiner import decisions
from marquery.web.examiner.decided import decisions_at
from marquery.web.examiner.decisions import DecisionChange
from marquery.web.examiner.reviews import CaseSummary, ConflictError, Decision, Verdict
from marquery.web.examiner.search_request import PageRequest, SearchRequest
from marquery.web.examiner.service import Service
from marquery.web.inputs import (
    AbsentForm,
    BulkForm,
    DecisionForm,
    ReviewerForm,
    SavedIn,
    SaveForm,
    UndoForm,
)
from marquery.web.labels import api_name
from marquery.web.page_values import all_values, existing_page, search_page
from marquery.web.rendering import render

page = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api", tags=["API"])


async def read_decision(request: Request) -> DecisionForm:
    """The form with its empty fields: an empty note takes the note back, a missing one leaves it.

    (What FastAPI reads as a form loses that difference.)
    """
    try:
        return DecisionForm.model_validate(dict(await request.form()))
    except ValidationError as error:
        raise RequestValidationError(
            [{**found, "loc": ("body", *found["loc"])} for found in error.errors()]
        ) from error


@page.post("/decisions")
def decide_on_page(
    request: Request,
    service: TheService,
    form: Annotated[DecisionForm, Depends(read_decision)],
    reviewer: TheReviewer,
) -> Response:
    """Keep, dismiss or note; what is not given stays as it was."""
    search = PageRequest.from_address(form.state)
    toast = None
    change = DecisionChange(verdict=form.verdict, note=form.note, reviewer=reviewer, seen=form.seen)
    is_piece = "hx-request" in request.headers
    conflict = None
    try:
        made = decisions.decide(service, search.case, [form.logo], change, search.version)
        toast = _toast(made)
    except ConflictError as error:
        if not is_piece:
            raise
        conflict = error
    if not is_piece:
        return RedirectResponse(search.address(), 303)
    answer = search_page(service, search)
    values = all_values(service, search, answer)
    hit = next((hit for hit in answer.hits if hit.match.id == form.logo), None)
    values |= {"conflict": conflict, "unsaved": form.note or "", "toast": toast}
    status = 200 if conflict is None else 409
    return render(request, "_decided.html", status, hit=hit, logo=form.logo, **values)


@page.post("/decisions/bulk")
def decide_about_several(
    request: Request,
    service: TheService,
    form: Annotated[BulkForm, Form()],
    reviewer: TheReviewer,
) -> Response:
    """Keep or dismiss the ticked hits, or dismiss the rest of the page."""
    search = PageRequest.from_address(form.state)
    logos = form.logo
    if form.action == "rest":
        known = decisions_at(service, search.case, search.version)
        shown = [hit.match.id for hit in search_page(service, search).hits]
        logos = [i for i in shown if i not in known or not known[i].verdict]
    if not logos:
        raise UsageError("logo", "no hit is ticked", "tick some first")
    verdict: Verdict = "keep" if form.action == "keep" else "dismiss"
    change = DecisionChange(verdict=verdict, reviewer=reviewer, seen=form.seen)
    made = decisions.decide(service, search.case, logos, change, search.version)
    return _shown_again(request, service, search, _toast(made))


@page.post("/decisions/undo")
def undo_on_page(
    request: Request,
    service: TheService,
    form: Annotated[UndoForm, Form()],
    reviewer: TheReviewer,
) -> Response:
    """Take the latest changes of decisions back."""
    search = PageRequest.from_address(form.state)
    made = decisions.undo(service, search.case, form.since, form.until, reviewer)
    toast = {"text": f"{len(made)} taken back", "since": 0, "until": 0}
    return _shown_again(request, service, search, toast)


def _shown_again(
    request: Request, service: Service, search: PageRequest, toast: dict[str, Any]
) -> Response:
    """The hits after several decisions, with a line that offers to take them back."""
    if "hx-request" not in request.headers:
        return RedirectResponse(search.address(), 303)
    search, answer = existing_page(service, search)
    values = all_values(service, search, answer)
    return render(request, "_results.html", toast=toast, **values)


def _toast(made: list[Decision]) -> dict[str, Any]:
    """What was done, and between which revisions, so that it can be taken back."""
    done = {"keep": "kept", "dismiss": "dismissed", "": "left undecided"}[made[0].verdict]
    revisions = [decision.revision for decision in made]
    noun = "logo" if len(made) == 1 else "logos"
    return {
        "text": f"{len(made)} {noun} {done}",
        "since": min(revisions) - 1,
        "until": max(revisions),
    }


@page.post("/decisions/absent")
def take_back_absent(
    service: TheService, form: Annotated[AbsentForm, Form()], reviewer: TheReviewer
) -> Response:
    """Take back what was decided about a logo that has left the index."""
    search = PageRequest.from_address(form.state)
    change = DecisionChange(verdict="", note="", reviewer=reviewer, seen=form.seen)
    decisions.decide_absent(service, search.case, form.name, change)
    return RedirectResponse(search.address(), 303)


@page.get("/review")
def show_reviews(request: Request, service: TheService) -> Response:
    """Saved searches, cases under review, pictures that were searched for."""
    described = service.casebook.described()
    summaries = service.reviews.cases()
    decided = {summary.case for summary in summaries}
    summaries += [CaseSummary(case, 0, 0, 0, "") for case in described if case not in decided]
    cases = [(c, service.reviews.query(c.case)) for c in summaries]
    return render(
        request,
        "review.html",
        searches=service.reviews.searches(),
        cases=cases,
        described=described,
        queues=service.casebook.queues(),
        recent=service.reviews.recent_queries(24),
    )


@page.post("/searches")
def save_on_page(service: TheService, form: Annotated[SaveForm, Form()]) -> Response:
    """Keep a search under a name."""
    decisions.save_search(service, SearchRequest.from_address(form.state), form.name)
    return RedirectResponse(PageRequest.from_address(form.state).address(), 303)


@page.post("/searches/{number}/delete")
def delete_on_page(number: int, service: TheService) -> Response:
    """Delete a saved search."""
    service.reviews.forget_search(number)
    return RedirectResponse("/review", 303)


@page.post("/reviewer")
def name_reviewer(form: Annotated[ReviewerForm, Form()]) -> Response:
    """Remember who decides in this browser, or that nobody wants to say; then go on."""
    is_ours = re.fullmatch(r"/(?!/)[^\\\s]*", form.back) is not None
    answer = RedirectResponse(form.back if is_ours else "/review", 303)
    value = quote(form.name.strip())
    answer.set_cookie(REVIEWER, value, max_age=limits.YEAR, httponly=True, samesite="lax")
    return answer


@api.get("/cases/{case}/decisions")
def list_decisions(case: str, service: TheService) -> list[DecisionOut]:
    """What was decided in a case: `case` of a search, which is the SHA-256 of its picture."""
    return [DecisionOut.of(d, logo) for logo, d in decisions_at(service, case, None).items()]


@api.put("/cases/{case}/decisions/{logo}")
def decide(case: str, logo: int, decision: DecisionChange, service: TheService) -> DecisionOut:
    """Keep or dismiss a logo, or note something about it."""
    return DecisionOut.of(decisions.decide(service, case, [logo], decision)[0], logo)


@api.get("/searches")
def list_searches(service: TheService) -> list[SavedOut]:
    """Saved searches, the latest first."""
    return [SavedOut.of(search) for search in service.reviews.searches()]


@api.post("/searches", status_code=201)
def save_search(saved: SavedIn, service: TheService) -> SavedOut:
    """Keep a search under a name."""
    with _within_query():
        search = SearchRequest.from_address(saved.query)
        return SavedOut.of(decisions.save_search(service, search, saved.name))


@api.delete("/searches/{number}", status_code=204)
def delete_search(number: int, service: TheService) -> Response:
    """Delete a saved search."""
    if not service.reviews.forget_search(number):
        said = f"there is no saved search {str(number)[:20]}"
        raise NotThereError("number", said, "take one of the list")
    return Response(status_code=204)


@contextmanager
def _within_query() -> Iterator[None]:
    """Blame the field that holds a search for what is wrong within that search."""
    try:
        yield
    except UsageError as error:
        if error.option in (None, "name"):
            raise
        raise type(error)("query", error.sentence(api_name)) from error
