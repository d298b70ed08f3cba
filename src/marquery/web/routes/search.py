"""Searching: pictures come in, hits go out."""

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from marquery.errors import ImageError, UsageError
from marquery.web import limits
from marquery.web.answers import QueryOut, SearchOut
from marquery.web.columns import lookup_columns
from marquery.web.dependencies import TheService
from marquery.web.examiner.decided import view
from marquery.web.examiner.pictures import logo_bytes
from marquery.web.examiner.reviews import StoredQuery
from marquery.web.examiner.search_request import PageRequest
from marquery.web.examiner.service import Service
from marquery.web.inputs import ApiSearch
from marquery.web.page_values import all_values, existing_page, query_values
from marquery.web.rendering import render

page = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api", tags=["API"])

Picture = Annotated[UploadFile, File(description="PNG, JPEG, SVG, WebP, GIF, TIFF or BMP.")]
Address = Annotated[str, Form(max_length=limits.ADDRESS_LENGTH)]


@page.get("/")
def show_search(
    request: Request, search: Annotated[PageRequest, Query()], service: TheService
) -> Response:
    """The page as its address says; to htmx only what a search changes."""
    is_piece = "hx-request" in request.headers and "hx-history-restore-request" not in (
        request.headers
    )
    if not is_piece and request.query_params.multi_items() != search.parameters():
        return RedirectResponse(search.address(), 303)  # a form's empty fields
    if not (search.has_query or search.is_listing):
        start: dict[str, Any] = {
            "recent": service.reviews.recent_queries(),
            "saved": service.reviews.searches(),
            "fields": lookup_columns(service.at().columns),
            "code_columns": list(service.at().facets.kinds),
        }
        return render(request, "start.html", **query_values(service, search), **start)
    shown, answer = existing_page(service, search)
    if shown.page != search.page and not is_piece:
        return RedirectResponse(shown.address(), 303)
    values = all_values(service, shown, answer)
    if not is_piece:
        return render(request, "search.html", **values)
    piece = render(request, "_found.html", **values)
    piece.headers["HX-Push-Url"] = shown.address()
    return piece


@page.post("/queries")
def upload(
    service: TheService,
    picture: Annotated[list[UploadFile], File()],
    state: Address = "",
    add: Annotated[str, Form()] = "",
) -> Response:
    """Keep uploaded pictures, and search for them: clean, with pinned filters, or beside the
    pictures that are there.
    """
    kept = PageRequest.from_address(state)
    files = [file for file in picture[: limits.UPLOADED_PICTURES] if file.size]
    if not files:
        raise UsageError("picture", "no picture is given", "choose one first")
    added = [_store(service, file).sha256 for file in files]
    if add and kept.queries:
        return RedirectResponse(
            kept.replace(queries=_joined(kept, added), crop=None).address(), 303
        )
    return RedirectResponse(kept.for_pictures(added).address(), 303)


@page.post("/logos/{logo}/query")
def search_for_logo(logo: int, service: TheService, state: Address = "") -> Response:
    """Search for an indexed logo as if it had been uploaded."""
    kept = PageRequest.from_address(state)
    details = service.at(kept.version).listing.one(logo)
    with service.reading:
        data = logo_bytes(details)
    added = service.uploads.add(data, details.path.rsplit("/", 1)[-1])
    return RedirectResponse(kept.with_pictures([added.sha256]).address(), 303)


@api.post("/queries", status_code=201)
def upload_picture(service: TheService, picture: Picture) -> QueryOut:
    """Upload a picture; it is known by its SHA-256 from then on."""
    query = _store(service, picture)
    return QueryOut(sha256=query.sha256, name=query.name, width=query.width, height=query.height)


@api.get("/search")
def find(service: TheService, search: Annotated[ApiSearch, Query()]) -> SearchOut:
    """Search with uploaded pictures. `f.COLUMN=VALUE` chooses values of a column."""
    return SearchOut.of(service, search, view(service, search, search.k, search.offset))


@api.post("/search")
def search_with_picture(
    service: TheService, picture: Picture, search: Annotated[ApiSearch, Form()]
) -> SearchOut:
    """Upload a picture and search with it; takes the parameters of `GET /api/search`."""
    with service.searching:  # who will be put off is before the picture is read and kept
        uploaded = _store(service, picture).sha256
        search = search.replace(queries=(uploaded, *search.queries))
        return SearchOut.of(service, search, view(service, search, search.k, search.offset))


def _joined(kept: PageRequest, added: list[str]) -> tuple[str, ...]:
    """The pictures of a search and more of the same mark."""
    queries = tuple(dict.fromkeys((*kept.queries, *added)))
    if len(queries) > limits.UPLOADED_PICTURES:
        raise UsageError(
            "picture",
            f"there are {len(queries)} pictures then",
            f"search for {limits.UPLOADED_PICTURES} at most, remove some",
        )
    return queries


def _store(service: Service, file: UploadFile) -> StoredQuery:
    """Keep an uploaded picture.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return service.uploads.add(file.file.read(), file.filename or "")
    except ImageError as error:
        raise UsageError("picture", str(error)) from error
