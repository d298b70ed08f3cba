"""What a route gets from the application and from the request."""

from typing import Annotated
from urllib.parse import unquote

from fastapi import Depends, Request

from marquery.web.columns import read_choice
from marquery.web.examiner.service import Service
from marquery.web.limits import NAME_LENGTH
from marquery.web.security import Access

#: Cookie with the name of who decides.
REVIEWER = "reviewer"
#: Cookie with the columns that stand on a hit's card.
COLUMNS = "columns"


def get_service(request: Request) -> Service:
    """The index that is served."""
    service: Service = request.app.state.service
    return service


def get_access(request: Request) -> Access:
    """The rules of who may talk to the server."""
    access: Access = request.app.state.access
    return access


def get_reviewer(request: Request) -> str:
    """Who decides in this browser, as a cookie remembers it; empty where nobody said."""
    return unquote(request.cookies.get(REVIEWER, ""))[:NAME_LENGTH]


def get_columns(request: Request) -> tuple[str, ...] | None:
    """The columns that this browser chose for the cards; None where nobody chose."""
    return read_choice(request.cookies.get(COLUMNS))


TheService = Annotated[Service, Depends(get_service)]
TheAccess = Annotated[Access, Depends(get_access)]
TheReviewer = Annotated[str, Depends(get_reviewer)]
