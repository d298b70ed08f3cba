"""From a file to all that an index stores of it, but for the vectors, which are computed in
batches.
"""

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from marquery.arrays import UInt8Array
from marquery.encoder.sources import Source
from marquery.files import Stamp, open_regular
from marquery.images import load_logo, read_bytes
from marquery.index.strategies.analysis import LogoAnalysis
from marquery.index.strategies.columns import StoredColumn
from marquery.names import source_of

#: Longest side in pixels of the thumbnails kept in an index.
THUMBNAIL_SIDE = 128
Square = Callable[[Source], UInt8Array]


@dataclass(frozen=True)
class StoredFile:
    """What is stored of a file itself."""

    path: str
    """As text, see :mod:`marquery.names`."""
    stamp: Stamp
    sha256: str
    """Hex, of the content."""
    size: tuple[int, int]
    """Width and height in pixels."""
    thumbnail: bytes
    """WebP."""


@dataclass(frozen=True)
class ReadLogo:
    """A logo that was read, before its pictures are embedded."""

    file: StoredFile
    notes: dict[str, Any]
    """Column -> what was read for it without the encoder."""
    counts: dict[str, int]
    """Column -> how many of ``squares`` are its own, in the order of the columns."""
    squares: list[UInt8Array]
    """What is embedded, each uint8 (side, side, 3)."""


def content_hash(path: Path | str) -> str:
    """Hex SHA-256 of a file, or of what is at an address.

    Raises:
        ImageError: it cannot be read.
    """
    if isinstance(path, str):
        return hashlib.sha256(read_bytes(path)).hexdigest()
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_logo(
    path: str,
    stamp: Stamp,
    sha256: str,
    square: Square,
    columns: Sequence[StoredColumn[Any]],
) -> ReadLogo:
    """Read a logo and what the columns need of it.

    Args:
        path: the file's, as text.
        stamp: of the file, taken before it is read.
        sha256: of its content.
        square: :meth:`LogoEncoder.square` of the encoder that embeds the pictures.
        columns: what is to be stored.

    Raises:
        ImageError: the file cannot be read as an image, or is blank.
    """
    image = load_logo(source_of(path))
    logo = LogoAnalysis(image)
    squares = {c.name: [square(picture) for picture in c.pictures(logo)] for c in columns}
    return ReadLogo(
        file=StoredFile(path, stamp, sha256, image.size, make_thumbnail(image)),
        notes={c.name: c.note(logo) for c in columns},
        counts={name: len(some) for name, some in squares.items()},
        squares=[one for some in squares.values() for one in some],
    )


def make_thumbnail(image: Image.Image) -> bytes:
    """A picture of at most 128 px, WebP."""
    small = image.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BICUBIC, reducing_gap=3.0)
    out = io.BytesIO()
    small.save(out, "WEBP", quality=80, method=2)
    return out.getvalue()
