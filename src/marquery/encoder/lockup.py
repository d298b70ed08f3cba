"""Wide lock-ups of a figure and words, told apart and set one above the other.

In a wide picture that is padded to a square, a figure beside words is a few cells of the network's last map: too small to
be known again as the figure alone. Set above its words it takes up most of the square.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from marquery.arrays import BoolArray, UInt8Array
from marquery.images import border_color

# Longest side at which a picture is looked at: gaps between letters are still pixels wide.
_LOOKED_AT = 256
# Levels of 255 by which ink differs from the ground. So much of the border must be ground: a picture cut to its ink has some of
# that on its border.
_INK_LEVELS, _GROUND_SHARE = 24, 0.6
# Width for height of ink from which a lock-up is wide, and height from which letters can be told apart.
_WIDE, _LEAST_HEIGHT = 1.6, 8
# Width for height of a figure, least and most; its height for the whole's; the words' width for the figure's.
_SQUARISH, _TALL, _LONG = (0.45, 1.8), 0.55, 0.8
# Without two gaps between letters, what counts as one: a share of the height.
_LETTER_GAP = 0.06
# A figure is so much taller than the words, with a gap so many times as wide as between letters; or its gap is clear.
_TALLER = ((1.5, 0.8), (1.15, 1.3))
_CLEAR_TALL, _CLEAR_GAP, _CLEAR_SHARE = 0.75, 1.9, 0.12
# It is so many times as wide as any gap within the figure.
_APART = 1.3
# On the square: ink, the figure's height, and the gap below it, as shares of the side.
_FILL, _FIGURE, _GAP = 0.96, 0.7, 0.05

Span = tuple[int, int]
#: Left, top, right, bottom as shares of a picture's width and height.
Shares = tuple[float, float, float, float]


@dataclass(frozen=True)
class Lockup:
    """Where in a picture the figure and the words beside it lie."""

    figure: Shares
    words: Shares

    def square(
        self, image: Image.Image, side: int, ground: int | tuple[int, int, int]
    ) -> Image.Image:
        """The figure above the words, as large as a square lets them be.

        Args:
            image: the picture, or one of the same shape, such as a mask.
            side: of the square, in pixels.
            ground: colour of what neither covers.
        """
        width, gap = round(_FILL * side), round(_GAP * side)
        figure = _fitted(image, self.figure, width, round(_FIGURE * side))
        words = _fitted(image, self.words, width, width - figure.height - gap)
        out = Image.new(image.mode, (side, side), ground)
        top = (side - figure.height - gap - words.height) // 2
        out.paste(figure, ((side - figure.width) // 2, top))
        out.paste(words, ((side - words.width) // 2, top + figure.height + gap))
        return out


def find_lockup(image: Image.Image) -> Lockup | None:
    """Find a figure of about square shape to the left or right of words, in a wide logo on an even ground.

    A figure is told from a letter by its height and by the gap beside it, which is wider than those between letters.
    Limits were set on openlogos' validation split.

    Args:
        image: RGB.

    Returns:
        None if the logo is not wide, the ground is not even, or no piece at an end looks like a figure.
    """
    small = image.reduce(max(1, max(image.size) // _LOOKED_AT))
    pixels = np.asarray(small)
    ink = _ink(pixels, border_color(pixels))
    if ink is None:
        return None
    top, bottom = _rows(ink)
    first, last = _rows(ink.T)
    if bottom - top < _LEAST_HEIGHT or last - first < _WIDE * (bottom - top):
        return None
    ends = _figure_and_words(ink[top:bottom, first:last])
    if ends is None:
        return None
    height, width = ink.shape
    boxes = []
    for left, right in ends:
        left, right = left + first, right + first
        above, below = _rows(ink[:, left:right])
        boxes.append((left / width, above / height, right / width, below / height))
    return Lockup(boxes[0], boxes[1])


def _ink(pixels: UInt8Array, ground: tuple[int, int, int]) -> BoolArray | None:
    """bool (H, W): what is not ground; None if there is nothing, or the border is not even."""
    low = np.array([max(0, level - _INK_LEVELS) for level in ground], np.uint8)
    high = np.array([min(255, level + _INK_LEVELS) for level in ground], np.uint8)
    ink: BoolArray = cv2.inRange(pixels, low, high) == 0
    border = np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]])
    return ink if ink.any() and border.mean() <= 1 - _GROUND_SHARE else None


def _figure_and_words(ink: BoolArray) -> tuple[Span, Span] | None:
    """Columns of the figure and of the words, cut at the gap that stands out most."""
    height, width = ink.shape
    edges = np.flatnonzero(np.diff(np.concatenate([[0], ink.any(axis=0), [0]])))
    starts, stops = edges[::2], edges[1::2]
    gaps = starts[1:] - stops[:-1]
    best: tuple[float, Span, Span] | None = None
    for cut, gap in enumerate(gaps):
        left, right = (0, int(stops[cut])), (int(starts[cut + 1]), width)
        before, after = gaps[:cut], gaps[cut + 1 :]
        for figure, words, letters, within in (
            (left, right, after, before),
            (right, left, before, after),
        ):
            if gap < _APART * within.max(initial=0):
                continue
            usual = float(np.median(letters)) if len(letters) > 1 else _LETTER_GAP * height
            ratio = float(gap) / max(usual, 1.0)
            if (best is None or ratio > best[0]) and _is_figure(
                ink, figure, words, ratio, len(letters) > 1 and gap >= _CLEAR_SHARE * height
            ):
                best = ratio, figure, words
    return None if best is None else best[1:]


def _is_figure(ink: BoolArray, figure: Span, words: Span, ratio: float, clear: bool) -> bool:
    wide, long = figure[1] - figure[0], words[1] - words[0]
    if wide > _SQUARISH[1] * len(ink) or long < _LONG * wide:
        return False
    tall, other = (float(np.ptp(_rows(ink[:, a:b]))) for a, b in (figure, words))
    if tall < _TALL * len(ink) or not _SQUARISH[0] * tall <= wide <= _SQUARISH[1] * tall:
        return False
    if clear and ratio >= _CLEAR_GAP and tall >= _CLEAR_TALL * other:
        return True
    return any(tall >= height * other and ratio >= least for height, least in _TALLER)


def _rows(ink: BoolArray) -> Span:
    """First row that holds ink, and one past the last."""
    where = np.flatnonzero(ink.any(axis=1))
    return int(where[0]), int(where[-1]) + 1


def _fitted(image: Image.Image, box: Shares, width: int, height: int) -> Image.Image:
    """A part of a picture, as large as it may be."""
    left, right = (round(share * image.width) for share in box[::2])
    top, bottom = (round(share * image.height) for share in box[1::2])
    part = image.crop((left, top, max(right, left + 1), max(bottom, top + 1)))
    scale = min(width / part.width, height / part.height)
    size = (max(1, round(part.width * scale)), max(1, round(part.height * scale)))
    return part.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
