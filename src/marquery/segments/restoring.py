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
    high, low = cv2.dilate(pixels, square), cv2.erode(pixels, square)
    spread = cv2.dilate(cv2.subtract(high, low), wide)
    rest = np.ones((side - 2, side - 2), dtype=np.uint8)  # the same as ``wide``, after 3x3
    height = cv2.subtract(cv2.dilate(high, rest), cv2.erode(low, rest))
    slopes = np.empty(pixels.shape, dtype=np.bool_)
    _compare(
        np.asarray(height).reshape(-1),
        np.asarray(spread).reshape(-1),
        factor * edge_width / 2,
        slopes.reshape(-1),
    )
    return slopes


@njit(cache=True, nogil=True)
def _compare(height: Any, spread: Any, factor: float, out: Any) -> None:
    most = np.float32(factor)
    for i in range(height.shape[0]):
        out[i] = np.float32(height[i]) > most * np.float32(spread[i])


def steepen(
    pixels: UInt8Array, turns: int, least: int, slopes: BoolArray | None = None
) -> UInt8Array:
    """Turn ramps between two paints into steps.

    A pixel on a ramp takes the colour of the one beside, of its 3x3, that is lightest or darkest in
    the channel that varies most, whichever is nearer (Kramer & Bruckner 1975). Whole colours are
    taken, so none comes up that was not there.

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
    ramp = np.zeros(-(-now.size // 8) * 8, dtype=np.uint8)
    blocked = np.zeros(0, dtype=np.bool_) if slopes is None else slopes.reshape(-1)
    for _ in range(turns):
        high = np.asarray(cv2.dilate(now, square))
        low = np.asarray(cv2.erode(now, square))
        _mark_ramps(high.reshape(-1), low.reshape(-1), blocked, least, ramp)
        following = now.copy()
        _toggle(now, high, low, ramp, ramp.view(np.uint64), following)
        now = following
    return now


@njit(cache=True, nogil=True)
def _mark_ramps(high: Any, low: Any, blocked: Any, least: int, ramp: Any) -> None:
    """Mark the channels of pixels that differ by ``least`` levels in 3x3 pixels and are on no
    gradient.
    """
    if least > 255:  # no channel varies so much, and eight bits do not hold it
        ramp[:] = 0
        return
    levels = np.uint8(math.ceil(least))
    for i in range(high.shape[0]):
        ramp[i] = np.uint8(high[i] - low[i]) >= levels
    for i in range(blocked.shape[0]):
        ramp[i] &= ~blocked[i]


@njit(cache=True, nogil=True)
def _toggle(now: Any, high: Any, low: Any, ramp: Any, words: Any, out: Any) -> None:
    """Write the new colours of pixels on a ramp into ``out``.

    Args:
        now: uint8 (H, W, 3).
        high, low: the same, levels of the lightest and darkest of 3x3 pixels.
        ramp: uint8, channels of pixels that are on a ramp, flattened; its length a multiple of 8.
        words: the same memory as uint64.
        out: a copy of ``now``.
    """
    width = now.shape[1]
    last: Any = -1
    y = 0
    for w in range(words.shape[0]):
        if words[w] == 0:
            continue
        for i in range(8 * w, 8 * w + 8):
            pixel = np.uint32(i) // np.uint32(3)
            if ramp[i] == 0 or pixel == last:
                continue
            last = pixel
            while pixel >= (y + 1) * width:  # quicker than a division
                y += 1
            x = pixel - y * width
            channel = 0
            most: Any = -1
            for c in range(3):
                spread = np.int32(high[y, x, c]) - np.int32(low[y, x, c])
                if ramp[3 * pixel + c] and spread > most:
                    channel, most = c, spread
            own = now[y, x, channel]
            up = np.int32(high[y, x, channel]) - np.int32(own)
            down = np.int32(own) - np.int32(low[y, x, channel])
            if up == down or min(up, down) == 0:
                continue
            level = high[y, x, channel] if up < down else low[y, x, channel]
            v, u = _first_beside(now, y, x, channel, level)
            out[y, x, 0] = now[v, u, 0]
            out[y, x, 1] = now[v, u, 1]
            out[y, x, 2] = now[v, u, 2]


@njit(cache=True, nogil=True)
def _first_beside(now: Any, y: int, x: int, channel: int, level: int) -> Any:
    """Row and column of the first of 3x3 pixels that has a level in a channel."""
    for v in range(max(0, y - 1), min(now.shape[0], y + 2)):
        for u in range(max(0, x - 1), min(now.shape[1], x + 2)):
            if now[v, u, channel] == level:
                return v, u
    return y, x
