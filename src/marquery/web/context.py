"""What a request's handler gets from the application."""

from typing import Annotated

from fastapi import Depends, Request

from marquery.web.security import Access
from marquery.web.service import Service
from marquery.web.state import SearchState, parse_state


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


TheService = Annotated[Service, Depends(get_service)]
TheAccess = Annotated[Access, Depends(get_access)]
TheState = Annotated[SearchState, Depends(get_state)]
