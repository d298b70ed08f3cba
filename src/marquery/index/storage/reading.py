"""From a file to all that an index needs of it but the vectors, which come in batches."""

import hashlib
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from marquery.errors import ImageError
from marquery.images import ImageSource, UInt8Array, load_image
from marquery.index.strategies.ocr import read_words
from marquery.index.strategies.palette import Float32Array, dominant_colors
from marquery.index.strategies.parts import Part, cut_all, cut_part, find_parts, shrink
from marquery.index.strategies.silhouette import silhouette
from marquery.segments import Segmentation, segment

#: Longest side in pixels of the thumbnails kept in an index.
THUMBNAIL_SIDE = 128
Square = Callable[[ImageSource], UInt8Array]


@dataclass(frozen=True)
class Stamp:
    """What tells a changed file without reading it."""

    size: int
    """Bytes."""
    modified: int
    """Nanoseconds since 1970."""


@dataclass(frozen=True)
class Drawing:
    """A logo, read and taken apart."""

    path: str
    stamp: Stamp
    sha256: str
    size: tuple[int, int]
    """Width and height in pixels."""
    thumbnail: bytes
    """WebP."""
    colors: Float32Array
    """See :func:`marquery.index.strategies.palette.dominant_colors`."""
    parts: list[Part]
    """Boxes are in pixels of the file."""
    squares: list[UInt8Array]
    """What is embedded, each uint8 (side, side, 3): the whole, its silhouette, the whole cut out, each part."""
    words: str | None = None
    """See :func:`marquery.index.strategies.ocr.read_words`; None where words were not read."""


def stamp_of(path: Path) -> Stamp | None:
    """The stamp of a file; None if it is not there."""
    try:
        state = path.stat()
    except OSError:
        return None
    return Stamp(state.st_size, state.st_mtime_ns)


def content_hash(path: Path) -> str:
    """Hex SHA-256 of a file.

    Raises:
        ImageError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ImageError(path, f"cannot be read ({error.strerror or error})") from error


def read_drawing(
    path: str | os.PathLike[str], stamp: Stamp, sha256: str, square: Square, words: bool = False
) -> Drawing:
    """Read a logo and take it apart.

    Args:
        path: the file.
        stamp: of the file, taken before it is read.
        sha256: of its content.
        square: :meth:`LogoEncoder.square` of the encoder that reads them.
        words: whether to read words.

    Raises:
        ImageError: the file cannot be read as an image.
    """
    image = load_image(path)
    pixels, scale, found = take_apart(image)
    parts = find_parts(found)
    squares = [square(image), square(silhouette(found)), square(cut_all(pixels, found))]
    squares += [square(cut_part(pixels, found, part.labels)) for part in parts]
    placed = [Part(p.kind, _scaled(p.box, scale), p.labels) for p in parts]
    colors = dominant_colors(found)
    return Drawing(
        str(path),
        stamp,
        sha256,
        image.size,
        make_thumbnail(image),
        colors,
        placed,
        squares,
        read_words(pixels, found) if words else None,
    )


def take_apart(image: Image.Image) -> tuple[UInt8Array, float, Segmentation]:
    """A logo at the size at which its parts and words are looked for, that scale, and its segments."""
    pixels, scale = shrink(np.asarray(image))
    return pixels, scale, segment(pixels)


def make_thumbnail(image: Image.Image) -> bytes:
    """A picture of at most 128 px, WebP."""
    small = image.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BICUBIC, reducing_gap=3.0)
    out = io.BytesIO()
    small.save(out, "WEBP", quality=80, method=2)
    return out.getvalue()


def _scaled(box: tuple[int, int, int, int], scale: float) -> tuple[int, int, int, int]:
    if scale == 1:
        return box
    x, y, width, height = (round(v / scale) for v in box)
    return x, y, max(width, 1), max(height, 1)
