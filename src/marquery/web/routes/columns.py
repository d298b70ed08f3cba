"""Which columns stand on a hit's card: a choice that the browser keeps."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from marquery.web import limits
from marquery.web.columns import write_choice
from marquery.web.dependencies import COLUMNS, TheService
from marquery.web.examiner.search_request import PageRequest

page = APIRouter(include_in_schema=False)


@page.post("/columns")
def choose_columns(
    service: TheService,
    state: Annotated[str, Form(max_length=limits.ADDRESS_LENGTH)],
    column: Annotated[list[str] | None, Form()] = None,
    reset: Annotated[str, Form()] = "",
) -> Response:
    """Keep the choice in this browser, and show the hits with it."""
    answer = RedirectResponse(PageRequest.from_address(state).address(), 303)
    if reset:
        answer.delete_cookie(COLUMNS)
        return answer
    known = [name for name in service.at().columns if name in (column or [])]
    value = write_choice(known)
    answer.set_cookie(COLUMNS, value, max_age=limits.YEAR, httponly=True, samesite="lax")
    return answer
