"""Queues: a week's filings uploaded at once and gone through case by case."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from marquery.errors import ImageError, UsageError
from marquery.web import limits
from marquery.web.answers import QueryOut
from marquery.web.case_answers import QueueOut
from marquery.web.dependencies import TheService
from marquery.web.examiner.service import Service
from marquery.web.rendering import render

page = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api", tags=["API"])

Name = Annotated[str, Form(max_length=limits.NAME_LENGTH)]
GivenName = Annotated[
    str,
    Form(max_length=limits.NAME_LENGTH, json_schema_extra={"minLength": 1, "pattern": r"\S"}),
]


@page.get("/queues/{queue}")
def show_queue(request: Request, queue: int, service: TheService) -> Response:
    """The cases of a queue and how far they are."""
    return render(
        request,
        "queue.html",
        queue=service.casebook.queue(queue),
        cases=service.casebook.queued(queue),
    )


@page.post("/queues")
def make_on_page(
    request: Request,
    service: TheService,
    name: Name = "",
    picture: Annotated[list[UploadFile] | None, File()] = None,
) -> Response:
    """Make a queue of uploaded pictures; those that cannot be read are named."""
    tidy, files = _name(name), picture or []
    if len(files) > limits.QUEUED_AT_ONCE:
        raise UsageError(
            "picture",
            f"{len(files):,} pictures are more than {limits.QUEUED_AT_ONCE} at once",
            "make several queues",
        )
    added, refused = [], []
    for file in files:
        try:
            if file.size:
                added.append(service.uploads.add(file.file.read(), file.filename or "").sha256)
        except ImageError as error:
            refused.append(str(error))
    if not added:
        why = "; ".join(refused[:5]) or "no picture was given"
        raise UsageError("picture", why, "choose some that can be read")
    number = service.casebook.make_queue(tidy)
    service.casebook.enqueue(number, added)
    if not refused:
        return RedirectResponse(f"/queues/{number}", 303)
    return render(
        request,
        "queue.html",
        queue=service.casebook.queue(number),
        cases=service.casebook.queued(number),
        refused=refused,
    )


@page.post("/queues/{queue}/delete")
def delete_on_page(queue: int, service: TheService) -> Response:
    """Take a queue away; its cases stay."""
    service.casebook.delete_queue(queue)
    return RedirectResponse("/review", 303)


@api.get("/queues")
def list_queues(service: TheService) -> list[QueueOut]:
    """Queues, the latest first."""
    return [QueueOut.of(queue) for queue in service.casebook.queues()]


@api.post("/queues", status_code=201)
def make_queue(service: TheService, name: GivenName) -> QueueOut:
    """Make a queue without cases."""
    return QueueOut.of(service.casebook.queue(service.casebook.make_queue(_name(name))))


@api.post("/queues/{queue}/pictures", status_code=201)
def add_to_queue(
    queue: int,
    service: TheService,
    picture: Annotated[UploadFile, File(description="PNG, JPEG, SVG, WebP, GIF, TIFF or BMP.")],
) -> QueryOut:
    """Upload a picture as the last case of a queue; one that is in it already stays where it is."""
    service.casebook.queue(queue)
    return _add(service, queue, picture)


def _add(service: Service, queue: int, file: UploadFile) -> QueryOut:
    try:
        query = service.uploads.add(file.file.read(), file.filename or "")
    except ImageError as error:
        raise UsageError("picture", str(error)) from error
    service.casebook.enqueue(queue, [query.sha256])
    return QueryOut(sha256=query.sha256, name=query.name, width=query.width, height=query.height)


def _name(name: str) -> str:
    if not name.strip():
        raise UsageError("name", "is empty", "give the queue a name")
    return name.strip()
