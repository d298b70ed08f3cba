"""Why a logo was found, as a piece of the page, as a picture and as JSON."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from marquery.errors import MarqueryError
from marquery.web.dependencies import TheService
from marquery.web.errors import page_sentence, status_of
from marquery.web.examiner.pictures import CLOSE_SIDE, as_webp
from marquery.web.examiner.search_request import SearchRequest
from marquery.web.inputs import ExplainedSearch
from marquery.web.rendering import render
from marquery.web.responses import webp

page = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api", tags=["API"])

Search = Annotated[SearchRequest, Query()]


@page.get("/explain/{logo}")
def show_explanation(request: Request, logo: int, search: Search, service: TheService) -> Response:
    """What is alike, for the panel that compares; a sentence where there is no explanation."""
    try:
        found = service.explain(search, logo)
    except MarqueryError as error:
        why = page_sentence(request, error)
        values = {"explanation": None, "why": why}
        answer = render(request, "compare/explanation.html", status_of(error), **values)
        # Where the explanation would stand, not where the page shows other refusals.
        answer.headers.update({"HX-Retarget": "this", "HX-Reswap": "outerHTML"})
        return answer
    picture = search.address(f"/explain/{logo}/picture")
    return render(request, "compare/explanation.html", explanation=found, picture=picture)


@page.get("/explain/{logo}/picture")
def explanation_picture(logo: int, search: Search, service: TheService) -> Response:
    """Both logos with matched parts in the same colours."""
    picture = service.explain(search, logo).picture(sentences=False)
    return webp(as_webp(picture, CLOSE_SIDE), lasting=False)


@api.get("/explain/{logo}")
def explain(
    logo: int, search: Annotated[ExplainedSearch, Query()], service: TheService
) -> dict[str, Any]:
    """What is alike in a logo and the query, and what is not, by what the search compared.

    Sentences (`words`), `evidence` by strategy, and, where the score is a cosine, each part's share
    of it, adding up to it exactly.

    Takes the same parameters as a search.
    """
    return service.explain(search, logo).to_dict()
