"""The lines between segments of a picture that was restored for the labelling, and its soft edges,
from its own pixels.

On both sides of a line between two segments, pixels are unmixed into the paints that these show
farther inside: ``c = a F + (1 - a) G``, whatever the width of the edge. Restoring turns a ramp into
a step, but not always at its middle: on the stairs of an enlarged picture, or beside a thin stroke,
the step can be a pixel or two away. So a pixel then goes to the segment of the larger share.
"""

from typing import Any

import cv2
import numpy as np
from numba import njit

from marquery.arrays import Int32Array, UInt8Array
from marquery.segments.cores import zeros_of
from marquery.segments.depth import label_depths
from marquery.segments.output import row_of
from marquery.segments.segmentation import SoftEdges
from marquery.segments.stats import label_areas


def find_soft_edges(
    pixels: UInt8Array, labels: Int32Array, count: int, reach: int, min_off: float, min_area: int
) -> tuple[Int32Array, SoftEdges]:
    """Unmix the pixels near the lines between segments, and move the lines to equal shares.

    A pixel changes its label only where both segments stay as connected as they were.

    Args:
        pixels: uint8 (H, W, 3), as it arrived.
        labels: int32 (H, W), of the restored picture.
        count: number of segments.
        reach: pixels on either side of a line that may show both segments.
        min_off: levels; a pixel that differs by no more from its own paint shows that one alone.
        min_area: pixels; no segment gets smaller.

    Returns:
        int32 (H, W), the same labels, which may come in another order by reading; the soft edges.
    """
    depth = label_depths(labels, reach + 1)
    rim, whole = cv2.BORDER_CONSTANT, cv2.BORDER_REPLICATE
    marks = np.asarray(cv2.copyMakeBorder(labels, 1, 1, 1, 1, rim, value=-1)).reshape(-1)
    depths = np.asarray(cv2.copyMakeBorder(depth, 1, 1, 1, 1, rim, value=0)).reshape(-1)
    stride = labels.shape[1] + 2
    rimmed = np.asarray(cv2.copyMakeBorder(pixels, 1, 1, 1, 1, whole)).reshape(-1, 3)
    index, under, share, paint = _unmix(rimmed, marks, depths, stride, reach, min_off)
    area = label_areas(labels, count)
    _settle(marks, index, under, share, paint, stride, reach, area, min_area)
    settled = np.ascontiguousarray(marks.reshape(-1, stride)[1:-1, 1:-1], dtype=np.int32)
    return settled, SoftEdges(index, under, share, paint)


@njit(cache=True, nogil=True)
def _unmix(pixels: Any, marks: Any, depths: Any, stride: int, reach: int, min_off: float) -> Any:
    """The arrays of a :class:`SoftEdges`; shares from 0 to 1.

    Args:
        pixels: uint8 (N, 3), rimmed and flattened.
        marks, depths: int32 and uint8 maps (N,) with a rim of -1 and of 0; no depth is more than
            ``reach + 1``.
        stride: length of a row of the map.
        reach, min_off: see :func:`find_soft_edges`.
    """
    steps = np.array(
        [-stride, -1, 1, stride, -stride - 1, -stride + 1, stride - 1, stride + 1], dtype=np.int32
    )
    other = np.full(marks.shape[0], -1, dtype=np.int32)  # the nearest place of another segment
    near = _places_near(depths, reach)  # in the order of reading
    rings = np.empty(near.shape[0], dtype=np.int32)  # ring by ring, so by depth
    end = 0
    for p in near:
        if depths[p] != 1:
            continue
        for step in steps:
            if marks[p + step] >= 0 and marks[p + step] != marks[p]:
                other[p] = p + step
                break
        rings[end] = p
        end += 1
    first = 0
    for _ in range(reach - 1):
        n = end
        for k in range(first, end):
            p = rings[k]
            mark, beyond = marks[p], other[p]
            for step in steps:
                q = p + step
                if other[q] < 0 and marks[q] == mark:
                    other[q] = beyond
                    rings[n] = q
                    n += 1
        first, end = end, n
    # For each place one farther inside; thrice, since the way out of a dent leads along the line.
    inner = np.empty(marks.shape[0], dtype=np.int32)
    for p in range(marks.shape[0]):
        inner[p] = p
    count = end
    rings = rings[:end][::-1].copy()  # those farthest inside first
    for _ in range(3):
        left = 0
        for k in range(end):
            p = rings[k]
            best, deepest, mark = inner[p], depths[inner[p]], marks[p]
            for step in steps:
                if deepest > reach:  # nothing is deeper
                    break
                if marks[p + step] == mark and depths[inner[p + step]] > deepest:
                    best = inner[p + step]
                    deepest = depths[best]
            inner[p] = best
            if deepest <= reach:
                rings[left] = p
                left += 1
        end = left
    index = np.empty(count, dtype=np.int32)
    under = np.empty(count, dtype=np.int32)
    share = np.empty(count, dtype=np.float32)
    paint = np.empty((count, 2), dtype=np.int32)
    n = 0
    row = 0
    for p in near:
        own, beyond = inner[p], inner[other[p]]
        off = length2 = along = np.float32(0)
        for c in range(3):
            u = np.float32(pixels[p, c]) - np.float32(pixels[own, c])
            v = np.float32(pixels[beyond, c]) - np.float32(pixels[own, c])
            off = max(off, abs(u))
            length2 += v * v
            along += u * v
        if off <= min_off or length2 <= 0:
            continue
        row = row_of(p, row, stride)
        index[n] = p - stride + 1 - 2 * row
        under[n] = marks[other[p]]
        # What lies beyond the paint is all of it.
        share[n] = min(max(np.float32(1) - along / length2, np.float32(0)), np.float32(1))
        paint[n, 0] = own - stride + 1 - 2 * row_of(own, row, stride)
        paint[n, 1] = beyond - stride + 1 - 2 * row_of(beyond, row, stride)
        n += 1
    return index[:n], under[:n], share[:n], paint[:n]


