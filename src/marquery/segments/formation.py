"""How a picture came about: crisp, compressed, resampled, sharpened, blurred, scanned or dithered.

Told by the profiles of its edges along some rows and columns. In a crisp rendering an edge is one
or two pixels wide and the paint beside it is even at once; resampling and blur widen it, sharpening
and Lanczos filters overshoot, compression leaves ripples beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numba import njit

from marquery.arrays import Float32Array
from marquery.segments.noise import is_noisy
from marquery.segments.settings import DEFAULT_SETTINGS, SegmenterSettings

Kind = Literal["crisp", "compressed", "sharpened", "blurred", "scanned", "dithered"]


@dataclass(frozen=True)
class Formation:
    """How a picture came about.

    Attributes:
        kind: what the segmenter takes it for.
        edge_width: pixels; the height of an edge over its steepest step.
        grain: levels of the ripples beside edges.
        ringed: beyond edges the level returns a little, as bicubic and Lanczos filters make it.
    """

    kind: Kind
    edge_width: float = 1.0
    grain: float = 0.0
    ringed: bool = False


CRISP = Formation("crisp")


def find_formation(
    planes: Sequence[Any], settings: SegmenterSettings = DEFAULT_SETTINGS
) -> Formation:
    """Tell how a picture came about from the profiles of its edges.

    Args:
        planes: three of uint8 (H, W), red, green and blue.
        settings: thresholds.
    """
    chosen = settings.formation
    red, green, blue = planes
    noisy = is_noisy(green, settings.noise)
    profiles = np.empty((chosen.max_edges, 5), dtype=np.float32)
    number = 0
    for down in (False, True):
        lines = red.shape[1] if down else red.shape[0]
        step = max(1, lines // chosen.lines)
        number = _edge_profiles(
            red, green, blue, down, step, chosen.edge_levels, chosen.max_reversal, profiles, number
        )
    if number < max(1, chosen.min_edges):
        return Formation("compressed", grain=float(settings.noisy_tolerance)) if noisy else CRISP
    width = profiles[:number, 0]
    narrow, ripples = _summary(
        profiles[:number],
        chosen.wide_edge,
        chosen.ripple_levels,
        chosen.max_ripple,
        chosen.max_ripple_levels,
    )
    wide = narrow < chosen.narrow_share * number
    ringing = ripples.shape[0] >= chosen.ripple_share * 2 * number
    dotted = False
    for plane in planes:
        dots, levels, looked = _count_dots(plane, chosen.dot_levels, chosen.dot_step)
        dotted = dots >= max(chosen.dot_share * looked, chosen.dots_per_level * levels, 1)
        if dotted:
            break
    if dotted:
        kind: Kind = "dithered"
    elif not (wide or ringing or noisy):
        return CRISP
    elif _is_flat(red, green, blue):
        return CRISP  # narrow bands of paint beside each other look like an overshoot
    else:
        kind = "blurred"
    edge_width = _quantile(width, chosen.narrow_share)
    grain = _quantile(ripples, 0.5) if ripples.shape[0] else 0.0
    if kind == "dithered":
        return Formation(kind, edge_width, grain)
    if noisy:
        kind = "scanned" if wide else "compressed"
    elif not wide:
        kind = "sharpened" if grain >= chosen.sharpened_levels else "compressed"
        sharpest = _quantile(width, chosen.sharp_share)
        if kind == "sharpened" and sharpest >= chosen.sharp_edge:
            return CRISP  # strokes thinner than a soft edge look so
    rings = _count_rings(
        profiles[:number], chosen.ripple_levels, chosen.min_return, chosen.max_return
    )
    return Formation(kind, edge_width, grain, ringed=rings >= chosen.ring_share * number)


def _quantile(values: Float32Array, share: float) -> float:
    """What :func:`numpy.quantile` gives, in a tenth of its time."""
    at = share * (values.shape[0] - 1)
    low = int(at)
    high = min(low + 1, values.shape[0] - 1)
    ordered = np.partition(values, (low, high))
    below, above = float(ordered[low]), float(ordered[high])
    return float(below + (above - below) * (at - low))


@njit(cache=True, nogil=True)
def _is_flat(red: Any, green: Any, blue: Any) -> bool:
    """Whether every pixel lies in a square of four equal ones. No filter and no compression leaves
    a picture so. Soon told of others: the first pixel that does not ends it.
    """
    height, width = red.shape
    for y in range(height):
        for x in range(width):
            lies = False
            for top in range(max(0, y - 1), min(y + 1, height - 1)):
                for left in range(max(0, x - 1), min(x + 1, width - 1)):
                    lies |= (
                        _is_even(red, top, left)
                        and _is_even(green, top, left)
                        and _is_even(blue, top, left)
                    )
            if not lies:
                return False
    return True


@njit(cache=True, nogil=True)
def _is_even(plane: Any, y: int, x: int) -> bool:
    """Whether four pixels are equal: one and those to its right, below and between."""
    level = plane[y, x]
    return bool(
        plane[y, x + 1] == level and plane[y + 1, x] == level and plane[y + 1, x + 1] == level
    )


@njit(cache=True, nogil=True)
def _summary(
    profiles: Any, wide_edge: float, least: float, max_ripple: float, max_levels: float
) -> Any:
    """How many edges are narrower than ``wide_edge``, and the ripples beside edges, float32."""
    ripples = np.empty(2 * profiles.shape[0], dtype=np.float32)
    narrow = number = 0
    for k in range(profiles.shape[0]):
        narrow += profiles[k, 0] < wide_edge
        most = min(np.float32(max_ripple) * profiles[k, 3], np.float32(max_levels))
        for side in (1, 2):
            if least <= profiles[k, side] < most:
                ripples[number] = profiles[k, side]
                number += 1
    return narrow, ripples[:number]


@njit(cache=True, nogil=True)
def _count_rings(profiles: Any, least: float, min_return: float, max_return: float) -> int:
    """Edges beyond which the level returns, but by no more than a ring does."""
    rings = 0
    for k in range(profiles.shape[0]):
        height, back = profiles[k, 3], profiles[k, 4]
        rings += max(least, min_return * height) <= back <= max_return * height
    return rings


@njit(cache=True, nogil=True)
def _edge_profiles(
    red: Any,
    green: Any,
    blue: Any,
    down: bool,
    step: int,
    least: int,
    max_reversal: float,
    profiles: Any,
    number: int,
) -> Any:
    """Profiles of edges that rows (columns, if ``down``) cross nearly at right angles.

    Of each: width in pixels, the greatest second difference within four pixels before and after in
    any channel, the height in levels, and by how many the level returns beyond. Where it returns
    far, the edge is one of a thin stroke and left out.
    """
    lines = red.shape[1] if down else red.shape[0]
    length = red.shape[0] if down else red.shape[1]
    line = np.empty((3, length), dtype=np.int16)
    steps = np.empty(length, dtype=np.int16)
    for at in range(min(step // 2, lines - 2), lines - 1, step):
        if down:
            for i in range(length):
                line[0, i] = red[i, at]
                line[1, i] = green[i, at]
                line[2, i] = blue[i, at]
        else:
            line[0] = red[at]
            line[1] = green[at]
            line[2] = blue[at]
        for i in range(length - 1):
            steps[i] = max(
                max(abs(line[0, i + 1] - line[0, i]), abs(line[1, i + 1] - line[1, i])),
                abs(line[2, i + 1] - line[2, i]),
            )
        for i in range(1, length - 2):
            most = steps[i]
            if most < least or steps[i - 1] >= most or steps[i + 1] > most:
                continue
            channel = 0
            for c in range(3):
                if abs(line[c, i + 1] - line[c, i]) == most:
                    channel = c
            plane = red if channel == 0 else (green if channel == 1 else blue)
            # The next line must show nearly the same: only edges across are as wide as they look.
            if down:
                one, two = np.int16(plane[i, at + 1]), np.int16(plane[i + 1, at + 1])
            else:
                one, two = np.int16(plane[at + 1, i]), np.int16(plane[at + 1, i + 1])
            row = line[channel]
            if 2 * max(abs(one - row[i]), abs(two - row[i + 1])) > most:
                continue
            sign = np.int64(1) if row[i + 1] > row[i] else np.int64(-1)
            start, end = i, i + 1
            while start > 0 and sign * (row[start] - row[start - 1]) > 0:
                start -= 1
            while end < length - 1 and sign * (row[end + 1] - row[end]) > 0:
                end += 1
            height = sign * (row[end] - row[start])
            back = uneven_start = uneven_end = 0
            for k in range(1, 5):
                if start - k >= 0:
                    back = max(back, sign * (row[start - k] - row[start]))
                if end + k < length:
                    back = max(back, sign * (row[end] - row[end + k]))
                # Second differences: the slope of a gradient is no ripple.
                if start - k - 1 >= 0:
                    for c in range(3):
                        bend = line[c, start - k - 1] + line[c, start - k + 1]
                        uneven_start = max(uneven_start, abs(bend - 2 * line[c, start - k]))
                if end + k + 1 < length:
                    for c in range(3):
                        bend = line[c, end + k - 1] + line[c, end + k + 1]
                        uneven_end = max(uneven_end, abs(bend - 2 * line[c, end + k]))
            if back < max_reversal * height and number < profiles.shape[0]:
                profiles[number, 0] = height / most
                profiles[number, 1] = uneven_start
                profiles[number, 2] = uneven_end
                profiles[number, 3] = height
                profiles[number, 4] = back
                number += 1
    return number


@njit(cache=True, nogil=True)
def _count_dots(plane: Any, least: int, step: int) -> Any:
    """Pixels that are lighter or darker than all four beside them by ``least`` levels, how many
    levels they have, and how many pixels were looked at, in one row of ``step``.
    """
    height, width = plane.shape
    seen = np.zeros(256, dtype=np.bool_)
    dots = looked = 0
    apart = np.int16(least)
    dot = np.zeros(width, dtype=np.uint8)  # one byte a pixel, so that the loop is a vector one
    for y in range(1, height - 1, step):
        row, before, after = plane[y], plane[y - 1], plane[y + 1]
        for x in range(1, width - 1):
            left, right = np.int16(row[x - 1]), np.int16(row[x + 1])
            above, below = np.int16(before[x]), np.int16(after[x])
            low = min(min(left, right), min(above, below))
            high = max(max(left, right), max(above, below))
            level = np.int16(row[x])
            dot[x] = (level >= np.int16(high + apart)) | (level <= np.int16(low - apart))
        for x in range(1, width - 1):
            if dot[x]:
                dots += 1
                seen[row[x]] = True
        looked += width - 2
    return dots, np.count_nonzero(seen), looked
