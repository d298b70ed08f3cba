"""Two logos side by side, what they have in common marked in the same colours."""

# ruff: noqa: D102 (members of the protocols are documented in the classes that they name)

from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np
from PIL import Image, ImageDraw

from marquery.arrays import BoolArray, UInt8Array
from marquery.errors import UsageError
from marquery.visualization.canvas import INK, LINE, MUTED, PAPER, Color, fit_text, font, stack

#: Of matches 1 to 6; told apart also by those who see few colours (Okabe & Ito 2008, the yellow
#: left out).
MATCH_COLORS: tuple[Color, ...] = (
    (0, 114, 178),
    (213, 94, 0),
    (0, 158, 115),
    (204, 121, 167),
    (230, 159, 0),
    (86, 180, 233),
)
_ALONE: Color = (130, 137, 146)
# Strength of a part's colour, how far the rest is faded to white, and how much of a part's own dark
# is left, so that inner lines are seen.
_TINT, _FADE, _TRACE = 0.6, 0.75, 0.2
_GAP, _LINE_HEIGHT, _LEAST_SIDE = 16, 24, 120


class DrawnPart(Protocol):
    """What is drawn of a part, see :class:`marquery.explanation.ExplainedPart`."""

    @property
    def kind(self) -> str: ...
    @property
    def share(self) -> float: ...
    @property
    def match(self) -> int | None: ...
    @property
    def mask(self) -> BoolArray: ...


class DrawnMatch(Protocol):
    """What is written of a match, see :class:`marquery.explanation.PartMatch`."""

    @property
    def number(self) -> int: ...
    @property
    def words(self) -> str: ...


class DrawnExplanation(Protocol):
    """What is drawn of a :class:`marquery.Explanation`, which lies above this module."""

    @property
    def score(self) -> float: ...
    @property
    def query_parts(self) -> Sequence[DrawnPart]: ...
    @property
    def hit_parts(self) -> Sequence[DrawnPart]: ...
    @property
    def query_background(self) -> float: ...
    @property
    def hit_background(self) -> float: ...
    @property
    def matches(self) -> Sequence[DrawnMatch]: ...
    @property
    def query_image(self) -> UInt8Array: ...
    @property
    def hit_image(self) -> UInt8Array: ...


