"""The application: routes, rules, and errors as one sentence."""

import logging
import re
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from marquery._version import __version__
from marquery.errors import ImageError, MarqueryError, UsageError
from marquery.index import LogoIndex
from marquery.index.browsing.listing import NoSuchLogo
from marquery.web import api, entrance, explaining, media, pages, reports, reviewing
from marquery.web.cleaning import Cleaner, Keeping
from marquery.web.rendering import STATIC, make_environment
from marquery.web.security import Access, Guard
from marquery.web.service import Service

_LOG = logging.getLogger("marquery.web")
_DESCRIPTION = (
    "Search an index of logos by picture, part, colour and words; decide; report. "
    "With a token, send `Authorization: Bearer TOKEN`."
)


def create_app(
    index: LogoIndex, access: Access, folder: Path | None = None, keeping: Keeping | None = None
) -> FastAPI:
    """The examiner's page and its JSON API.

    Args:
        index: what is searched.
        access: who may ask.
        folder: for uploaded pictures and reviews; default: beside the index.
        keeping: how long uploads stay; while the server runs the others are taken away.

    Raises:
        MarqueryError: the reviews cannot be opened.
    """
    service = Service(index, folder)
    cleaner = Cleaner(service.queries, keeping)

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        stop = threading.Event()
        cleaning = threading.Thread(target=cleaner.run, args=(stop,), name="cleaning")
        cleaning.start()
        yield
        stop.set()
        cleaning.join()

    app = FastAPI(
        lifespan=running,
        title="marquery",
        version=__version__,
        description=_DESCRIPTION,
        openapi_url="/api/openapi.json",
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
    )
    app.state.service = service
    app.state.access = access
    app.state.templates = make_environment()
    for part in (entrance, pages, reviewing):
        app.include_router(part.router, include_in_schema=False)
    app.include_router(api.router)
    app.include_router(explaining.router)
    app.include_router(reports.router)
    app.include_router(media.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(Guard, access=access)
    for kind, answer in (
        (UsageError, _answer(lambda _: 422)),
        (ImageError, _answer(lambda _: 422)),
        (NoSuchLogo, _answer(lambda _: 404)),
        (MarqueryError, _answer(lambda _: 503)),
        (HTTPException, _answer(_http_status)),
        (RequestValidationError, _answer(lambda _: 422)),
        (Exception, _unexpected),
    ):
        app.add_exception_handler(kind, answer)
    return app


def _answer(status: Callable[[Exception], int]) -> Callable[[Request, Exception], Response]:
    def answer(request: Request, error: Exception) -> Response:
        return _say(request, status(error), _sentence(request, error))

    return answer


def _http_status(error: Exception) -> int:
    return error.status_code if isinstance(error, HTTPException) else 500


def _unexpected(request: Request, error: Exception) -> Response:
    _LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _say(request, 500, "something went wrong here; the server's log says what")


def _sentence(request: Request, error: Exception) -> str:
    """What went wrong, in terms of the page, without places on the server's disk."""
    if isinstance(error, HTTPException):
        return str(error.detail)
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc'][1:]))}: {first['msg']}"
    service: Service = request.app.state.service
    text = str(error)
    for place in (service.index.path.absolute(), service.index.path, service.folder):
        text = text.replace(str(place), place.name)
    text = re.sub(r"(?<!\w)/(?:[^\s/:]+/)+", "", text)
    return re.sub(r"--part\b", "crop", text).replace("--", "")


def _say(request: Request, status: int, sentence: str) -> Response:
    accepted = request.headers.get("accept", "")
    # What htmx asks for names no type, and is shown on the page.
    is_shown = "hx-request" in request.headers or "text/html" in accepted
    if request.url.path.startswith("/api/") or not is_shown:
        return JSONResponse({"detail": sentence}, status)
    return pages.error_page(request, status, sentence)
