"""The report of a search as a file: by the page's button and by the API."""

from typing import Annotated

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from marquery.web.dependencies import TheService
from marquery.web.examiner.report import ReportFile, make_report
from marquery.web.examiner.search_request import SearchRequest
from marquery.web.inputs import ReportForm, ReportSearch

page = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api", tags=["API"])


@page.post("/report")
def report_on_page(service: TheService, form: Annotated[ReportForm, Form()]) -> Response:
    """The report of the search that is shown, from its first hit on."""
    return _download(make_report(service, SearchRequest.from_address(form.state), form))


@api.get("/report", response_class=Response)
def report(service: TheService, search: Annotated[ReportSearch, Query()]) -> Response:
    """The report of a search with what was decided; takes the same parameters as a search."""
    return _download(make_report(service, search, search))


def _download(file: ReportFile) -> Response:
    headers = {"content-disposition": f'attachment; filename="{file.name}"'}
    return Response(file.data, media_type=file.media_type, headers=headers)
