"""Routes of explanations: why a logo was found, as a piece of the page and as a picture."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from marquery.errors import MarqueryError
from marquery.web.context import TheService, TheState
from marquery.web.pages import render
from marquery.web.pictures import CLOSE_SIDE, as_response

router = APIRouter()


@router.get("/explain/{logo}", include_in_schema=False)
def explanation_piece(
    request: Request, logo: int, state: TheState, service: TheService
) -> Response:
    """What is alike, for the panel that compares; a sentence where there is no explanation."""
    try:
        explanation = service.explain(state, logo)
    except MarqueryError as error:
        return render(request, "_explanation.html", explanation=None, why=str(error), picture="")
    picture = state.but(hit=None, page=1).address(f"/explain/{logo}/picture")
    return render(request, "_explanation.html", explanation=explanation, why="", picture=picture)


@router.get("/explain/{logo}/picture", include_in_schema=False)
def explanation_picture(logo: int, state: TheState, service: TheService) -> Response:
    """Both logos with matched parts in the same colours."""
    return as_response(service.explain(state, logo).picture(), CLOSE_SIDE, lasting=False)


@router.get("/api/explain/{logo}", tags=["API"])
def explain(logo: int, state: TheState, service: TheService) -> dict[str, Any]:
    """Why a logo looks like the query: each part's share of the cosine, adding up to it exactly.

    Takes the same `q` and `crop` as a search.
    """
    return service.explain(state, logo).to_dict()
