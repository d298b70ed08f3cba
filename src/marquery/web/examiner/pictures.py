"""Pictures for browsers: encoded anew from decoded pixels, never a file of the disk as it is."""

import hashlib
import io

from PIL import Image

from marquery.decoding import decode, memory_told
from marquery.errors import ImageError, MarqueryError
from marquery.images import read_bytes
from marquery.index.browsing.listing import Details
from marquery.names import source_of
from marquery.web.limits import UPLOAD

#: Longest side in pixels of a picture that is looked at closely.
CLOSE_SIDE = 1200
SMALL_SIDE = 160


def logo_picture(details: Details) -> tuple[Image.Image | None, str]:
    """A logo's file as a picture, or None and why the small one has to do.

    The file may have gone or changed since it was indexed; what is shown must be what was compared.
    """
    image, _, why = _as_indexed(details)
    return image, why


def logo_bytes(details: Details) -> bytes:
    """A logo's file, or its small picture where the file is gone or has changed."""
    image, content, _ = _as_indexed(details)
    return details.thumbnail if image is None else content


def _as_indexed(details: Details) -> tuple[Image.Image | None, bytes, str]:
    """A logo's file as a picture and as it is, read once; or None, nothing, and why."""
    path = source_of(details.path)
    try:
        with memory_told(path):
            content = read_bytes(path, UPLOAD)
            if hashlib.sha256(content).hexdigest() != details.sha256:
                return None, b"", "the file has changed since it was indexed"
            return decode(path, content, UPLOAD), content, ""
    except ImageError:
        return None, b"", "the file is not there any more"
    except MarqueryError:  # at an address that does not answer
        return None, b"", "the file cannot be reached now"


def as_webp(image: Image.Image, side: int) -> bytes:
    """A picture as WebP without loss, no side longer than ``side`` pixels."""
    small = image
    if max(image.size) > side:
        small = image.copy()
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "WEBP", lossless=True, quality=40, method=1)
    return out.getvalue()
