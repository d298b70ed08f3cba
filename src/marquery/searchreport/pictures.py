"""Pictures of a report: the query with its rectangle, the part alone, thumbnails."""

import io
import math
from dataclasses import dataclass, field

from PIL import Image, ImageDraw

from marquery.index import LogoIndex
from marquery.index.browsing.listing import Listing
from marquery.searchreport.query_image import png
from marquery.searchreport.record import Box, SearchRecord

# Longest side in pixels: 80 mm at 200 dots an inch. Small images are enlarged to it, so that the
# rectangle's line is thin.
_SIDE, _ENLARGED = 640, 4
_RED, _WHITE = (200, 30, 30), (255, 255, 255)


@dataclass(frozen=True)
class Pictures:
    """All pictures of a report as PNG files, except those of explanations, which are in the
    record.
    """

    queries: list[bytes]
    """At most 640 px, the rectangle drawn in red with a white rim."""
    part: bytes | None = None
    """What the rectangle holds; None where none was drawn."""
    thumbnails: dict[int, bytes] = field(default_factory=dict)
    """By the hit's id; without logos that have changed in the index since."""


def pictures_of(record: SearchRecord, index: LogoIndex | None) -> Pictures:
    """Draw what a report shows.

    Args:
        record: whose report it is.
        index: where the hits' pictures are; None leaves them out.

    Raises:
        ImageError: a query image of the record is none.
    """
    images = [image.load() for image in record.images]
    box = record.asked.part
    part = None
    if box is not None and images:
        x, y, width, height = box
        part = png(_fitted(images[0].crop((x, y, x + width, y + height)))[0])
    return Pictures(
        queries=[png(_drawn(image, box)) for image in images],
        part=part,
        thumbnails={} if index is None else _thumbnails(record, index),
    )


def _thumbnails(record: SearchRecord, index: LogoIndex) -> dict[int, bytes]:
    stored = Listing(index).many([hit.id for hit in record.shown])
    found = {}
    for hit in record.shown:
        details = stored.get(hit.id)  # None where it is gone: the report is about what was
        if details is not None and details.sha256 == hit.sha256:
            with Image.open(io.BytesIO(details.thumbnail)) as small:
                found[hit.id] = png(small.convert("RGB"))
    return found


def _drawn(image: Image.Image, part: Box | None) -> Image.Image:
    if part is None:
        return image if max(image.size) <= _SIDE else _fitted(image)[0]
    small, scale = _fitted(image)
    x, y, width, height = part
    left, top = math.floor(x * scale), math.floor(y * scale)
    right, bottom = math.ceil((x + width) * scale) - 1, math.ceil((y + height) * scale) - 1
    line = max(2, max(small.size) // 140)
    # Space for a rectangle around the whole image.
    room = 2 * line
    drawn = Image.new("RGB", (small.width + 2 * room, small.height + 2 * room), _WHITE)
    drawn.paste(small, (room, room))
    pen = ImageDraw.Draw(drawn)
    box = (left + room, top + room, max(right, left) + room, max(bottom, top) + room)
    pen.rectangle(_grown(box, 2 * line), outline=_WHITE, width=3 * line)
    pen.rectangle(_grown(box, line), outline=_RED, width=line)
    return drawn


def _grown(box: tuple[int, int, int, int], by: int) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    return left - by, top - by, right + by, bottom + by


def _fitted(image: Image.Image) -> tuple[Image.Image, float]:
    scale = min(_ENLARGED, _SIDE / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS), scale
