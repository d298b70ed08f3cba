"""LogoRearrange: figure and words of a lock-up in another arrangement."""

from typing import Any, Literal, get_args

import numpy as np
from PIL import Image

from marquery.arrays import BoolArray, Float32Array, UInt8Array
from marquery.augment._base import LogoTransform, interval
from marquery.augment._palette import one_of, some_of
from marquery.augment._random import Range, uniform
from marquery.augment.functional import Color
from marquery.augment.functional._place import plain_border
from marquery.augment.lettering.together import line_up
from marquery.augment.subject import Subject
from marquery.encoder.lockup import find_lockup
from marquery.images import border_color

Arrangement = Literal["above", "below", "left", "right"]
ARRANGEMENTS: tuple[Arrangement, ...] = get_args(Arrangement)
Box = tuple[int, int, int, int]

_INK_LEVELS = 24
# Writing has at least so many letters, which cover so much of the width, and is so wide for its
# height.
_LETTERS, _COVER, _WIDE = 4, 0.45, 1.6
# Letters that touch, as in handwriting, are so wide together for their height.
_JOINED = 1.6
# What is so slender and hardly higher than the words, in their colour (levels), is their first or
# last letter.
_SLENDER, _HIGHER, _ALIKE = 0.75, 1.5, 24
# A gap between lines is at least so much of the ink's height; one between words so much of the
# line's, and so many times the usual gap between letters.
_LINE_GAP, _WORD_GAP, _WORD_RATIO = 0.03, 0.25, 1.8
# Of fewer gaps none can be told to be that between words.
_GAPS = 4


class LogoRearrange(LogoTransform):
    """Set the pieces of a lock-up in another arrangement: figure and words, or two lines of words.

    Pieces are moved as they are drawn. A logo in which no such pieces are found stays as it is.

    Args:
        arrangements: where the figure, or the first piece, is: ``"above"``, ``"below"``, ``"left"``
            or ``"right"`` of the words. The present one is not drawn.
        scale: least and most change of the words' size against the figure's, besides what makes
            them fit.
        gap: least and most space between, as a share of the figure's shorter side.
        fill: least and most share of the canvas that is taken up in length.
        p: see :class:`LogoTransform`.

    Raises:
        UsageError: an option is out of range.
    """

    def __init__(
        self,
        arrangements: tuple[Arrangement, ...] = ARRANGEMENTS,
        scale: Range = (0.7, 1.3),
        gap: Range = (0.08, 0.3),
        fill: Range = (0.85, 0.98),
        p: float = 1.0,
    ) -> None:
        super().__init__(p)
        self.arrangements = some_of("arrangements", arrangements, ARRANGEMENTS)
        self.scale = interval("scale", scale, 0.1, 4)
        self.gap = interval("gap", gap, 0, 1)
        self.fill = interval("fill", fill, 0.2, 1)

    def make_params(self, flat_inputs: list[Subject]) -> dict[str, Any]:
        """The boxes of both pieces, the new arrangement and its sizes; no boxes: nothing found."""
        image = flat_inputs[0].pixels
        background = border_color(image)
        found = find_pieces(image, background)
        drawn = {
            "background": background,
            "boxes": None,
            "arrangement": one_of(self.arrangements),
            "scale": uniform(*self.scale),
            "gap": uniform(*self.gap),
            "fill": uniform(*self.fill),
            "align": 0.5 if uniform() < 0.7 else float(uniform() < 0.5),
        }
        if found is None:
            return drawn
        first, second, present = found
        others = [a for a in self.arrangements if a != present]
        if not others:
            return drawn
        return drawn | {"boxes": (first, second), "arrangement": one_of(tuple(others))}

    def transform(self, inpt: Subject, params: dict[str, Any]) -> UInt8Array:
        """Set the pieces anew."""
        if params["boxes"] is None:
            return inpt.pixels
        figure, words = (_cut(inpt.pixels, box) for box in params["boxes"])
        arrangement = params["arrangement"]
        downwards = arrangement in ("above", "below")
        if downwards:  # words about as wide as two figures, but not higher than one
            share = min(1.6 * figure.shape[1] / words.shape[1], figure.shape[0] / words.shape[0])
        else:
            share = 0.6 * figure.shape[0] / words.shape[0]
            share = min(share, 3.5 * figure.shape[1] / words.shape[1])
        if words.shape[1] > 1.6 * figure.shape[1] and figure.shape[1] > 3 * figure.shape[0]:
            share = 1.0  # two lines of words keep their sizes
        pieces, scales = [figure, words], [1.0, share * params["scale"]]
        if arrangement in ("below", "right"):
            pieces.reverse()
            scales.reverse()
        out = np.empty_like(inpt.pixels)
        out[:] = params["background"]
        line_up(
            *(out, pieces, scales),
            downwards=downwards,
            gap=params["gap"],
            fill=params["fill"],
            align=params["align"],
        )
        return out


