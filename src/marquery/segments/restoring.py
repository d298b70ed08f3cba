"""Pictures that are not crisp are restored for the labelling: grain is smoothed away, overshoot is
blurred, ramps become steps.
"""

import math
from typing import Any

import cv2
import numpy as np
from numba import njit

from marquery.arrays import BoolArray, UInt8Array
from marquery.segments.formation import Formation
from marquery.segments.noise import smooth
from marquery.segments.settings import SegmenterSettings


def restore(pixels: UInt8Array, formation: Formation, settings: SegmenterSettings) -> UInt8Array:
    """A picture with the same segments whose edges are steps and whose paints are even.

    Args:
        pixels: uint8 (H, W, 3).
        formation: how it came about.
        settings: thresholds.
    """
    chosen = settings.restoring
    kind = formation.kind
    blur = {
        "sharpened": chosen.sharpened_blur,
        "blurred": chosen.ramp_blur,
        "dithered": chosen.dither_blur,
    }.get(kind, 0.0)
    if blur > 0:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), blur), dtype=np.uint8)
    if kind in ("compressed", "scanned", "sharpened", "dithered"):
        pixels = smooth(pixels, settings.noise)
    if kind == "blurred":
        slopes = find_slopes(pixels, formation.edge_width, chosen.slope_factor)
        pixels = steepen(pixels, chosen.turns, chosen.min_ramp, slopes)
    elif kind in ("scanned", "dithered"):
        pixels = steepen(pixels, chosen.turns, chosen.min_noisy_ramp)
    return pixels


def find_slopes(pixels: UInt8Array, edge_width: float, factor: float) -> BoolArray:
    """bool (H, W, 3): where a channel goes on rising farther than an edge of the picture does.

    Beside an edge the levels differ by the steepest slope times its width, and no more than that
    farther away; along a steep gradient they do.

    Args:
        pixels: uint8 (H, W, 3).
        edge_width: pixels; the height of an edge over its steepest step.
        factor: multiple of an edge's height from which on it is a gradient.
    """
    side = 2 * math.ceil(edge_width) + 5
    square, wide = np.ones((3, 3), dtype=np.uint8), np.ones((side, side), dtype=np.uint8)
    spread = cv2.dilate(cv2.morphologyEx(pixels, cv2.MORPH_GRADIENT, square), wide)
    height = cv2.morphologyEx(pixels, cv2.MORPH_GRADIENT, wide)
    return np.asarray(height > (factor * edge_width / 2) * spread.astype(np.float32))


def steepen(
    pixels: UInt8Array, turns: int, least: int, slopes: BoolArray | None = None
) -> UInt8Array:
    """Turn ramps into steps at their steepest place.

    In each turn a pixel on a ramp takes the colour of the pixel beside it, of the 3x3 around it,
    that is greatest or least in the channel that varies most there, whichever is nearer (Kramer &
    Bruckner 1975, for colours). Whole colours are taken, so none comes up that was not there.

    Args:
        pixels: uint8 (H, W, 3).
        turns: a ramp is narrowed by about two pixels a turn.
        least: levels by which the 3x3 pixels differ in a channel on a ramp; slopes of smooth
            gradients stay below.
        slopes: bool (H, W, 3), channels of pixels that are on a gradient, from
            :func:`find_slopes`.
    """
    now = np.ascontiguousarray(pixels)
    square = np.ones((3, 3), dtype=np.uint8)
    for _ in range(turns):
        spread = np.asarray(cv2.morphologyEx(now, cv2.MORPH_GRADIENT, square), dtype=np.uint8)
        if slopes is not None:
            spread[slopes] = 0
        following = now.copy()
        _toggle(now, spread, least, following)
        now = following
    return now


@njit(cache=True, nogil=True)
def _toggle(now: Any, spread: Any, least: int, out: Any) -> None:
    height, width = now.shape[:2]
    for y in range(height):
        for x in range(width):
            channel = 0
            if spread[y, x, 1] > spread[y, x, 0]:
                channel = 1
            if spread[y, x, 2] > spread[y, x, channel]:
                channel = 2
            if spread[y, x, channel] < least:
                continue
            own = np.int32(now[y, x, channel])
            high = low = own
            at_high = at_low = (y, x)
            for v in range(max(0, y - 1), min(height, y + 2)):
                for u in range(max(0, x - 1), min(width, x + 2)):
                    level = np.int32(now[v, u, channel])
                    if level > high:
                        high, at_high = level, (v, u)
                    if level < low:
                        low, at_low = level, (v, u)
            if high - own < own - low:
                out[y, x] = now[at_high]
            elif own - low < high - own:
                out[y, x] = now[at_low]
