"""The API's description as a page to be read; for programs it is at /api/openapi.json."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from marquery.web.dependencies import TheService
from marquery.web.examiner.service import Service
from marquery.web.rendering import render

page = APIRouter(include_in_schema=False)


@page.get("/api")
def show_description(request: Request, service: TheService) -> Response:
    """Every operation with its parameters."""
    schema = request.app.openapi()
    operations = [
        (method.upper(), path, operation)
        for path, item in schema["paths"].items()
        for method, operation in item.items()
    ]
    return render(
        request,
        "api.html",
        operations=operations,
        example=_example(service),
        base=str(request.base_url).rstrip("/"),
    )


def _example(service: Service) -> str:
    columns = service.at().columns
    return f"{next(iter(columns))} is not missing" if columns else "width >= 64"
