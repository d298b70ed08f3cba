"""Codes of classifications, to choose from and suggested: on the page and as JSON."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from marquery.web.code_answers import CodeOut, SuggestedOut
from marquery.web.dependencies import TheService
from marquery.web.examiner.codes import codes_of, suggestions
from marquery.web.examiner.search_request import PageRequest, SearchRequest
from marquery.web.inputs import CodesPage, CodesSearch
from marquery.web.rendering import render

page = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api", tags=["API"])


@page.get("/codes/{column}")
def show_codes(
    request: Request,
    column: str,
    search: Annotated[CodesPage, Query()],
    service: TheService,
) -> Response:
    """The codes of a column: a page, or to htmx the list alone."""
    branches = codes_of(service, search, column, search.of, search.find)
    template = "_branches.html" if "hx-request" in request.headers else "codes.html"
    return render(request, template, column=column, branches=branches, state=search)


@page.get("/suggestions")
def show_suggestions(
    request: Request, search: Annotated[PageRequest, Query()], service: TheService
) -> Response:
    """Codes suggested for the query, each a click away from filtering by it."""
    suggested = suggestions(service, search)
    template = "_suggested.html" if "hx-request" in request.headers else "suggestions.html"
    return render(request, template, suggested=suggested, state=search)


@api.get("/codes/{column}")
def list_codes(
    column: str, search: Annotated[CodesSearch, Query()], service: TheService
) -> list[CodeOut]:
    """The codes of a column of Nice classes or dotted codes, each with the number of logos that it
    would leave; takes the filters of a search.
    """
    opened = service.at(search.version)
    found = codes_of(service, search, column, search.of, search.find)
    return [CodeOut.of(opened, column, branch) for branch in found]


@api.get("/suggestions")
def suggest(search: Annotated[SearchRequest, Query()], service: TheService) -> SuggestedOut:
    """Codes suggested for the query by the votes of the logos nearest to it; takes the parameters
    of a search, whose filters and strategy make no difference.
    """
    return SuggestedOut.of(service.at(search.version), suggestions(service, search))
