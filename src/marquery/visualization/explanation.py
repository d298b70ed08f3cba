"""Two logos side by side, what they have in common marked in the same colours, with the evidence
below.
"""

# ruff: noqa: D102 (members of the protocols are documented in the classes that they name)

from collections.abc import Mapping, Sequence
from typing import Protocol

import cv2
import numpy as np
from PIL import Image, ImageDraw

from marquery.arrays import BoolArray, UInt8Array
from marquery.errors import UsageError
from marquery.visualization.canvas import INK, LINE, MUTED, PAPER, Color, fit_text, font, stack
from marquery.visualization.evidence import DrawnEvidence, draw_evidence, draw_sentences

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
    def score(self) -> float | None: ...
    def shares(self) -> list[tuple[str, float]]: ...
    @property
    def words(self) -> Sequence[str]: ...
    @property
    def evidence(self) -> Mapping[str, DrawnEvidence]: ...
    @property
    def query_parts(self) -> Sequence[DrawnPart]: ...
    @property
    def hit_parts(self) -> Sequence[DrawnPart]: ...
    @property
    def matches(self) -> Sequence[DrawnMatch]: ...
    @property
    def query_image(self) -> UInt8Array: ...
    @property
    def hit_image(self) -> UInt8Array: ...


def draw_explanation(
    explanation: DrawnExplanation, side: int = 360, sentences: bool = True
) -> Image.Image:
    """An explanation as a picture: both logos with their parts marked, the evidence, and what each
    part brings of the score below.

    Matched parts have one colour and one number in both; parts of one logo only are grey. Numbers
    in the table are terms of the score and add up to it.

    Args:
        explanation: what to draw.
        side: of each logo's square, in pixels from 120.
        sentences: whether what is alike is written, too.

    Raises:
        UsageError: the side is smaller.
    """
    if side < _LEAST_SIDE:
        raise UsageError("side", f"{side}: give {_LEAST_SIDE} pixels or more")
    e = explanation
    width = 3 * _GAP + 2 * side
    top = _GAP + _LINE_HEIGHT
    head = Image.new("RGB", (width, top + side + _GAP), PAPER)
    pen = ImageDraw.Draw(head)
    face = font(15)
    # Without parts to mark, the logos are shown as they are.
    marked = bool(e.query_parts or e.hit_parts)
    panels = (("query", e.query_image, e.query_parts), ("hit", e.hit_image, e.hit_parts))
    for place, (name, image, parts) in enumerate(panels):
        left = _GAP + place * (side + _GAP)
        pen.text((left, _GAP // 2), name, MUTED, face)
        head.paste(_panel(image, parts, side, marked), (left, top))
    if e.score is not None:
        pen.text((width - _GAP, _GAP // 2), f"score {e.score:.3f}", INK, face, anchor="ra")
    strips = [strip for one in e.evidence.values() for strip in draw_evidence(one, width)]
    if sentences and e.words:
        strips.append(draw_sentences(e.words, width))
    if rows := _rows(e):
        strips.append(_table(rows, width))
    return stack([head, *strips], gap=0)


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


# Colour of the swatch (None: no swatch), its number, words, share.
_Row = tuple[Color | None, str, str, str]


def _rows(e: DrawnExplanation) -> list[_Row]:
    rows: list[_Row] = []
    told = {match.number: match.words for match in e.matches}
    for name, share in e.shares():
        number, _, kind = name.partition(" ")
        if number.isdecimal():
            words = f"{kind}: {told[int(number)]}"
            rows.append((color_of(int(number)), number, words, f"{share:+.3f}"))
        else:
            rows.append((_ALONE if name != "background" else None, "", name, f"{share:+.3f}"))
    return rows


def color_of(match: int | None) -> Color:
    """The colour in which parts of a match are marked, and those of none."""
    return _ALONE if match is None else MATCH_COLORS[(match - 1) % len(MATCH_COLORS)]


def _table(rows: Sequence[_Row], width: int) -> Image.Image:
    sheet = Image.new("RGB", (width, _LINE_HEIGHT * (len(rows) + 1) + _GAP), PAPER)
    pen = ImageDraw.Draw(sheet)
    face, small = font(15), font(13)
    pen.text((width - _GAP, 4), "share of the score", MUTED, small, anchor="ra")
    for number, (color, name, words, share) in enumerate(rows, start=1):
        y = number * _LINE_HEIGHT
        pen.line((_GAP, y, width - _GAP, y), LINE)
        if color is not None:
            pen.rectangle((_GAP, y + 4, _GAP + 18, y + 20), color)
            pen.text((_GAP + 9, y + 12), name, PAPER, small, anchor="mm")
        room = width - _GAP - 76 - (_GAP + 28)
        ink = INK if name else MUTED
        pen.text((_GAP + 28, y + 12), fit_text(words, room, face), ink, face, anchor="lm")
        pen.text((width - _GAP, y + 12), share, ink, face, anchor="rm")
    return sheet


def _panel(image: UInt8Array, parts: Sequence[DrawnPart], side: int, marked: bool) -> Image.Image:
    """A logo, faded, with its parts tinted and outlined, fitted to a square."""
    factor = (side - 2) / max(image.shape[:2])
    size = (max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor)))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    big = np.asarray(cv2.resize(image, size, interpolation=how), np.float32)
    grey = big @ np.array([0.299, 0.587, 0.114], np.float32)
    fade = _FADE if marked else 0.0
    canvas = fade * 255 + (1 - fade) * (np.repeat(grey[..., None], 3, axis=2) if marked else big)
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
