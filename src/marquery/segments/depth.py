"""How deep pixels lie in their segment: the distance to the nearest pixel of another."""

from typing import Any

import cv2
import numpy as np
from numba import njit

from marquery.arrays import BoolArray, Int32Array, UInt8Array
from marquery.segments.regions import find_runs


def label_depths(labels: Int32Array, most: int) -> UInt8Array:
    """How deep pixels lie; the border of the image is no line.

    Args:
        labels: int32 (H, W).
        most: pixels, up to 255; what is deeper counts as so deep.

    Returns:
        uint8 (H, W): 1 at pixels that touch another segment (8-neighbours), one more for each ring
        inwards.
    """
    inside = np.empty(labels.shape, dtype=np.uint8)
    if not _mark_lines(np.ascontiguousarray(labels), inside):
        return np.full_like(inside, most)
    depth = np.ones_like(inside)
    square = np.ones((3, 3), dtype=np.uint8)
    for _ in range(most - 1):
        np.add(depth, inside, out=depth)
        inside = np.asarray(cv2.erode(inside, square), dtype=np.uint8)
    return depth


def thick_labels(labels: Int32Array, count: int, depth: int) -> BoolArray:
    """bool (count + 1,): which labels have a pixel deeper than ``depth`` pixels.

    Args:
        labels: int32 (H, W), from 0 on.
        count: the greatest label.
        depth: pixels, 1 or more; see :func:`label_depths`.
    """
    labels = np.ascontiguousarray(labels)
    inside = np.empty(labels.shape, dtype=np.uint8)
    thick = np.ones(count + 1, dtype=np.bool_)
    if _mark_lines(labels, inside):
        if depth > 1:
            square = np.ones((2 * depth - 1, 2 * depth - 1), dtype=np.uint8)
            inside = np.asarray(cv2.erode(inside, square), dtype=np.uint8)
        thick[:] = False
        flat = labels.reshape(-1)
        _mark_labels(flat, find_runs(flat), inside.reshape(-1), thick)
    return thick


@njit(cache=True, nogil=True)
def _mark_labels(labels: Any, starts: Any, inside: Any, marked: Any) -> None:
    """Set ``marked`` for the labels of the pixels ``inside``.

    Args:
        labels, inside: int32 and uint8, flattened maps.
        starts: int32, where runs of one label start, from :func:`find_runs`.
        marked: bool, by label.
    """
    for k in range(starts.shape[0] - 1):
        label = labels[starts[k]]
        if not marked[label]:
            marked[label] = inside[starts[k] : starts[k + 1]].any()


@njit(cache=True, nogil=True)
def _mark_lines(labels: Any, inside: Any) -> bool:
    """0 in ``inside`` at the pixels that touch another label, else 1; whether there are any.

    Four pixels that are not all alike: each of them touches another label.
    """
    height, width = labels.shape
    # Blocks by their right column, those above a row and those below; a rim of blocks that are
    # even.
    above = np.zeros(width + 1, dtype=np.uint8)
    below = np.zeros(width + 1, dtype=np.uint8)
    found = np.uint8(0)
    for y in range(height):
        row, after = labels[y], labels[min(y + 1, height - 1)]
        if width == 1:
            below[0] = row[0] != after[0]
        for x in range(width - 1):
            odd = (row[x] != row[x + 1]) | (row[x] != after[x]) | (row[x] != after[x + 1])
            below[x + 1] = np.uint8(1) if odd else np.uint8(0)
        if y == height - 1 and height > 1:  # no block fits below the last row
            below[:] = 0
        out = inside[y]
        for x in range(width):
            odd_pixel = above[x] | above[x + 1] | below[x] | below[x + 1]
            found |= odd_pixel
            out[x] = np.uint8(1) - odd_pixel
        above, below = below, above
    return bool(found > 0)
