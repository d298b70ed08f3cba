"""What the index is and holds: its status, and what is stored of one logo."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from marquery.web.answers import LogoOut
from marquery.web.dependencies import TheService
from marquery.web.rendering import render

page = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api", tags=["API"])


@page.get("/status")
def show_status(request: Request, service: TheService) -> Response:
    """What the index is and holds."""
    return render(request, "status.html", info=service.status())


@api.get("/status")
def status(service: TheService) -> dict[str, Any]:
    """What the index is and holds."""
    return service.status()


@api.get("/logos/{logo}")
def logo(
    logo: int,
    service: TheService,
    at: Annotated[int | None, Query(description="Version of the index.")] = None,
) -> LogoOut:
    """What is stored of a logo.

    Pictures are at `/logos/{logo}/thumbnail` and `/logos/{logo}/picture`.
    """
    opened = service.at(at)
    details = opened.listing.one(logo)
    entry = opened.index.entry(logo)
    chosen = {name: entry[name] for name in LogoOut.model_fields if name != "name"}
    return LogoOut(name=opened.short(details.path), **chosen)
