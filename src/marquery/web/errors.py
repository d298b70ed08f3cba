"""Errors as one sentence: for people on the page, for programs as JSON, in the words of each."""

import logging
import re
from collections.abc import Callable
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount

from marquery.errors import ImageError, MarqueryError, NotThereError, UsageError
from marquery.index.browsing.listing import NoSuchLogo
from marquery.web.dependencies import get_service
from marquery.web.examiner.gate import BusyError
from marquery.web.examiner.parameters import as_usage_error
from marquery.web.examiner.reviews import ConflictError
from marquery.web.labels import api_name, page_label
from marquery.web.rendering import render
from marquery.web.responses import refuse

_LOG = logging.getLogger("marquery.web")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# What the reader of forms says, by a part of it: the status and the sentence in its place.
_FORMS = (
    ("exceeded maximum size", 413, "one field of the form is larger than 1 MiB; make it shorter"),
    ("Too many", 413, "the form has more fields or files than are read (1000); leave some out"),
    (
        "boundary",
        400,
        "the form has no boundary between its fields; send it as multipart/form-data",
    ),
    ("Content-Disposition", 400, "a field of the form has no name; give each one"),
    ("multipart", 400, "the form cannot be read; send it as multipart/form-data"),
    ("parsing the body", 400, "the body cannot be read; send JSON or a form, as its type says"),
)
# When to ask again of an index that cannot be read, such as one that is being put in place.
_MENDED_SECONDS = 30
_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (NotThereError, 404),
    (UsageError, 422),
    (ImageError, 422),
    (RequestValidationError, 422),
    (NoSuchLogo, 404),
    (ConflictError, 409),
    (BusyError, 503),
    (MarqueryError, 503),
)


def answer_errors(app: FastAPI) -> None:
    """Have every error of a route answered by a sentence."""
    for kind, status in _STATUS:
        app.add_exception_handler(kind, _answering(status))
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)


def status_of(error: MarqueryError) -> int:
    """The status of HTTP that says of what kind an error is."""
    return next(status for kind, status in _STATUS if isinstance(error, kind))


def page_sentence(request: Request, error: MarqueryError) -> str:
    """An error in the words of the page, without places on the server's disk."""
    if isinstance(error, UsageError):
        return _without_places(request, error.sentence(page_label))
    return _without_places(request, str(error))


def _answering(status: int) -> Callable[[Request, Exception], Response]:
    def answer(request: Request, error: Exception) -> Response:
        if isinstance(error, RequestValidationError):
            error = as_usage_error(error.errors(), skip=1)
        if not isinstance(error, MarqueryError):
            raise error
        response = _refusal(request, status, error)
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            seconds = error.seconds if isinstance(error, BusyError) else _MENDED_SECONDS
            response.headers["retry-after"] = str(seconds)
        return response

    return answer


def _refusal(request: Request, status: int, error: MarqueryError) -> Response:
    if _is_for_people(request):
        return _error_page(request, status, page_sentence(request, error))
    if not isinstance(error, UsageError):
        return refuse(status, _without_places(request, str(error)))
    option = None if error.option is None else api_name(error.option)
    return refuse(status, _without_places(request, error.sentence(api_name)), option)


def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    status, sentence = error.status_code, str(error.detail)
    for found, means, words in _FORMS if status == 400 else ():
        if found in sentence:
            status, sentence = means, words
            break
    answer = _say(request, status, sentence)
    answer.headers.update(error.headers or {})
    if error.status_code == 405:
        answer.headers["allow"] = ", ".join(sorted(_methods(request)))
    return answer


def _methods(request: Request) -> set[str]:
    """What an address can be asked for: of all its routes, of which the first alone answers."""

    def is_there(route: BaseRoute, method: str) -> bool:
        if isinstance(route, Mount):  # of files
            return method in ("GET", "HEAD") and request.url.path.startswith(route.path)
        return route.matches({**request.scope, "method": method})[0] is Match.FULL

    routes = request.app.routes
    return {method for method in _METHODS if any(is_there(route, method) for route in routes)}


def _unexpected(request: Request, error: Exception) -> Response:
    _LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _say(request, 500, "something went wrong here; the server's log says what")


def _say(request: Request, status: int, sentence: str) -> Response:
    if _is_for_people(request):
        return _error_page(request, status, sentence)
    return refuse(status, sentence)


def _is_for_people(request: Request) -> bool:
    """Whether the answer is shown on the page, as those to htmx are, which accepts any type."""
    is_shown = "hx-request" in request.headers or "text/html" in request.headers.get("accept", "")
    return is_shown and not request.url.path.startswith("/api/")


def _error_page(request: Request, status: int, sentence: str) -> Response:
    """A line on the page that is open, or a page of its own."""
    template = "_error.html" if "hx-request" in request.headers else "error.html"
    return render(request, template, status, status=status, sentence=sentence)


def _without_places(request: Request, text: str) -> str:
    """The text without folders of the server's disk."""
    service = get_service(request)
    for place in (service.index.path.absolute(), service.index.path, service.folder):
        text = text.replace(str(place), place.name)
    return re.sub(r"(?<!\w)/(?:[^\s/:]+/)+", "", text)