def draw_explanation(explanation: DrawnExplanation, side: int = 360) -> Image.Image:
    """An explanation as a picture: both logos with their parts marked, and a line for each match
    below.

    Matched parts have one colour and one number in both; parts of one logo only are grey. Numbers
    in the table are terms of the score.

    Args:
        explanation: what to draw.
        side: of each logo's square, in pixels from 120.

    Raises:
        UsageError: the side is smaller.
    """
    if side < _LEAST_SIDE:
        raise UsageError("side", f"{side}: give {_LEAST_SIDE} pixels or more")
    e = explanation
    rows = _rows(e)
    width = 3 * _GAP + 2 * side
    top = _GAP + _LINE_HEIGHT
    height = top + side + _GAP + _LINE_HEIGHT * (len(rows) + 1) + _GAP
    sheet = Image.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(sheet)
    face = font(15)
    panels = (("query", e.query_image, e.query_parts), ("hit", e.hit_image, e.hit_parts))
    for place, (name, image, parts) in enumerate(panels):
        left = _GAP + place * (side + _GAP)
        pen.text((left, _GAP // 2), name, MUTED, face)
        sheet.paste(_panel(image, parts, side), (left, top))
    title = f"score {e.score:.3f}"
    pen.text((width - _GAP, _GAP // 2), title, INK, face, anchor="ra")
    _table(pen, rows, width, top + side + _GAP)
    return sheet


def draw_hits(explained: Sequence[tuple[str, DrawnExplanation]]) -> Image.Image:
    """Explanations of several hits, one below the other, each under its title."""
    face = font(15)
    pictures: list[Image.Image] = []
    for number, (title, explanation) in enumerate(explained, start=1):
        picture = draw_explanation(explanation)
        head = Image.new("RGB", (picture.width, 2 * _LINE_HEIGHT), PAPER)
        room = picture.width - 2 * _GAP
        text = fit_text(f"{number}   {title}", room, face)
        ImageDraw.Draw(head).text((_GAP, 2 * _LINE_HEIGHT - 10), text, INK, face, anchor="ls")
        pictures += [head, picture]
    if not pictures:
        return Image.new("RGB", (2 * _LEAST_SIDE, _LINE_HEIGHT), PAPER)
    return stack(pictures, gap=0)


# Colour of the swatch (None: no swatch), its number, words, shares of the query's and of the hit's
# part.
_Row = tuple[Color | None, str, str, str, str]


def _rows(e: DrawnExplanation) -> list[_Row]:
    rows: list[_Row] = []
    for match in e.matches:
        one = next(p for p in e.query_parts if p.match == match.number)
        two = next(p for p in e.hit_parts if p.match == match.number)
        what = one.kind if one.kind == two.kind else f"{one.kind} and {two.kind}"
        words = f"{what}: {match.words}"
        color = color_of(match.number)
        rows.append((color, str(match.number), words, f"{one.share:+.3f}", f"{two.share:+.3f}"))
    alone = [[p.share for p in own if p.match is None] for own in (e.query_parts, e.hit_parts)]
    if alone[0] or alone[1]:
        sums = [f"{sum(own):+.3f}" if own else "" for own in alone]
        rows.append((_ALONE, "", "parts of one of them only", sums[0], sums[1]))
    background = (f"{e.query_background:+.3f}", f"{e.hit_background:+.3f}")
    rows.append((None, "", "background", background[0], background[1]))
    return rows


def color_of(match: int | None) -> Color:
    """The colour in which parts of a match are marked, and those of none."""
    return _ALONE if match is None else MATCH_COLORS[(match - 1) % len(MATCH_COLORS)]


def _table(pen: ImageDraw.ImageDraw, rows: Sequence[_Row], width: int, top: int) -> None:
    face, small = font(15), font(13)
    columns = (width - _GAP - 76, width - _GAP)
    for x, name in zip(columns, ("query", "hit"), strict=True):
        pen.text((x, top + 4), name, MUTED, small, anchor="ra")
    for number, (color, name, words, *shares) in enumerate(rows, start=1):
        y = top + number * _LINE_HEIGHT
        pen.line((_GAP, y, width - _GAP, y), LINE)
        if color is not None:
            pen.rectangle((_GAP, y + 4, _GAP + 18, y + 20), color)
            pen.text((_GAP + 9, y + 12), name, PAPER, small, anchor="mm")
        room = columns[0] - 64 - (_GAP + 28)
        ink = INK if name else MUTED
        pen.text((_GAP + 28, y + 12), fit_text(words, room, face), ink, face, anchor="lm")
        for x, share in zip(columns, shares, strict=True):
            pen.text((x, y + 12), share, ink, face, anchor="rm")


def _panel(image: UInt8Array, parts: Sequence[DrawnPart], side: int) -> Image.Image:
    """A logo, faded, with its parts tinted and outlined, fitted to a square."""
    factor = (side - 2) / max(image.shape[:2])
    size = (max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor)))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    big = np.asarray(cv2.resize(image, size, interpolation=how), np.float32)
    grey = big @ np.array([0.299, 0.587, 0.114], np.float32)
    canvas = _FADE * 255 + (1 - _FADE) * np.repeat(grey[..., None], 3, axis=2)
    labels: list[tuple[int, int, str, Color]] = []
    for part in parts:
        soft = np.asarray(
            cv2.resize(part.mask.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
        )
        color = np.array(color_of(part.match), np.float32)
        shade = 255 - _TRACE * (255 - grey)
        tinted = (_TINT * color + (1 - _TINT) * 255) * (shade / 255)[..., None]
        canvas += soft[..., None] * (tinted - canvas)
        mask = (soft > 0.5).astype(np.uint8)
        rim = mask - cv2.erode(mask, np.ones((3, 3), np.uint8), iterations=1)
        canvas[rim > 0] = color
        if part.match is not None and mask.any():
            x, y = _deepest(mask)
            labels.append((x, y, str(part.match), color_of(part.match)))
    panel = Image.fromarray(np.clip(np.rint(canvas), 0, 255).astype(np.uint8))
    square = Image.new("RGB", (side, side), PAPER)
    corner = ((side - size[0]) // 2, (side - size[1]) // 2)
    square.paste(panel, corner)
    pen = ImageDraw.Draw(square)
    for x, y, text, ink in labels:
        spot = (
            min(max(corner[0] + x, 12), side - 13),
            min(max(corner[1] + y, 12), side - 13),
        )
        pen.ellipse((spot[0] - 10, spot[1] - 10, spot[0] + 10, spot[1] + 10), ink, PAPER, 2)
        pen.text(spot, text, PAPER, font(13), anchor="mm")
    pen.rectangle((0, 0, side - 1, side - 1), outline=LINE)
    return square


def _deepest(mask: UInt8Array) -> tuple[int, int]:
    """x, y of the pixel of a mask that is farthest from its edge."""
    depth = cv2.distanceTransform(np.pad(mask, 1), cv2.DIST_L2, 5)
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    return int(x) - 1, int(y) - 1
