"""What a strategy shows for its score, drawn: two palettes, two texts, two outlines, sentences."""

# ruff: noqa: D102 (members of the protocols are documented in the classes that they name)

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from PIL import Image, ImageDraw

from marquery.arrays import Float32Array
from marquery.visualization.canvas import INK, LINE, MUTED, PAPER, Color, fit_text, font

# Of the query alone, the hit alone, and of both (Okabe & Ito 2008).
_QUERY: Color = (213, 94, 0)
_HIT: Color = (0, 114, 178)
_BOTH: Color = (90, 96, 104)
_GAP, _LINE_HEIGHT, _SWATCH, _SIDE = 16, 22, 44, 256


class DrawnSwatches(Protocol):
    """Two colours, see :class:`marquery.index.likeness.evidence.Swatches`."""

    @property
    def query(self) -> str | None: ...
    @property
    def hit(self) -> str | None: ...
    @property
    def difference(self) -> float | None: ...


class DrawnEvidence(Protocol):
    """What is drawn of :class:`marquery.index.likeness.evidence.Evidence`."""

    @property
    def swatches(self) -> Sequence[DrawnSwatches]: ...
    @property
    def letters(self) -> Sequence[tuple[str, Sequence[bool]]]: ...
    @property
    def overlay(self) -> tuple[Float32Array, Float32Array] | None: ...


def draw_evidence(evidence: DrawnEvidence, width: int) -> list[Image.Image]:
    """One picture for each thing that is shown.

    Args:
        evidence: of one strategy.
        width: of the pictures, in pixels.
    """
    drawn = []
    if evidence.swatches:
        drawn.append(_palettes(evidence.swatches, width))
    if evidence.letters:
        drawn.append(_texts(evidence.letters, width))
    if evidence.overlay is not None:
        drawn.append(_outlines(*evidence.overlay, width))
    return drawn


def draw_sentences(sentences: Sequence[str], width: int) -> Image.Image:
    """Sentences below each other, broken where they are long.

    Args:
        sentences: what to write.
        width: of the picture, in pixels.
    """
    face = font(15)
    lines = [line for one in sentences for line in _broken(one, width - 2 * _GAP)]
    sheet = Image.new("RGB", (width, _LINE_HEIGHT * len(lines) + _GAP), PAPER)
    pen = ImageDraw.Draw(sheet)
    for number, line in enumerate(lines):
        pen.text((_GAP, number * _LINE_HEIGHT + 4), line, INK, face)
    return sheet


def _broken(sentence: str, room: int) -> list[str]:
    lines: list[str] = []
    for word in sentence.split():
        wider = f"{lines[-1]} {word}" if lines else word
        if lines and fit_text(wider, room, font(15)) == wider:
            lines[-1] = wider
        else:
            lines.append(word if not lines else f"    {word}")
    return lines


def _palettes(swatches: Sequence[DrawnSwatches], width: int) -> Image.Image:
    """Colours of the query above those of the hit that take their place, with differences."""
    sheet = Image.new("RGB", (width, 2 * _SWATCH + 2 * _LINE_HEIGHT), PAPER)
    pen = ImageDraw.Draw(sheet)
    small = font(13)
    left = _GAP + 64
    step = min(2 * _SWATCH, (width - left - _GAP) // max(len(swatches), 1))
    for row, name in enumerate(("query", "hit")):
        y = row * (_SWATCH + _LINE_HEIGHT)
        pen.text((_GAP, y + _SWATCH // 2), name, MUTED, small, anchor="lm")
        for place, pair in enumerate(swatches):
            color = (pair.query, pair.hit)[row]
            box = (left + place * step, y, left + place * step + _SWATCH, y + _SWATCH)
            if color is not None:
                pen.rectangle(box, color, LINE)
    for place, pair in enumerate(swatches):
        told = "only here" if pair.difference is None else f"{pair.difference:.0f} apart"
        spot = (left + place * step + _SWATCH // 2, _SWATCH + _LINE_HEIGHT // 2)
        pen.text(spot, told, MUTED, small, anchor="mm")
    return sheet


def _texts(letters: Sequence[tuple[str, Sequence[bool]]], width: int) -> Image.Image:
    """Two texts; letters that both have are dark and underlined."""
    sheet = Image.new("RGB", (width, len(letters) * 2 * _LINE_HEIGHT + _GAP), PAPER)
    pen = ImageDraw.Draw(sheet)
    small, face = font(13), font(24)
    for row, (name, (text, marks)) in enumerate(zip(("query", "hit"), letters, strict=True)):
        y = row * 2 * _LINE_HEIGHT + _LINE_HEIGHT
        pen.text((_GAP, y), name, MUTED, small, anchor="lm")
        x = float(_GAP + 64)
        for character, both in zip(text, marks, strict=True):
            length = face.getlength(character)
            if x + length > width - _GAP:
                break
            ink = _BOTH if both else _QUERY if row == 0 else _HIT
            pen.text((x, y), character, ink, face, anchor="lm")
            if both and character != " ":
                pen.line((x + 1, y + 16, x + length - 1, y + 16), INK, 2)
            x += length
    return sheet


def _outlines(query: Float32Array, hit: Float32Array, width: int) -> Image.Image:
    """Two silhouettes on each other: what both cover, and what one covers alone."""
    shares = np.stack([np.minimum(query, hit), query - np.minimum(query, hit),
                       hit - np.minimum(query, hit)])  # fmt: skip
    paper = np.full((*query.shape, 3), 255.0)
    for share, color in zip(shares, (_BOTH, _QUERY, _HIT), strict=True):
        paper += share[..., None] * (np.array(color, float) - 255)
    drawn = Image.fromarray(np.clip(np.rint(paper), 0, 255).astype(np.uint8))
    sheet = Image.new("RGB", (width, query.shape[0] + _GAP), PAPER)
    left = min(_GAP + 64, max(0, width - query.shape[1]))
    sheet.paste(drawn, (left, 0))
    pen = ImageDraw.Draw(sheet)
    small = font(13)
    for row, (name, color) in enumerate((("both", _BOTH), ("query", _QUERY), ("hit", _HIT))):
        y = row * _LINE_HEIGHT + 4
        x = left + query.shape[1] + _GAP
        pen.rectangle((x, y, x + 14, y + 14), color)
        pen.text((x + 22, y + 7), name if row == 0 else f"{name} only", INK, small, anchor="lm")
    return sheet
