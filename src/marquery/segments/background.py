"""Step 5 of segmenting: which regions are the background."""

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _alike(a: Any, b: Any, tolerance: float) -> bool:
    for c in range(3):
        d = np.float32(a[c]) - np.float32(b[c])
        if d > tolerance or d < -tolerance:
            return False
    return True


@njit(cache=True, nogil=True)
def _is_white(color: Any, level: int) -> bool:
    return bool(min(color[0], color[1], color[2]) >= level)


@njit(cache=True, nogil=True)
def _border_group(mean: Any, order: Any, first: int, tolerance: int) -> Any:
    group = np.zeros(order.shape[0], dtype=np.bool_)
    for i in range(order.shape[0]):
        group[i] = _alike(mean[order[i]], mean[first], tolerance)
    return group


@njit(cache=True, nogil=True)
def find_background(
    area: Any,
    mean: Any,
    border: Any,
    marks: Any,
    root: Any,
    width: int,
    tolerance: int,
    max_colors: int,
    white_level: int,
    min_white_border: float,
    min_framed_white: float,
) -> Any:
    """Which regions are the background, bool (R,): those on the border that have its colour.

    The background is the colour with the most border pixels, but for two kinds of drawings whose
    own paint fills the canvas. A badge leaves its rounded corners: when the four corners agree on
    another colour, the one with more border for its area is taken. A figure leaves notches and
    gaps: drawings lie on white far more often than white figures are cut off by the border, so
    white is taken where it holds a share of the border. Where all four corners are of another
    colour, a white disc may fill the canvas: then white must have more border for its area, or a
    larger share.

    Args:
        area, mean, border: int64 (R,), float32 (R, 3), int64 (R,), from :func:`measure_regions`.
        marks: int32 map of region numbers.
        root: int32 (R,), the region each region number belongs to.
        width: of the image in pixels.
        tolerance: levels by which colours that count as equal may differ in a channel.
        max_colors: border regions that are candidates, those with most border first.
        white_level: levels; a region is white if all channels of its mean are this or above.
        min_white_border: share of the border that is white if white is the background.
        min_framed_white: the same where the four corners have another colour.

    Returns:
        bool (R,), and the number of one region of the background.
    """
    stride = width + 2
    end = marks.shape[0]
    corners = np.empty(4, dtype=np.int32)
    for i, p in enumerate((stride + 1, 2 * stride - 2, end - 2 * stride + 1, end - stride - 2)):
        corners[i] = root[marks[p]]
    is_background = np.zeros(area.shape[0], dtype=np.bool_)
    touching = np.flatnonzero(border)
    order = touching[np.argsort(-border[touching], kind="mergesort")]
    heads = order[:max_colors]
    best, best_border, best_area = heads[0], 0, 1
    for i in range(heads.shape[0]):
        group = _border_group(mean, order, heads[i], tolerance)
        length = border[order[group]].sum()
        if length > best_border:
            best, best_border, best_area = heads[i], length, area[order[group]].sum()
    corner = corners[0]
    agree = True
    for i in range(1, 4):
        agree = agree and _alike(mean[corners[i]], mean[corner], tolerance)
    if agree and not _alike(mean[corner], mean[best], tolerance):
        group = _border_group(mean, order, corner, tolerance)
        if border[order[group]].sum() * best_area > best_border * area[order[group]].sum():
            best = corner
    if not _is_white(mean[best], white_level):
        white, length, white_area = -1, 0, 0
        for r in order:
            if _is_white(mean[r], white_level):
                length += border[r]
                white_area += area[r]
                white = r if white < 0 else white
        enough = length >= min_white_border * border.sum()
        if agree and _alike(mean[corner], mean[best], tolerance):
            group = _border_group(mean, order, best, tolerance)
            narrow = length * area[order[group]].sum() > border[order[group]].sum() * white_area
            enough = enough and (narrow or length >= min_framed_white * border.sum())
        if enough:
            best = white
    group = _border_group(mean, order, best, tolerance)
    for i in range(order.shape[0]):
        is_background[order[i]] = group[i]
    return is_background, best
