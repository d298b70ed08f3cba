"""Pictures inside a drawing (``data:`` references): found in any spelling, checked, and written in
the one that the renderer reads.
"""

import base64
import binascii
import io
import math
import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from PIL import Image

from marquery.svg.limits import SvgLimits
from marquery.svg.problem import SvgError
from marquery.svg.recognition import looks_like_svg

_SCHEME = re.compile(r"\s*data:", re.I)
_BASE64 = re.compile(r";\s*base64\s*\Z", re.I)
_BLANKS = re.compile(rb"[ \t\r\n\f]+")
# Formats that the renderer reads; others are converted.
_DRAWN = {"PNG": "png", "JPEG": "jpeg", "GIF": "gif", "WEBP": "webp"}
_CONVERTED = ("BMP", "AVIF", "TIFF")
# Pixels from which a picture inside is reduced: no drawing shows so many, and the renderer holds
# all of them several times.
_REDUCED_FROM = 16_000_000
_REDUCED_SIDE = 4096


class EmbeddedImages:
    """Checks the pictures of one drawing, whose pixels are counted together.

    Args:
        limits: of bytes and pixels.
        drawing: reads a drawing inside the drawing, and gives it as it is to be drawn.
    """

    def __init__(self, limits: SvgLimits, drawing: Callable[[bytes], bytes] | None) -> None:
        self._limits = limits
        self._drawing = drawing
        self._pixels = 0

    def checked(self, reference: str) -> str | None:
        """The picture of a ``data:`` reference, written as base64; ``None`` if it is no picture.

        Args:
            reference: value of an ``href``, as the XML parser gives it.

        Raises:
            SvgError: it is over the limits.
        """
        data = data_of(reference, self._limits.max_bytes)
        if data is None:
            return None
        if looks_like_svg(data):
            return None if self._drawing is None else _written("svg+xml", self._drawing(data))
        try:
            image = Image.open(io.BytesIO(data), formats=[*_DRAWN, *_CONVERTED])
        except Image.DecompressionBombError as error:
            raise SvgError("holds a picture of too many pixels", "make it smaller") from error
        except Exception:  # no format that is known; Pillow raises nearly anything
            return None
        self._count(image.size)
        small = image.size[0] * image.size[1] < _REDUCED_FROM
        if image.format not in _DRAWN or not small:
            data, kind = _png(image, reduce=not small), "png"
        else:
            kind = _DRAWN[image.format]
        return _written(kind, data)

    def _count(self, size: tuple[int, int]) -> None:
        self._pixels += size[0] * size[1]
        most = self._limits.max_pixels
        if self._pixels > most or max(size) > self._limits.max_side:
            raise SvgError(
                f"holds pictures of more than {most:,} pixels or {self._limits.max_side:,} a side",
                "make them smaller",
            )


def data_of(reference: str, most: int) -> bytes | None:
    """The bytes of a ``data:`` reference; ``None`` for another reference or a broken one.

    Args:
        reference: ``data:[type][;parameters][;base64],content``, percent escapes allowed.
        most: bytes that they may be.

    Raises:
        SvgError: there are more.
    """
    scheme = _SCHEME.match(reference)
    comma = reference.find(",")
    if scheme is None or comma < 0:
        return None
    if (len(reference) - comma) * 3 // 4 > most:
        raise SvgError(f"holds a picture of more than {most:,} bytes", "make it smaller")
    head, content = reference[scheme.end() : comma], reference[comma + 1 :]
    data = unquote_to_bytes(content)
    if not _BASE64.search(head):
        return data
    data = _BLANKS.sub(b"", data).replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4), validate=False)
    except (binascii.Error, ValueError):
        return None


def _written(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"


def _png(image: Image.Image, *, reduce: bool) -> bytes:
    try:
        if reduce:
            image.draft("RGB", (_REDUCED_SIDE, _REDUCED_SIDE))
            image = image.reduce(math.ceil(math.sqrt(image.width * image.height / _REDUCED_FROM)))
        out = io.BytesIO()
        image.convert("RGBA").save(out, "PNG", compress_level=1)
        return out.getvalue()
    except MemoryError:
        raise
    except Exception as error:
        raise SvgError("holds a picture that cannot be read") from error
