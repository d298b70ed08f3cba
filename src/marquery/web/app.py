"""The application: routes, rules and errors put together."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from marquery._version import __version__
from marquery.index import LogoIndex
from marquery.index.browsing.code_names import CodeNames
from marquery.svg import stop_drawing
from marquery.web import limits
from marquery.web.answers import ErrorOut
from marquery.web.errors import answer_errors
from marquery.web.examiner.service import Service
from marquery.web.examiner.upload_cleaner import Retention, UploadCleaner
from marquery.web.rendering import STATIC, page_templates
from marquery.web.routes import all_routers
from marquery.web.security import Access, Guard
from marquery.web.traffic import Traffic

_DESCRIPTION = (
    "Search an index of logos by picture, part, colour and words; decide; report. "
    "With a token, send `Authorization: Bearer TOKEN`."
)
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The request is malformed."},
    401: {"description": "No token, or not the server's."},
    403: {"description": "The request comes from another site."},
    404: {"description": "There is no such thing."},
    405: {"description": "That cannot be done there; `Allow` says what can."},
    408: {"description": "The request took too long to arrive."},
    409: {"description": "Somebody else changed it since; nothing was stored."},
    413: {"description": "The request is too large."},
    421: {"description": "The server is not known by that name."},
    422: {"description": "The request cannot be understood; the sentence says why."},
    500: {"description": "Something went wrong; the server's log says what."},
    503: {"description": "Too much to do, with `Retry-After`; or the index cannot be read."},
}


def create_app(
    index: LogoIndex,
    access: Access,
    folder: Path | None = None,
    retention: Retention | None = None,
    figures: CodeNames | None = None,
) -> FastAPI:
    """The examiner's page and its JSON API.

    Args:
        index: what is searched.
        access: who may ask.
        folder: for uploaded pictures and reviews; default: beside the index.
        retention: how long uploads stay; while the server runs the others are deleted.
        figures: names of the codes of figures in the metadata.

    Raises:
        MarqueryError: the reviews cannot be opened.
    """
    service = Service(index, folder, figures)
    cleaner = UploadCleaner(service.uploads, retention)

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = limits.THREADS
        stop = threading.Event()
        cleaning = threading.Thread(target=cleaner.run, args=(stop,), name="cleaning")
        cleaning.start()
        yield
        stop_drawing()  # a thread may wait for a drawing that takes long
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
        responses={status: {"model": ErrorOut, **said} for status, said in _REFUSALS.items()},
    )
    app.state.service = service
    app.state.access = access
    app.state.templates = page_templates()
    for router in all_routers():
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(Traffic)
    app.add_middleware(Guard, access=access)  # the last one is the first to be asked
    answer_errors(app)
    return app
