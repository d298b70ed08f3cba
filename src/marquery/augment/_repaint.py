"""Giving segments a new paint, soft edges included: the one kernel under all operations.

A soft pixel is ``c = a F + (1 - a) G + e``: two paints read from pure pixels nearby, and what the mix
does not explain. With new paints F' and G' it becomes ``a F' + (1 - a) G' + e``, so an edge
stays as smooth as it was. Where a part is taken away, ``e`` is dropped: it would be its ghost.
"""

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, inline="always")
def _to_level(value: float) -> int:
    return int(min(max(value, 0.0), 255.0) + 0.5)


@njit(cache=True, nogil=True)
def repaint(
    source: Any,
    out: Any,
    labels: Any,
    action: Any,
    paint: Any,
    slope: Any,
    fringe_index: Any,
    fringe_under: Any,
    fringe_share: Any,
    fringe_paint: Any,
    keep_rest: bool,
) -> None:
    """Repaint segments of ``source`` into ``out`` (which holds a copy of it).

    Args:
        source, out: uint8 (H * W, 3).
        labels: int32 (H, W).
        action: uint8 (count + 1,): 0 leave, 1 flat paint, 2 paint moved by each pixel's lightness.
        paint: float32 (count + 1, 3): RGB, at the origin if there is a slope.
        slope: float32 (count + 1, 2, 3): change of the paint a row and a column (action 1), or in
            ``slope[:, 0]`` the segment's mean colour (action 2).
        fringe_index, fringe_under, fringe_share, fringe_paint: see :class:`Fringe`.
        keep_rest: keep what the mix does not explain.
    """
    height, width = labels.shape
    for y in range(height):
        for x in range(width):
            label = labels[y, x]
            if action[label] == 0:
                continue
            p = y * width + x
            if action[label] == 1:
                for c in range(3):
                    level = paint[label, c] + y * slope[label, 0, c] + x * slope[label, 1, c]
                    out[p, c] = _to_level(level)
            else:
                light = np.float32(0)
                for c in range(3):
                    light += (source[p, c] - slope[label, 0, c]) / np.float32(3)
                for c in range(3):
                    out[p, c] = _to_level(paint[label, c] + light)
    flat = labels.reshape(-1)
    for k in range(fringe_index.shape[0]):
        p = fringe_index[k]
        if action[flat[p]] == 0 and action[fringe_under[k]] == 0:
            continue
        f, g = fringe_paint[k, 0], fringe_paint[k, 1]
        a = fringe_share[k]
        b = np.float32(1) - a
        for c in range(3):
            level = a * out[f, c] + b * out[g, c]
            if keep_rest:
                level += source[p, c] - (a * source[f, c] + b * source[g, c])
            out[p, c] = _to_level(level)


@njit(cache=True, nogil=True)
def lift(
    source: Any,
    labels: Any,
    chosen: Any,
    box: Any,
    fringe_index: Any,
    fringe_under: Any,
    fringe_share: Any,
    fringe_paint: Any,
    part: Any,
) -> None:
    """Cut segments out with their soft edges.

    Args:
        source: uint8 (H * W, 3).
        labels: int32 (H, W).
        chosen: bool (count + 1,).
        box: (top, left) of the cut-out.
        fringe_index, fringe_under, fringe_share, fringe_paint: see :class:`Fringe`.
        part: float32 (h, w, 4), zeros; gets RGB times alpha, and alpha in 0..1.
    """
    width = labels.shape[1]
    top, left = box
    for y in range(part.shape[0]):
        for x in range(part.shape[1]):
            if chosen[labels[y + top, x + left]]:
                p = (y + top) * width + x + left
                for c in range(3):
                    part[y, x, c] = source[p, c]
                part[y, x, 3] = 1
    flat = labels.reshape(-1)
    for k in range(fringe_index.shape[0]):
        p = fringe_index[k]
        first, second = chosen[flat[p]], chosen[fringe_under[k]]
        if first == second:
            continue
        y, x = p // width - top, p % width - left
        if y < 0 or x < 0 or y >= part.shape[0] or x >= part.shape[1]:
            continue
        a = fringe_share[k] if first else np.float32(1) - fringe_share[k]
        paint = fringe_paint[k, 0] if first else fringe_paint[k, 1]
        for c in range(3):
            part[y, x, c] = a * source[paint, c]
        part[y, x, 3] = a


@njit(cache=True, nogil=True)
def paste(out: Any, part: Any, top: int, left: int) -> None:
    """Lay a cut-out (float32 (h, w, 4), RGB times alpha) on ``out`` (uint8 (H, W, 3)); it may stick out."""
    height, width = out.shape[:2]
    for y in range(max(0, -top), min(part.shape[0], height - top)):
        for x in range(max(0, -left), min(part.shape[1], width - left)):
            a = part[y, x, 3]
            if a <= 0:
                continue
            for c in range(3):
                below = np.float32(out[y + top, x + left, c])
                out[y + top, x + left, c] = _to_level(part[y, x, c] + (1 - a) * below)
