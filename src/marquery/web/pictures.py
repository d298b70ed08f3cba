"""Pictures as browsers are sent them: drawn anew from what was decoded, never a file of the disk as it is."""

import io
from pathlib import Path

from PIL import Image
from starlette.responses import Response

from marquery.errors import ImageError
from marquery.images import load_image
from marquery.index.browsing.listing import Details
from marquery.index.storage.reading import content_hash
from marquery.web.queries import UPLOAD_LIMITS

#: Longest side in pixels of a picture that is looked at closely.
CLOSE_SIDE = 1200
SMALL_SIDE = 160
_FOREVER = "private, max-age=31536000, immutable"
_NOT_LONG = "private, max-age=60"


def logo_picture(details: Details) -> tuple[Image.Image | None, str]:
    """A logo's file as a picture, or None and why the small one has to do.

    The file may have gone or changed since it was indexed; what is shown must be what was compared.
    """
    path = Path(details.path)
    try:
        if content_hash(path) != details.sha256:
            return None, "the file has changed since it was indexed"
        return load_image(path, UPLOAD_LIMITS), ""
    except ImageError:
        return None, "the file is not there any more"


def as_response(image: Image.Image, side: int, lasting: bool = True) -> Response:
    """A picture as WebP without loss, no side longer than ``side``."""
    small = image
    if max(image.size) > side:
        small = image.copy()
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "WEBP", lossless=True, quality=40, method=1)
    return kept(out.getvalue(), lasting)


def kept(webp: bytes, lasting: bool = True) -> Response:
    """WebP bytes that a browser may keep."""
    headers = {"cache-control": _FOREVER if lasting else _NOT_LONG}
    return Response(webp, media_type="image/webp", headers=headers)
