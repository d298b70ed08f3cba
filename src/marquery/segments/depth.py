"""How deep pixels lie in their segment: the distance to the nearest pixel of another."""

from typing import Any

import cv2
import numpy as np
from numba import njit

from marquery.arrays import Int32Array, UInt8Array


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


@njit(cache=True, nogil=True)
def _mark_lines(labels: Any, inside: Any) -> bool:
    """0 in ``inside`` at the pixels that touch another label, else 1; whether there are any."""
    height, width = labels.shape
    inside[:] = 1
    found = False
    uneven = np.empty(width, dtype=np.uint8)
    for y in range(max(1, height - 1)):
        row, below = labels[y], labels[min(y + 1, height - 1)]
        some = np.uint8(0)
        for x in range(width - 1):
            # Four pixels that are not all alike: each of them touches another label.
            odd = (row[x] != row[x + 1]) | (row[x] != below[x]) | (row[x] != below[x + 1])
            uneven[x] = np.uint8(255) if odd else np.uint8(0)
            some |= uneven[x]
        if width == 1:
            some = np.uint8(255) if row[0] != below[0] else np.uint8(0)
        if some == 0:
            continue
        found = True
        for own in (inside[y], inside[min(y + 1, height - 1)]):
            if width == 1:
                own[0] = 0
            for x in range(width - 1):
                if uneven[x]:
                    own[x] = 0
                    own[x + 1] = 0
    return found
