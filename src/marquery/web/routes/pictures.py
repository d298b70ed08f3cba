"""Pictures: logos by their id, queries by their hash."""

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Path as InPath
from PIL import Image
from starlette.responses import Response

from marquery.errors import NotThereError
from marquery.web.dependencies import TheService
from marquery.web.examiner.pictures import CLOSE_SIDE, SMALL_SIDE, as_webp, logo_picture
from marquery.web.examiner.service import Service
from marquery.web.responses import webp

Sha256 = Annotated[str, InPath(pattern=r"^[0-9a-f]{64}$", description="Of an uploaded picture.")]
router = APIRouter(tags=["pictures"])
_WEBP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/webp": {}}, "description": "The picture."}
}


@router.get("/logos/{logo}/thumbnail", response_class=Response, responses=_WEBP)
def thumbnail(logo: int, service: TheService, at: int | None = None, v: str = "") -> Response:
    """The small picture of a logo, at most 128 px; with any `v`, browsers keep it."""
    return webp(service.at(at).listing.one(logo).thumbnail, lasting=bool(v))


@router.get("/logos/{logo}/picture", response_class=Response, responses=_WEBP)
def picture(logo: int, service: TheService, at: int | None = None, v: str = "") -> Response:
    """A logo at most 1200 px long; the small picture where its file is gone or has changed."""
    details = service.at(at).listing.one(logo)
    with service.reading:
        image, _ = logo_picture(details)
        if image is None:
            return webp(details.thumbnail, lasting=False)
        return webp(as_webp(image, CLOSE_SIDE), lasting=bool(v))


@router.get("/queries/{sha256}/picture", response_class=Response, responses=_WEBP)
def query_picture(sha256: Sha256, service: TheService) -> Response:
    """A query's picture as it is searched for, at most 1200 px long."""
    return webp(as_webp(_query(service, sha256), CLOSE_SIDE))


@router.get("/queries/{sha256}/thumbnail", response_class=Response, responses=_WEBP)
def query_thumbnail(sha256: Sha256, service: TheService) -> Response:
    """A query's small picture."""
    return webp(as_webp(_query(service, sha256), SMALL_SIDE))


def _query(service: Service, sha256: str) -> Image.Image:
    """The picture that an address names; raises NotThereError."""
    try:
        return service.uploads.image(sha256)
    except NotThereError as error:
        raise NotThereError("sha256", error.problem, error.remedy) from error
