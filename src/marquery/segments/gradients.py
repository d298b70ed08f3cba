"""Step 7 of segmenting: gradients that fade into each other are split along the edge between them.

Two gradients that touch often have nearly the same colour somewhere along their boundary, and one
such place is enough for connected components to join them. Here the regions whose colour varies are
examined again (:func:`split_region`). Regions of one flat colour have no such edges and cost
nothing.
"""

from typing import Any

import cv2
import numpy as np
from numba import njit

from marquery.arrays import BoolArray, Float32Array, Int32Array, UInt8Array
from marquery.segments.pieces import settle_soft_pixels
from marquery.segments.region_edges import split_region
from marquery.segments.settings import EdgeSettings


def split_gradients(
    pixels: UInt8Array,
    marks: Int32Array,
    starts: Int32Array,
    root: Int32Array,
    whole: Int32Array,
    is_background: BoolArray,
    rest: Int32Array,
    top: Int32Array,
    under: Int32Array,
    share: Float32Array,
    stride: int,
    least: float,
    settings: EdgeSettings,
    arrived: tuple[UInt8Array, float] | None,
) -> tuple[Int32Array, BoolArray]:
    """Split the regions that hold several gradients; the pieces get new numbers in ``marks``.

    Args:
        pixels: uint8 (N, 4), rimmed and flattened.
        marks: int32 map of region numbers; changed in place.
        starts: from :func:`find_runs`.
        root: int32 (R,), the region of one paint that each region number belongs to.
        whole: int32 (R,), the same after small regions were merged.
        is_background: bool (R,), regions that are background; they are not split.
        rest, top, under, share: the soft pixels, from :func:`unmix_soft_edges`; changed in place
            where a pixel and the paint it was said to show ended in different pieces.
        stride: length of a row of the map.
        least: levels by which a step must exceed what the slopes on both sides explain.
        settings: thresholds.
        arrived: uint8 (N, 4), like ``pixels``, as they were before they were restored, which blurs
            faint edges; and ``least`` there. Regions without ripples are split in it. None: all are
            split in ``pixels``.

    Returns:
        int32 (R + new pieces,), ``whole`` with the new pieces behind, and bool of the same length:
        pieces that a faint edge parts from another.
    """
    spread = _color_spread(
        pixels, marks, starts, root, whole, is_background, rest, settings.min_run
    )
    wanted = np.flatnonzero(spread > settings.gradient_levels)
    if wanted.shape[0] == 0:
        return whole, np.zeros(whole.shape[0], dtype=np.bool_)
    area, boxes = _extents(marks, starts, whole, stride)
    wanted = wanted[area[wanted] >= 2 * settings.min_area]
    wanted = wanted[np.argsort(-area[wanted], kind="stable")][: settings.max_regions]
    image = pixels.reshape(-1, stride, 4)
    grid = marks.reshape(-1, stride)
    # Merged small regions, and pixels that also show another region, have edges of their own.
    own = np.where(root == whole, whole, -1)
    strange = np.zeros(marks.shape[0], dtype=np.bool_)
    mixed = under >= 0
    mixed[mixed] = whole[marks[under[mixed]]] != whole[marks[top[mixed]]]
    strange[rest[mixed]] = True
    strange_grid = strange.reshape(-1, stride)
    before = whole.shape[0]
    parted = np.zeros(before, dtype=np.bool_)
    for region in wanted:
        place = np.s_[boxes[region, 0] : boxes[region, 2], boxes[region, 1] : boxes[region, 3]]
        inside, pure = _masks(grid[place], strange_grid[place], whole, own, region)
        shown, step, is_faint = image[place], least, False
        if arrived is not None:
            unrestored = arrived[0].reshape(-1, stride, 4)[place]
            even = _without_ripples(unrestored, pure, arrived[1], settings)
            if even is not None:
                shown, pure, step, is_faint = unrestored, even, arrived[1], True
        pieces = split_region(shown, inside, pure, step, settings)
        if pieces is None:
            continue
        number = whole.shape[0] - 2 + np.arange(pieces.max() + 1, dtype=np.int32)
        new = pieces > 1
        grid[place][new] = number[pieces[new]]
        whole = np.concatenate([whole, number[2:]])
        own = np.concatenate([own, number[2:]])
        parted = np.concatenate([parted, np.full(number.shape[0] - 2, is_faint)])
    if whole.shape[0] > before:
        settle_soft_pixels(marks, whole, rest, top, under, share)
    return whole, parted


