"""Wide lock-ups: a figure and words side by side, found and stacked for the network.

In a wide picture that is padded to a square, the figure covers only a few cells of the network's
last feature map, too few to be recognised as the figure alone. Placed above the words it fills most
of the square.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from marquery.arrays import BoolArray, UInt8Array
from marquery.images import border_color

Span = tuple[int, int]
#: Left, top, right, bottom as shares of a picture's width and height.
Shares = tuple[float, float, float, float]


@dataclass(frozen=True)
class LockupSettings:
    """Thresholds of :func:`find_lockup`, set on the validation split of ``openlogos``.

    Attributes:
        max_side: pixels; larger pictures are reduced first. Gaps between letters are still pixels
            wide.
        ink_levels: levels of 255 by which a pixel differs from the background in a channel to be
            ink.
        min_background_border: share of the border's pixels that must be background. A picture that
            is cropped to its ink has some ink on its border.
        min_aspect: width of the ink as a multiple of its height; less leaves no room for words
            beside.
        min_height: pixels of ink; letters that are lower cannot be told apart.
        min_figure_aspect, max_figure_aspect: width of a figure as a multiple of its height.
        min_figure_height: height of the figure as a share of the whole lock-up's.
        min_words_width: width of the words as a multiple of the figure's.
        letter_gap: share of the lock-up's height that counts as the usual gap between letters,
            where there are fewer than two gaps to measure.
        tall_height, tall_gap: a figure at least ``tall_height`` times as high as the words is one
            if its gap is ``tall_gap`` times as wide as those between letters;
        medium_height, medium_gap: so is a lower one with a wider gap;
        level_height, level_gap, level_gap_height: and one about as high as the words, if its gap
            also measures at least ``level_gap_height`` of the lock-up's height.
        min_inner_ratio: the gap beside a figure as a multiple of the widest gap within it.
    """

    max_side: int = 256
    ink_levels: int = 24
    min_background_border: float = 0.6
    min_aspect: float = 1.6
    min_height: int = 8
    min_figure_aspect: float = 0.45
    max_figure_aspect: float = 1.8
    min_figure_height: float = 0.55
    min_words_width: float = 0.8
    letter_gap: float = 0.06
    tall_height: float = 1.5
    tall_gap: float = 0.8
    medium_height: float = 1.15
    medium_gap: float = 1.3
    level_height: float = 0.75
    level_gap: float = 1.9
    level_gap_height: float = 0.12
    min_inner_ratio: float = 1.3


@dataclass(frozen=True)
class SquareSettings:
    """How figure and words are set on a square; shares of its side.

    Attributes:
        ink: largest width and height of both together; the rest is margin.
        figure: largest height of the figure.
        gap: between the figure and the words.
    """

    ink: float = 0.96
    figure: float = 0.7
    gap: float = 0.05


_FIND = LockupSettings()
_SET = SquareSettings()


@dataclass(frozen=True)
class Lockup:
    """Where in a picture the figure and the words beside it lie."""

    figure: Shares
    words: Shares

    def square(
        self,
        image: Image.Image,
        side: int,
        background: int | tuple[int, int, int],
        settings: SquareSettings = _SET,
    ) -> Image.Image:
        """The figure above the words, each as large as fits.

        Args:
            image: the picture, or another with the same aspect ratio, such as a mask.
            side: of the square, in pixels.
            background: colour of what neither covers.
            settings: margins and gap.

        Returns:
            a square picture in the mode of ``image``.
        """
        width, gap = round(settings.ink * side), round(settings.gap * side)
        figure = _fitted(image, self.figure, width, round(settings.figure * side))
        words = _fitted(image, self.words, width, width - figure.height - gap)
        out = Image.new(image.mode, (side, side), background)
        top = (side - figure.height - gap - words.height) // 2
        out.paste(figure, ((side - figure.width) // 2, top))
        out.paste(words, ((side - words.width) // 2, top + figure.height + gap))
        return out


def find_lockup(image: Image.Image, settings: LockupSettings = _FIND) -> Lockup | None:
    """Find a roughly square figure to the left or right of words, in a wide logo on a plain
    background.

    A figure differs from a letter in its height and in the gap beside it, which is wider than the
    gaps between letters.

    Args:
        image: RGB.
        settings: thresholds.

    Returns:
        None if the logo is not wide, the background is not plain, or neither end looks like a
        figure.
    """
    small = image.reduce(max(1, max(image.size) // settings.max_side))
    pixels = np.asarray(small)
    ink = _ink(pixels, border_color(pixels), settings)
    if ink is None:
        return None
    top, bottom = _rows(ink)
    first, last = _rows(ink.T)
    height = bottom - top
    if height < settings.min_height or last - first < settings.min_aspect * height:
        return None
    ends = _figure_and_words(ink[top:bottom, first:last], settings)
    if ends is None:
        return None
    height, width = ink.shape
    boxes = []
    for left, right in ends:
        left, right = left + first, right + first
        above, below = _rows(ink[:, left:right])
        boxes.append((left / width, above / height, right / width, below / height))
    return Lockup(boxes[0], boxes[1])


def _ink(
    pixels: UInt8Array, background: tuple[int, int, int], settings: LockupSettings
) -> BoolArray | None:
    """bool (H, W): what is not background; None if there is nothing, or the border is not plain."""
    levels = settings.ink_levels
    low = np.array([max(0, level - levels) for level in background], np.uint8)
    high = np.array([min(255, level + levels) for level in background], np.uint8)
    ink: BoolArray = cv2.inRange(pixels, low, high) == 0
    border = np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]])
    plain = border.mean() <= 1 - settings.min_background_border
    return ink if plain and ink.any() else None


def _figure_and_words(ink: BoolArray, settings: LockupSettings) -> tuple[Span, Span] | None:
    """Columns of the figure and of the words, split at the gap that is widest for its line of
    letters.
    """
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
            if gap < settings.min_inner_ratio * within.max(initial=0):
                continue
            measured = len(letters) > 1
            usual = float(np.median(letters)) if measured else settings.letter_gap * height
            ratio = float(gap) / max(usual, 1.0)
            clear = measured and gap >= settings.level_gap_height * height
            if (best is None or ratio > best[0]) and _is_figure(
                ink, figure, words, ratio, clear, settings
            ):
                best = ratio, figure, words
    return None if best is None else best[1:]


def _is_figure(
    ink: BoolArray, figure: Span, words: Span, ratio: float, clear: bool, settings: LockupSettings
) -> bool:
    """Whether the columns ``figure`` hold a figure: by its shape, its height and the gap beside it.

    ``ratio`` is the gap as a multiple of that between letters; ``clear``: it is also wide for the
    height.
    """
    least, most = settings.min_figure_aspect, settings.max_figure_aspect
    wide, long = figure[1] - figure[0], words[1] - words[0]
    if wide > most * len(ink) or long < settings.min_words_width * wide:
        return False
    tall, other = (float(np.ptp(_rows(ink[:, a:b]))) for a, b in (figure, words))
    if tall < settings.min_figure_height * len(ink) or not least * tall <= wide <= most * tall:
        return False
    if clear and ratio >= settings.level_gap and tall >= settings.level_height * other:
        return True
    if tall >= settings.tall_height * other and ratio >= settings.tall_gap:
        return True
    return tall >= settings.medium_height * other and ratio >= settings.medium_gap


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
