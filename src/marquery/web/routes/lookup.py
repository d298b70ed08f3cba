"""Looking marks up without a picture: the fields of a form become a filter."""

import re

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from marquery.web.columns import lookup_columns
from marquery.web.dependencies import TheService
from marquery.web.examiner.parameters import quoted
from marquery.web.examiner.search_request import PageRequest

page = APIRouter(include_in_schema=False)
_FIELD = "by."


@page.get("/lookup")
def look_up(request: Request, service: TheService) -> Response:
    """The listing of what the fields say; with nothing typed, of all logos."""
    columns = service.at().columns
    terms = []
    for name, kind in lookup_columns(columns):
        if text := request.query_params.get(_FIELD + name, "").strip():
            terms.append(_term(name, kind, text))
    sortable = [name for name, kind in columns.items() if kind != "list"]
    search = PageRequest().replace(
        where=" and ".join(terms), sort="" if terms or not sortable else sortable[0]
    )
    return RedirectResponse(search.address(), 303)


def _term(name: str, kind: str, text: str) -> str:
    """A filter of one column: text within, members of lists, the rest as it is typed."""
    if kind != "list":
        return f"{name} {'~' if kind == 'text' else '='} {quoted(name, text)}"
    several = [part for part in re.split(r"[,;\s]+", text) if part]
    fits = [f"{name} {'^=' if '.' in part else '='} {quoted(name, part)}" for part in several]
    return fits[0] if len(fits) == 1 else f"({' or '.join(fits)})"