def _without_ripples(
    pixels: UInt8Array, pure: BoolArray, step: float, settings: EdgeSettings
) -> BoolArray | None:
    """The pure pixels of a region that are too far from its outline to show the ring of a filter;
    None if there are ripples even there, as compression and grain leave them.

    Args:
        pixels: uint8 (H, W, 4), as they arrived.
        pure: bool (H, W), see :func:`split_region`.
        step: levels from which on a step is an edge.
        settings: thresholds.
    """
    side = 2 * settings.ring_reach + 1
    square = np.ones((side, side), dtype=np.uint8)
    inner = cv2.erode(pure.astype(np.uint8), square, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    even = np.asarray(inner, dtype=np.bool_)
    ripples, looked = _count_bends(pixels, even, max(settings.min_ripple_levels, step / 2))
    return None if ripples > settings.max_ripple_share * looked else even


@njit(cache=True, nogil=True)
def _count_bends(pixels: Any, inner: Any, least: float) -> Any:
    """Pixels of a mask whose second difference, across or along, is ``least`` levels or more in a
    channel, and all its pixels.
    """
    ripples = looked = 0
    for y in range(1, inner.shape[0] - 1):
        for x in range(1, inner.shape[1] - 1):
            if not inner[y, x]:
                continue
            looked += 1
            bend: Any = np.int32(0)
            for c in range(3):
                level = 2 * np.int32(pixels[y, x, c])
                across = np.int32(pixels[y, x - 1, c]) + np.int32(pixels[y, x + 1, c]) - level
                along = np.int32(pixels[y - 1, x, c]) + np.int32(pixels[y + 1, x, c]) - level
                bend = max(bend, max(abs(across), abs(along)))
            ripples += bend >= least
    return ripples, looked


@njit(cache=True, nogil=True)
def _masks(marks: Any, strange: Any, whole: Any, own: Any, region: int) -> Any:
    """Pixels of a region, and those of them that show no other, two bool (H, W).

    Args:
        marks: int32 (H, W), region numbers.
        strange: bool (H, W), pixels that also show another region.
        whole, own: int32 (R,), the region of each number, and that without merged ones.
        region: its number.
    """
    inside = np.empty(marks.shape, dtype=np.bool_)
    pure = np.empty(marks.shape, dtype=np.bool_)
    for y in range(marks.shape[0]):
        last = np.int32(-1)
        is_in = is_own = False
        for x in range(marks.shape[1]):
            mark = marks[y, x]
            if mark != last:
                last = mark
                is_in = whole[mark] == region
                is_own = is_in and own[mark] == region
            inside[y, x] = is_in
            pure[y, x] = is_own and not strange[y, x]
    return inside, pure


@njit(cache=True, nogil=True)
def _color_spread(
    pixels: Any,
    marks: Any,
    starts: Any,
    root: Any,
    whole: Any,
    is_background: Any,
    rest: Any,
    min_run: int,
) -> Any:
    """int32 (R,): largest range in a channel of each region but the background, by the middle
    pixels of longer runs.
    """
    spread = np.zeros(whole.shape[0], dtype=np.int32)
    low = np.full((whole.shape[0], 3), 255, dtype=np.uint8)
    high = np.zeros((whole.shape[0], 3), dtype=np.uint8)
    soft = 0  # runs and soft pixels both come in order
    for k in range(starts.shape[0] - 1):
        length = starts[k + 1] - starts[k]
        mark = marks[starts[k]]
        if length < min_run or mark == 0:
            continue
        r = root[mark]
        p = starts[k] + length // 2
        if is_background[r] or whole[mark] != r:
            continue
        while soft < rest.shape[0] and rest[soft] < p:
            soft += 1
        if soft < rest.shape[0] and rest[soft] == p:
            continue
        for c in range(3):
            low[r, c] = min(low[r, c], pixels[p, c])
            high[r, c] = max(high[r, c], pixels[p, c])
            spread[r] = max(spread[r], np.int32(high[r, c]) - np.int32(low[r, c]))
    return spread


@njit(cache=True, nogil=True)
def _extents(marks: Any, starts: Any, whole: Any, stride: int) -> Any:
    """Area, int64 (R,), and box, int32 (R, 4), of each region, in rows and columns of the map."""
    area = np.zeros(whole.shape[0], dtype=np.int64)
    boxes = np.zeros((whole.shape[0], 4), dtype=np.int32)
    boxes[:, :2] = marks.shape[0]
    for k in range(starts.shape[0] - 1):
        first, length = starts[k], starts[k + 1] - starts[k]
        if marks[first] == 0:
            continue
        r = whole[marks[first]]
        area[r] += length
        y, x = first // stride, first % stride
        boxes[r, 0] = min(boxes[r, 0], y)
        boxes[r, 1] = min(boxes[r, 1], x)
        boxes[r, 2] = max(boxes[r, 2], y + 1)
        boxes[r, 3] = max(boxes[r, 3], x + length)
    return area, boxes
