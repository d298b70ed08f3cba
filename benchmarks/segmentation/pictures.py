"""Sheets of logos: the picture, what is true, what was found."""

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from marquery.visualization.canvas import INK, LINE, MUTED, PAPER, fit, fit_text, font, stack

_GAP = 12
_TEXT = 15
#: Drawn where the truth says nothing.
_UNKNOWN = (120, 120, 120)


@dataclass(frozen=True)
class Panel:
    """One logo on a sheet: titles with uint8 pictures, and a line of words."""

    pictures: Sequence[tuple[str, np.ndarray]]
    words: str


def labels_panel(pixels: np.ndarray, truth: np.ndarray, found: np.ndarray, words: str) -> Panel:
    """A logo with its true and its found labels in distinct colours, the same for segments that
    match.
    """
    true_colors, found_colors = _matching_colors(truth, found)
    shown = [("picture", pixels), ("truth", _painted(truth, true_colors))]
    return Panel([*shown, ("found", _painted(found, found_colors))], words)


def sheet(panels: Sequence[Panel], *, across: int = 2, side: int = 224) -> Image.Image:
    """Panels in ``across`` columns, each with its three pictures side by side and words below."""
    pictures = [_panel(panel, side) for panel in panels]
    rows = [pictures[i : i + across] for i in range(0, len(pictures), across)]
    return stack([_beside(row) for row in rows], gap=2 * _GAP)


def _panel(panel: Panel, side: int) -> Image.Image:
    face = font(_TEXT)
    number = len(panel.pictures)
    width = number * (side + _GAP) - _GAP
    pictures = [fit(Image.fromarray(pixels), side) for _, pixels in panel.pictures]
    tall = max(p.height for p in pictures)
    canvas = Image.new("RGB", (width, 22 + tall + 28), PAPER)
    pen = ImageDraw.Draw(canvas)
    for i, ((name, _), picture) in enumerate(zip(panel.pictures, pictures, strict=True)):
        x = i * (side + _GAP) + (side - picture.width) // 2
        pen.text((i * (side + _GAP) + side / 2, 10), name, fill=MUTED, font=face, anchor="mm")
        canvas.paste(picture, (x, 22))
        pen.rectangle((x, 22, x + picture.width - 1, 21 + picture.height), outline=LINE)
    pen.text((0, 26 + tall), fit_text(panel.words, width, face), fill=INK, font=face)
    return canvas


def _beside(pictures: Sequence[Image.Image]) -> Image.Image:
    gap = 3 * _GAP
    width = sum(p.width for p in pictures) + gap * (len(pictures) - 1)
    row = Image.new("RGB", (width, max(p.height for p in pictures)), PAPER)
    left = 0
    for picture in pictures:
        row.paste(picture, (left, 0))
        left += picture.width + gap
    return row


def _matching_colors(truth: np.ndarray, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A colour for each true label, and for each found one that of the true label it shares most
    pixels with.

    Each true colour is given once, to the found segment that overlaps most; other found segments
    get colours of their own.
    """
    colors = label_colors(int(truth.max()) + int(found.max()) + 1)
    names, counts = np.unique(
        np.stack([truth.reshape(-1), found.reshape(-1)]), axis=1, return_counts=True
    )
    chosen = np.zeros(int(found.max()) + 1, dtype=np.int64)
    used: set[int] = set()
    for i in np.argsort(-counts):
        true, other = int(names[0, i]), int(names[1, i])
        if true > 0 and other > 0 and chosen[other] == 0 and true not in used:
            chosen[other] = true
            used.add(true)
    spare = int(truth.max()) + 1
    for other in range(1, len(chosen)):
        if chosen[other] == 0:
            chosen[other] = spare
            spare += 1
    return colors, colors[chosen]


def label_colors(count: int) -> np.ndarray:
    """uint8 (count + 1, 3): white, then hues by the golden ratio with lightness in turns."""
    colors = [(1.0, 1.0, 1.0)]
    for i in range(count):
        hue = (0.58 + i * 0.618034) % 1
        colors.append(colorsys.hls_to_rgb(hue, (0.62, 0.45, 0.78)[i % 3], 0.75))
    return np.rint(np.array(colors) * 255).astype(np.uint8)


def _painted(labels: np.ndarray, colors: np.ndarray) -> np.ndarray:
    picture = colors[np.maximum(labels, 0)]
    picture[labels < 0] = _UNKNOWN
    return picture