@njit(cache=True, nogil=True)
def _places_near(depths: Any, reach: int) -> Any:
    """int32: places of the pixels whose depth is 1 to ``reach``."""
    size = depths.shape[0]
    far = np.empty(-(-size // 8) * 8, dtype=np.uint8)
    deepest = np.uint8(reach)
    for p in range(size):
        is_far = (depths[p] == 0) | (depths[p] > deepest)
        far[p] = np.uint8(255) if is_far else np.uint8(0)
    far[size:] = 255
    return zeros_of(far, far.view(np.uint64))


@njit(cache=True, nogil=True)
def _settle(
    marks: Any,
    index: Any,
    under: Any,
    share: Any,
    paint: Any,
    stride: int,
    reach: int,
    area: Any,
    min_area: int,
) -> None:
    """Give pixels the label of their larger share, in place; elsewhere the share counts as a half.

    Args:
        marks: int32 map with a rim of -1.
        index, under, share, paint: from :func:`_unmix`.
        stride: length of a row of the map.
        reach: pixels that a line may move.
        area: int64, pixels of each label.
        min_area: pixels; no segment gets smaller.
    """
    # Around a pixel, in a circle.
    circle = np.array(
        [-stride - 1, -stride, -stride + 1, 1, stride + 1, stride, stride - 1, -1], dtype=np.int32
    )
    todo = np.flatnonzero(share < 0.5)
    place = np.empty(todo.shape[0], dtype=np.int32)
    for i in range(todo.shape[0]):
        y = index[todo[i]] // (stride - 2)
        place[i] = index[todo[i]] + stride + 1 + 2 * y
    for _ in range(reach):
        left = 0
        for i in range(todo.shape[0]):
            k, p = todo[i], place[i]
            own, label = marks[p], under[k]
            beside = False
            for j in range(1, 8, 2):
                beside |= marks[p + circle[j]] == label
            if beside and area[own] > min_area and _is_simple(marks, p, circle):
                area[own] -= 1
                area[label] += 1
                marks[p], under[k] = label, own
                share[k] = 1 - share[k]
                paint[k, 0], paint[k, 1] = paint[k, 1], paint[k, 0]
            else:
                todo[left], place[left] = k, p
                left += 1
        if left == todo.shape[0]:
            break
        todo, place = todo[:left], place[:left]
    for k in todo:
        share[k] = 0.5


@njit(cache=True, nogil=True, inline="always")
def _is_simple(marks: Any, p: int, circle: Any) -> bool:
    """Whether the pixels of its own label around a pixel hang together without it."""
    label = marks[p]
    pieces = 0
    for i in range(8):
        if marks[p + circle[i]] == label and marks[p + circle[(i + 1) % 8]] != label:
            # Past a corner, two neighbours at the edges still touch each other.
            pieces += i % 2 == 0 or marks[p + circle[(i + 2) % 8]] != label
    return pieces == 1
