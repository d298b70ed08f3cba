"""Pictures inside a drawing (``data:`` references): found in any spelling, checked, and written in
the one that the renderer reads.
"""

import base64
import binascii
import contextlib
import io
import math
import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from PIL import Image, ImageOps

from marquery.svg.limits import SvgLimits
from marquery.svg.problem import SvgError
from marquery.svg.recognition import looks_like_svg

_SCHEME = re.compile(r"\s*data:", re.I)
_BASE64 = re.compile(r";\s*base64\s*\Z", re.I)
_PLAIN = re.compile(r"data:image/\w+;base64,[A-Za-z0-9+/]+={0,2}\Z")
_BLANKS_AND_PADDING = b" \t\r\n\f="
# The alphabet of addresses is understood as well.
_STANDARD = bytes.maketrans(b"-_", b"+/")
# Formats that the renderer reads; others are converted.
_DRAWN = {"PNG": "png", "JPEG": "jpeg", "GIF": "gif", "WEBP": "webp"}
_ORIENTATION = 0x0112
_CONVERTED = ("BMP", "AVIF", "TIFF")
# Pixels from which a picture inside is reduced: no drawing shows so many, and the renderer holds
# all of them several times.
_REDUCED_FROM = 16_000_000
# Pixels that are converted at once.
_BAND_PIXELS = 2**20


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
        # The renderer leaves out pictures in the four colours of print, and what EXIF says.
        is_turned = _is_turned(image)
        if image.format not in _DRAWN or image.mode == "CMYK" or is_turned or not small:
            return _written("png", _png(image, reduce=not small))
        kind = _DRAWN[image.format]
        if reference.startswith(f"data:image/{kind};base64,") and _PLAIN.match(reference):
            return reference  # not copied: it may be large
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
    # Pictures may be large: they are copied no oftener than they have to be.
    data = reference[comma + 1 :].encode("utf-8", "replace")
    if b"%" in data:
        data = unquote_to_bytes(data)
    if not _BASE64.search(reference[scheme.end() : comma]):
        return data
    data = data.translate(_STANDARD, _BLANKS_AND_PADDING)
    try:
        return binascii.a2b_base64(data + b"=" * (-len(data) % 4))
    except ValueError:
        return None


def _written(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"


def _png(image: Image.Image, *, reduce: bool) -> bytes:
    try:
        factor = 1
        if reduce:
            factor = math.ceil(math.sqrt(image.width * image.height / _REDUCED_FROM))
            wanted = (image.width // factor, image.height // factor)
            image.draft("RGB", wanted)  # some formats can be decoded at a reduced size
            factor = max(1, round(image.width / wanted[0]))
        out = io.BytesIO()
        upright = _upright(_rgba(image, factor), image)
        upright.save(out, "PNG", compress_level=1)
        return out.getvalue()
    except MemoryError:
        raise
    except Exception as error:
        raise SvgError("holds a picture that cannot be read") from error


def _is_turned(image: Image.Image) -> bool:
    """Whether EXIF says that a picture is to be turned."""
    with contextlib.suppress(Exception):  # a broken block says nothing
        return image.getexif().get(_ORIENTATION, 1) in range(2, 9)
    return False


def _upright(pixels: Image.Image, image: Image.Image) -> Image.Image:
    """Pixels of a picture, turned as its EXIF says."""
    if not _is_turned(image):
        return pixels
    pixels.getexif()[_ORIENTATION] = image.getexif()[_ORIENTATION]
    return ImageOps.exif_transpose(pixels)


def _rgba(image: Image.Image, factor: int) -> Image.Image:
    """A picture of any mode as RGBA, each ``factor`` x ``factor`` pixels of it as one.

    Piece by piece, without NumPy: this process may hold little more than the picture.
    """
    small = Image.new("RGBA", (math.ceil(image.width / factor), math.ceil(image.height / factor)))
    rows = factor * max(1, _BAND_PIXELS // (image.width * factor))
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(top + rows, image.height)))
        if band.mode.startswith("I"):  # of 16 bits
            band = band.convert("I").point(lambda level: level * (1 / 257)).convert("L")
        small.paste(band.convert("RGBA").reduce(factor), (0, top // factor))
    return small
