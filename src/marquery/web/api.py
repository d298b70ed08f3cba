"""The JSON API: what the page does, for programs. Its description is served at /api/openapi.json."""

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from starlette.responses import Response

from marquery.errors import UsageError
from marquery.web.answers import (
    DecisionIn,
    DecisionOut,
    ErrorOut,
    LogoOut,
    QueryOut,
    SavedIn,
    SavedOut,
    SearchOut,
)
from marquery.web.context import TheService
from marquery.web.pages import render
from marquery.web.reviewing import index_info, store_decision, store_search
from marquery.web.service import PAGE, Service
from marquery.web.state import parse_address, parse_state

_ERRORS: dict[int | str, dict[str, Any]] = {
    401: {"model": ErrorOut, "description": "No token, or not the server's."},
    404: {"model": ErrorOut, "description": "There is no such thing."},
    422: {
        "model": ErrorOut,
        "description": "The request cannot be understood; the sentence says why.",
    },
}
router = APIRouter(prefix="/api", tags=["API"], responses=_ERRORS)
_MOST_HITS = 200

Picture = Annotated[UploadFile, File(description="PNG, JPEG, SVG, WebP, GIF, TIFF or BMP.")]
K = Annotated[int, Query(ge=1, le=_MOST_HITS, description="How many hits.")]
Offset = Annotated[int, Query(ge=0, description="Hits to leave out.")]
Crop = Annotated[str, Query(description="Rectangle x,y,w,h in pixels of the picture.")]
Strategy = Annotated[str, Query(description="Such as `part`, or a mix: `overall=1,color=0.5`.")]
Words = Annotated[str, Query(description="What the strategy `words` looks for.")]
Where = Annotated[str, Query(description="Filter, such as `nice = 25 and filed >= 2015`.")]
Several = Annotated[list[int], Query(description="Ids of indexed logos.")]
At = Annotated[int | None, Query(description="Version of the index.")]


@router.post("/queries", status_code=201)
def upload_picture(service: TheService, picture: Picture) -> QueryOut:
    """Upload a picture; it is known by its SHA-256 from then on."""
    query = service.queries.add(picture.file.read(), picture.filename or "")
    return QueryOut(sha256=query.sha256, name=query.name, width=query.width, height=query.height)


@router.get("/search")
def search(
    request: Request,
    service: TheService,
    q: Annotated[list[str], Query(description="SHA-256 of uploaded pictures of one mark.")] = [],  # noqa: B006
    crop: Crop = "",
    strategy: Strategy = "",
    words: Words = "",
    where: Where = "",
    like: Several = [],  # noqa: B006
    unlike: Several = [],  # noqa: B006
    exact: Annotated[bool, Query(description="Compare with every logo.")] = False,
    at: At = None,
    k: K = PAGE,
    offset: Offset = 0,
) -> SearchOut:
    """Search with an uploaded picture. `f.COLUMN=VALUE` chooses values of a column, as the page does."""
    # The same reading as the page's; the arguments above are there to be described.
    state = parse_state(request.query_params.multi_items())
    return SearchOut.of(service, state, service.search(state, k, offset))


@router.post("/search")
def search_with_picture(
    service: TheService,
    picture: Picture,
    crop: Annotated[str, Form()] = "",
    strategy: Annotated[str, Form()] = "",
    words: Annotated[str, Form()] = "",
    where: Annotated[str, Form()] = "",
    k: Annotated[int, Form(ge=1, le=_MOST_HITS)] = PAGE,
) -> SearchOut:
    """Upload a picture and search with it in one request."""
    query = service.queries.add(picture.file.read(), picture.filename or "")
    given = [("q", query.sha256), ("crop", crop), ("strategy", strategy)]
    given += [("words", words), ("where", where)]
    state = parse_state(given)
    return SearchOut.of(service, state, service.search(state, k, 0))


@router.get("/logos/{logo}")
def logo(logo: int, service: TheService, at: At = None) -> LogoOut:
    """What is stored of a logo. Pictures are at `/logos/{logo}/thumbnail` and `/logos/{logo}/picture`."""
    opened = service.opened(at)
    details = opened.listing.one(logo)
    entry = opened.index.entry(logo)
    chosen = {name: entry[name] for name in LogoOut.model_fields if name != "name"}
    return LogoOut(name=opened.short(details.path), **chosen)


@router.get("/cases/{case}/decisions")
def decisions(case: str, service: TheService) -> list[DecisionOut]:
    """What was decided in a case: `case` of a search, which is the SHA-256 of its picture."""
    return [DecisionOut.of(d) for d in service.reviews.decisions(case).values()]


@router.put("/cases/{case}/decisions/{logo}")
def decide(case: str, logo: int, decision: DecisionIn, service: TheService) -> DecisionOut:
    """Keep or dismiss a logo, or note something about it."""
    path = service.opened().listing.one(logo).path
    stored = store_decision(
        service, case, path, logo, decision.verdict, decision.note, decision.reviewer
    )
    return DecisionOut.of(stored)


@router.get("/searches")
def saved_searches(service: TheService) -> list[SavedOut]:
    """Saved searches, the latest first."""
    return [
        SavedOut(id=s.id, name=s.name, query=s.address, saved=s.saved)
        for s in service.reviews.searches()
    ]


@router.post("/searches", status_code=201)
def save_search(saved: SavedIn, service: TheService) -> SavedOut:
    """Keep a search under a name."""
    number = store_search(service, parse_address(saved.query), saved.name)
    return next(s for s in saved_searches(service) if s.id == number)


@router.delete("/searches/{number}", status_code=204)
def forget_search(number: int, service: TheService) -> Response:
    """Take a saved search away."""
    if not service.reviews.forget_search(number):
        raise UsageError(f"search {number}: there is none")
    return Response(status_code=204)


@router.get("/status")
def status(service: TheService) -> dict[str, Any]:
    """What the index is and holds."""
    return index_info(service)


@router.get("", include_in_schema=False)
def description(request: Request, service: TheService) -> Response:
    """The API's description, to be read."""
    schema = request.app.openapi()
    operations = [
        (method.upper(), path, operation)
        for path, item in schema["paths"].items()
        for method, operation in item.items()
    ]
    return render(
        request,
        "api.html",
        operations=operations,
        example=_example(service),
        base=str(request.base_url).rstrip("/"),
    )


def _example(service: Service) -> str:
    columns = service.opened().columns
    return f"{next(iter(columns))} is not missing" if columns else "width >= 64"