def find_pieces(image: UInt8Array, background: Color) -> tuple[Box, Box, Arrangement] | None:
    """Two pieces of a logo that can stand otherwise: figure and words, or two pieces of words.

    Args:
        image: uint8 (H, W, 3).
        background: RGB.

    Returns:
        top, left, bottom, right of the figure and of the words, and where the figure is now; None
        if the logo is no lock-up on a plain background.
    """
    if min(image.shape[:2]) < 8 or not plain_border(image, background):
        return None
    away = np.abs(image.astype(np.int16) - np.array(background, np.int16)).max(axis=2)
    ink: BoolArray = away > _INK_LEVELS
    if not ink.any():
        return None
    top, left, bottom, right = _box_of(ink, 0, 0)
    # The finder is made for pictures that end with their ink.
    lockup = find_lockup(Image.fromarray(image[top:bottom, left:right]))
    if lockup is not None:
        boxes = []
        for x0, y0, x1, y1 in (lockup.figure, lockup.words):
            tall, wide = bottom - top, right - left
            boxes.append(
                (
                    *(top + round(y0 * tall), left + round(x0 * wide)),
                    *(top + round(y1 * tall), left + round(x1 * wide)),
                )
            )
        figure, words = boxes
        held = ink[words[0] : words[2], words[1] : words[3]]
        if (_is_writing(held) or _is_joined(held)) and not _is_letter(image, ink, figure, words):
            return figure, words, "left" if figure[1] < words[1] else "right"
        return None
    inner = ink[top:bottom, left:right]
    cut = _line_cut(inner)
    if cut is not None:
        above = _box_of(inner[: cut[0]], top, left)
        below = _box_of(inner[cut[1] :], top + cut[1], left)
        if _is_writing(inner[cut[1] :]):
            return above, below, "above"
        return below, above, "below"
    cut = _word_cut(inner)
    if cut is None:
        return None
    first = _box_of(inner[:, : cut[0]], top, left)
    return first, _box_of(inner[:, cut[1] :], top, left + cut[1]), "left"


def _line_cut(ink: BoolArray) -> tuple[int, int] | None:
    """The widest free rows, if there is writing below or above."""
    best = _widest(np.any(ink, axis=1))
    if best is None or best[1] - best[0] < max(_LINE_GAP * len(ink), 2):
        return None
    above, below = ink[: best[0]], ink[best[1] :]
    return best if _is_writing(below) or _is_writing(above) else None


def _word_cut(ink: BoolArray) -> tuple[int, int] | None:
    """The widest free columns of a line of writing, if they part two words."""
    columns: BoolArray = np.any(ink, axis=0)
    best = _widest(columns)
    if best is None or not _is_writing(ink):
        return None
    gaps = [b - a for a, b in _runs(~columns)]
    if len(gaps) < _GAPS:
        return None
    usual = float(np.median(gaps))
    gap, shorter = best[1] - best[0], min(best[0], ink.shape[1] - best[1])
    wide = gap >= _WORD_GAP * len(ink) and gap >= _WORD_RATIO * max(usual, 1.0)
    return best if wide and shorter >= len(ink) else None  # no word is a single letter


def _is_writing(ink: BoolArray) -> bool:
    """Whether ink looks like a line of letters: several of them, of one height, wide as a whole."""
    if not ink.any():
        return False
    top, left, bottom, right = _box_of(ink, 0, 0)
    inner = ink[top:bottom, left:right]
    letters = _runs(np.any(inner, axis=0))
    if len(letters) < _LETTERS or inner.shape[1] < _WIDE * inner.shape[0]:
        return False
    tall = [b - t for t, _, b, _ in (_box_of(inner[:, a:z], 0, 0) for a, z in letters)]
    covered = sum(z - a for a, z in letters) / inner.shape[1]
    return bool(covered >= _COVER and np.median(tall) >= 0.5 * inner.shape[0])


def _is_joined(ink: BoolArray) -> bool:
    """Whether letters touch over a length, as in handwriting."""
    longest = max((b - a for a, b in _runs(np.any(ink, axis=0))), default=0)
    return longest >= _JOINED * len(ink)


def _is_letter(image: UInt8Array, ink: BoolArray, figure: Box, words: Box) -> bool:
    """Whether a figure looks like a letter of the words."""
    tall, wide = figure[2] - figure[0], figure[3] - figure[1]
    if wide > _SLENDER * tall or tall > _HIGHER * (words[2] - words[0]):
        return False
    first, second = (
        image[box[0] : box[2], box[1] : box[3]][ink[box[0] : box[2], box[1] : box[3]]]
        for box in (figure, words)
    )
    apart = np.abs(np.median(first, axis=0) - np.median(second, axis=0)).max()
    return bool(apart <= _ALIKE)


def _runs(mask: Any) -> list[tuple[int, int]]:
    """Start and end of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _widest(mask: Any) -> tuple[int, int] | None:
    """The longest run of False between two of True."""
    held = np.flatnonzero(mask)
    first = int(held[0])
    gaps = [(a + first, b + first) for a, b in _runs(~mask[held[0] : held[-1] + 1])]
    return max(gaps, key=lambda gap: gap[1] - gap[0]) if gaps else None


def _box_of(ink: BoolArray, top: int, left: int) -> Box:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return (
        *(top + int(rows[0]), left + int(columns[0])),
        *(top + int(rows[-1]) + 1, left + int(columns[-1]) + 1),
    )


def _cut(image: UInt8Array, box: Box) -> Float32Array:
    """A piece with its bit of background, as a cut-out without holes."""
    part = image[box[0] : box[2], box[1] : box[3]].astype(np.float32)
    return np.concatenate([part, np.ones((*part.shape[:2], 1), np.float32)], axis=2)
