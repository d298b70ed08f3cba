"""Retrieved logos as pictures: rows for reports, a contact sheet for one search."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PIL import Image, ImageDraw

from marquery.images import load_image
from marquery.names import source_of
from marquery.visualization.canvas import (
    INK,
    IRRELEVANT,
    MUTED,
    PAPER,
    QUERY,
    RELEVANT,
    Color,
    fit_text,
    font,
    tile,
)

_BAR = 5


class Found(Protocol):
    """A hit as the contact sheet needs it."""

    @property
    def rank(self) -> int:
        """From 1."""
        ...

    @property
    def score(self) -> float:
        """Cosine similarity."""
        ...

    @property
    def path(self) -> str:
        """Image file, as text, see :mod:`marquery.names`."""
        ...


@dataclass(frozen=True)
class RetrievalRow:
    """A query and what was found for it, best first."""

    title: str
    query: Path
    found: Sequence[tuple[Path, bool]]
    """Files and whether each is relevant."""


def draw_retrievals(rows: Sequence[RetrievalRow], side: int = 96) -> Image.Image:
    """One line a row: the query over a blue bar, then the found logos over green or red bars.

    Green is relevant, red is not (the paper's figures). Rows whose title repeats the one above are
    set close to it.
    """
    gap, title_width = 8, 150
    columns = max(len(row.found) for row in rows)
    width = title_width + (columns + 1) * (side + gap) + 3 * gap
    height = gap + len(rows) * (side + _BAR + 2 * gap)
    sheet = Image.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(sheet)
    face = font(15)
    for number, row in enumerate(rows):
        top = gap + number * (side + _BAR + 2 * gap)
        for line, text in enumerate(row.title.split("\n")):
            color = INK if line == 0 else MUTED
            words = fit_text(text, title_width - 2 * gap, face)
            pen.text((gap, top + side // 2 - 16 + 20 * line), words, color, face)
        _framed(sheet, row.query, (title_width, top), side, QUERY)
        for place, (path, relevant) in enumerate(row.found):
            left = title_width + (place + 1) * (side + gap) + 2 * gap
            _framed(sheet, path, (left, top), side, RELEVANT if relevant else IRRELEVANT)
    return sheet


def contact_sheet(
    query: Path, hits: Sequence[Found], columns: int = 5, side: int = 150
) -> Image.Image:
    """The query, and below it the hits in reading order with rank, score and file name.

    Args:
        query: the file searched for.
        hits: what was found.
        columns: hits beside each other.
        side: pixels of a logo's longest side.
    """
    gap, caption = 12, 42
    face, small = font(15), font(13)
    rows = -(-len(hits) // columns)
    columns = max(2, min(columns, len(hits)))
    width = gap + columns * (side + gap)
    top_of_hits = side + _BAR + 3 * gap
    sheet = Image.new("RGB", (width, top_of_hits + rows * (side + caption + gap)), PAPER)
    pen = ImageDraw.Draw(sheet)
    _framed(sheet, query, (gap, gap), side, QUERY)
    left = side + 2 * gap
    pen.text((left, gap), "query", MUTED, face)
    pen.text((left, gap + 22), fit_text(query.name, width - left - gap, face), INK, face)
    for number, hit in enumerate(hits):
        row, column = divmod(number, columns)
        x, y = gap + column * (side + gap), top_of_hits + row * (side + caption + gap)
        sheet.paste(tile(load_image(source_of(hit.path)), side), (x, y))
        pen.text((x, y + side + 3), f"{hit.rank}   {hit.score:.3f}", INK, face)
        name = fit_text(Path(hit.path).name, side, small)
        pen.text((x, y + side + 22), name, MUTED, small)
    return sheet


def _framed(sheet: Image.Image, path: Path, corner: tuple[int, int], side: int, bar: Color) -> None:
    x, y = corner
    sheet.paste(tile(load_image(path), side), corner)
    ImageDraw.Draw(sheet).rectangle((x, y + side + 2, x + side - 1, y + side + 1 + _BAR), fill=bar)
