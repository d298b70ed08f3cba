"""What a request's handler gets from the application."""

from typing import Annotated
from urllib.parse import unquote

from fastapi import Depends, Request

from marquery.web.security import Access
from marquery.web.service import Service
from marquery.web.state import SearchState, parse_state

#: Cookie with the name of who decides.
REVIEWER = "reviewer"
LONGEST_NAME = 120


def get_service(request: Request) -> Service:
    """The index that is served."""
    service: Service = request.app.state.service
    return service


def get_access(request: Request) -> Access:
    """The rules of who may talk to the server."""
    access: Access = request.app.state.access
    return access


def get_state(request: Request) -> SearchState:
    """The search that the request's address describes."""
    return parse_state(request.query_params.multi_items())


def get_reviewer(request: Request) -> str:
    """Who decides in this browser, as a cookie remembers it; empty where nobody said."""
    return unquote(request.cookies.get(REVIEWER, ""))[:LONGEST_NAME]


TheService = Annotated[Service, Depends(get_service)]
TheAccess = Annotated[Access, Depends(get_access)]
TheReviewer = Annotated[str, Depends(get_reviewer)]
TheState = Annotated[SearchState, Depends(get_state)]
