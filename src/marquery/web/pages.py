"""Routes of the search page: what is asked with comes in, hits go out."""

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile
from jinja2 import Environment
from starlette.responses import HTMLResponse, RedirectResponse, Response

from marquery.errors import UsageError
from marquery.index.strategies.query import STRATEGIES
from marquery.web.context import TheService, TheState, get_reviewer
from marquery.web.pictures import logo_picture
from marquery.web.security import COOKIE
from marquery.web.service import PAGE, Answer, Service
from marquery.web.state import SearchState, parse_address

router = APIRouter()
#: How the page calls the strategies.
LABELS = {
    "overall": "Whole logo",
    "part": "Parts",
    "figure": "Figure only",
    "words": "Words",
    "color": "Colours",
    "shape": "Shape only",
}


def render(request: Request, template: str, code: int = 200, **values: Any) -> HTMLResponse:
    """A page, or a piece of one."""
    environment: Environment = request.app.state.templates
    service: Service = request.app.state.service
    common = {
        "index_name": service.name,
        "index_size": len(service.index),
        "here": request.url.path,
        "has_session": COOKIE in request.cookies,
        "reviewer": get_reviewer(request),
    }
    text = environment.get_template(template).render(**common, **values)
    return HTMLResponse(text, code, {"vary": "HX-Request"})


def error_page(request: Request, status: int, sentence: str) -> Response:
    """An error for people: a line on the page they have, or a page of its own."""
    template = "_error.html" if "hx-request" in request.headers else "error.html"
    return render(request, template, status, status=status, sentence=sentence)


@router.get("/")
def search_page(request: Request, state: TheState, service: TheService) -> Response:
    """The page as its address says; to htmx only what a search changes."""
    is_piece = "hx-request" in request.headers and "hx-history-restore-request" not in (
        request.headers
    )
    if not is_piece and request.query_params.multi_items() != state.parameters():
        return RedirectResponse(state.address(), 303)  # a form's empty fields
    if not state.asks:
        start: dict[str, Any] = {
            "recent": service.reviews.recent_queries(),
            "saved": service.reviews.searches(),
        }
        return render(request, "start.html", **search_values(service, state), **start)
    answer = service.search(state)
    values = {**search_values(service, state), **answer_values(service, state, answer)}
    if not is_piece:
        return render(request, "search.html", **values)
    piece = render(request, "_found.html", **values)
    piece.headers["HX-Push-Url"] = state.address()
    return piece


@router.post("/queries")
def upload(
    service: TheService,
    picture: Annotated[list[UploadFile], File()],
    state: Annotated[str, Form()] = "",
) -> Response:
    """Take pictures in, and search for them with the filters there were."""
    kept = parse_address(state)
    added = []
    for file in picture[:8]:
        data = file.file.read()
        if data:
            added.append(service.queries.add(data, file.filename or "").sha256)
    if not added:
        raise UsageError("picture: choose a picture first")
    asked = SearchState(
        queries=tuple(dict.fromkeys(added)),
        strategy=kept.strategy,
        where=kept.where,
        facets=kept.facets,
    )
    return RedirectResponse(asked.address(), 303)


@router.post("/logos/{logo}/query")
def ask_with_logo(logo: int, service: TheService, state: Annotated[str, Form()] = "") -> Response:
    """Search for an indexed logo as if it had been uploaded."""
    kept = parse_address(state)
    details = service.opened(kept.version).listing.one(logo)
    image, _ = logo_picture(details)
    name = details.path.rsplit("/", 1)[-1]
    if image is None:
        data = details.thumbnail
    else:
        with open(details.path, "rb") as file:  # noqa: PTH123 (the bytes that logo_picture has checked)
            data = file.read()
    added = service.queries.add(data, name)
    asked = SearchState(
        queries=(added.sha256,), strategy=kept.strategy, where=kept.where, facets=kept.facets
    )
    return RedirectResponse(asked.address(), 303)


def search_values(service: Service, state: SearchState) -> dict[str, Any]:
    """What the panel that asks shows."""
    opened = service.opened(state.version)
    return {
        "state": state,
        "queries": [service.queries.get(sha256) for sha256 in state.queries],
        "weights": state.weights,
        "labels": LABELS,
        "strategies": [name for name in STRATEGIES if name != "words" or opened.has_words],
        "columns": opened.columns,
    }


def answer_values(service: Service, state: SearchState, answer: Answer) -> dict[str, Any]:
    """What the hits' side shows."""
    decisions = service.reviews.decisions(state.case)
    opened = service.opened(answer.version)
    values: dict[str, Any] = {
        "answer": answer,
        "decisions": decisions,
        "kept": sum(d.verdict == "keep" for d in decisions.values()),
        "dismissed": sum(d.verdict == "dismiss" for d in decisions.values()),
        "newest": service.index.version,
        "pages": -(-answer.total // PAGE),
        "entry": None,
    }
    if state.hit is not None:
        details = opened.listing.one(state.hit)
        _, missing = logo_picture(details)
        at = next((i for i, h in enumerate(answer.hits) if h.match.id == state.hit), None)
        values |= {
            "entry": opened.index.entry(state.hit),
            "details": details,
            "name": opened.short(details.path),
            "missing": missing,
            "found": None if at is None else answer.hits[at],
            "previous": answer.hits[at - 1].match.id if at else None,
            "following": (
                answer.hits[at + 1].match.id
                if at is not None and at + 1 < len(answer.hits)
                else None
            ),
        }
    return values
