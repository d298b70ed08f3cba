"""Colours of backgrounds and inks, and whether one shows on the other."""

import colorsys
from collections.abc import Callable
from typing import Any

import numpy as np

from marquery.arrays import Float32Array, Int64Array, UInt8Array
from marquery.augment._random import TRIES, uniform
from marquery.augment.functional import Color
from marquery.errors import UsageError
from marquery.segments import Segmentation

# Share of the ink that may melt into a new background.
MELTED = 0.1
WHITE: Color = (255, 255, 255)
BLACK: Color = (0, 0, 0)


def plain_color() -> Color:
    """A background as logos have it: white, nearly black, pale, or a full colour."""
    kind, hue, first, second = (uniform() for _ in range(4))
    if kind < 0.2:
        return WHITE
    if kind < 0.35:
        level = int(40 * first)
        return level, level, min(255, level + int(16 * second))
    if kind < 0.5:
        return _from_hsv(hue, 0.03 + 0.2 * first, 0.9 + 0.1 * second)
    return _from_hsv(hue, 0.5 + 0.5 * first, 0.3 + 0.7 * second)


def _from_hsv(hue: float, saturation: float, value: float) -> Color:
    r, g, b = (round(255 * v) for v in colorsys.hsv_to_rgb(hue, saturation, value))
    return r, g, b


def apart(colors: Any, other: Any) -> Float32Array:
    """How well colours can be told from others, 0..255: by lightness, and a third as well by hue.

    Args:
        colors: (N, 3), RGB.
        other: (3,) or (N, 3).
    """
    step = np.asarray(colors, np.float32) - np.asarray(other, np.float32)
    light = np.abs(step @ np.array([0.299, 0.587, 0.114], np.float32))
    told: Float32Array = np.maximum(light, np.abs(step).max(axis=-1) / 3)
    return told


def ink_of(
    segmentation: Segmentation,
) -> tuple[UInt8Array, Int64Array]:
    """Colours (N, 3) and areas (N,) of all segments that are no holes."""
    ink = ~segmentation.is_hole
    return segmentation.colors[ink], segmentation.area[ink]


def melted(segmentation: Segmentation, background: Color, contrast: float) -> float:
    """Share of the ink, 0..1, that could not be told from a background.

    Args:
        segmentation: of the image.
        background: RGB.
        contrast: levels from which on a paint can be told from the background.
    """
    colors, area = ink_of(segmentation)
    if not len(area):
        return 0.0
    return float(area[apart(colors, background) < contrast].sum() / area.sum())


def background_for(
    segmentation: Segmentation,
    contrast: float,
    draw: Callable[[], Color] = plain_color,
    unlike: Color | None = None,
) -> Color:
    """A random background on which the ink shows; if none does, the one that hides least.

    Args:
        segmentation: of the logo.
        contrast: see :func:`apart`.
        draw: gives a candidate.
        unlike: a colour from which the background differs.
    """
    best, least = WHITE, 2.0
    for attempt in range(TRIES + 2):
        color = draw() if attempt < TRIES else (WHITE, BLACK)[attempt - TRIES]
        hidden = melted(segmentation, color, contrast)
        if unlike is not None and float(apart(color, unlike)) < contrast / 2:
            hidden += 1
        if hidden < least:
            best, least = color, hidden
        if least <= MELTED:
            break
    return best


def ink_for(background: Color, contrast: float, preferred: Color | None = None) -> Color:
    """One colour that shows on a background: the preferred one if it does, else a drawn one.

    Args:
        background: RGB.
        contrast: levels by which the colour must differ.
        preferred: taken if it differs by so much.
    """
    if preferred is not None and float(apart(preferred, background)) >= contrast:
        return preferred
    for _ in range(TRIES):
        color = plain_color()
        if float(apart(color, background)) >= contrast:
            return color
    return BLACK if float(apart(BLACK, background)) >= float(apart(WHITE, background)) else WHITE


def main_ink(segmentation: Segmentation) -> Color | None:
    """The colour of the largest segment that is no hole."""
    colors, area = ink_of(segmentation)
    if not len(area):
        return None
    r, g, b = (int(v) for v in colors[int(area.argmax())])
    return r, g, b


def stands_free(segmentation: Segmentation) -> bool:
    """Whether a logo lies on a background (three corners show it) and does not fill its frame."""
    corners = segmentation.labels[[0, 0, -1, -1], [0, -1, 0, -1]]
    return bool(segmentation.count) and int((corners == 0).sum()) >= 3


def levels(name: str, value: float) -> float:
    """Check a contrast in levels.

    Raises:
        UsageError: it is out of range.
    """
    if not (isinstance(value, int | float) and 0 <= value <= 127):
        raise UsageError(name, f"{value!r} is out of range", "give 0 to 127 levels")
    return float(value)


def some_of(name: str, value: Any, known: tuple[str, ...]) -> tuple[str, ...]:
    """Check a choice of kinds.

    Args:
        name: of the option.
        value: the choice.
        known: all kinds.

    Raises:
        UsageError: nothing is chosen, or an unknown kind.
    """
    if isinstance(value, str) or not value or any(v not in known for v in value):
        raise UsageError(name, f"{value!r} is unknown", f"give one or more of {', '.join(known)}")
    return tuple(value)


def one_of(values: tuple[str, ...]) -> str:
    """One of several at random, from torch's generator."""
    return values[min(int(uniform(0, len(values))), len(values) - 1)]
