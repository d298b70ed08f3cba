"""Step 1 of segmenting: the pixels that show one paint only, and which of them hang together.

A 2x2 block of pixels is *flat* when no channel varies by more than the tolerance in it. Flat blocks
that touch (8-neighbours) share a pixel, so they show the same paint: connected components of the
flat blocks are the cores of the segments. Comparing neighbours instead of counting colours keeps a
gradient whole, and asking for blocks instead of pairs keeps two paints apart along a nearly
horizontal edge, where an anti-aliased row runs from one paint to the other in tiny steps.
"""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from numba import njit

Int32Array = npt.NDArray[np.int32]
UInt8Array = npt.NDArray[np.uint8]

_BLOCK = np.ones((2, 2), dtype=np.uint8)


def label_cores(pixels: UInt8Array, tolerance: int) -> tuple[Int32Array, Int32Array, int]:
    """Label the core pixels of an (H, W, 3) uint8 image with H, W >= 2.

    Returns:
        ``(marks, rest, count)``: ``marks`` is int32 (H + 2, W + 2), the image with a rim of zeros:
        1..count in cores, ``-(k + 1)`` at the k-th pixel that is in no core; ``rest`` (K,) int32
        lists those pixels as flat indices into ``marks``.
    """
    height, width = pixels.shape[:2]
    spread = cv2.subtract(
        cv2.dilate(pixels, _BLOCK, anchor=(0, 0)), cv2.erode(pixels, _BLOCK, anchor=(0, 0))
    )
    # flat[y + 1, x + 1] is the block whose top left pixel is (y, x); the rim stays empty.
    flat = np.zeros((height + 1, width + 1), dtype=np.uint8)
    inside = spread[: height - 1, : width - 1]
    flat[1:height, 1:width] = cv2.inRange(inside, (0, 0, 0), (tolerance, tolerance, tolerance))
    count, blocks = cv2.connectedComponents(flat, connectivity=8, ltype=cv2.CV_32S)
    marks = np.zeros((height + 2, width + 2), dtype=np.int32)
    rest = np.empty(height * width, dtype=np.int32)
    found = _spread_to_pixels(blocks, marks, rest)
    return marks, rest[:found], count - 1


@njit(cache=True, nogil=True)
def _spread_to_pixels(blocks: Any, marks: Any, rest: Any) -> int:
    """Give each pixel the label of the flat blocks it lies in; list the pixels in none."""
    height, width = blocks.shape[0] - 1, blocks.shape[1] - 1
    found = 0
    for y in range(height):
        upper, lower, out = blocks[y], blocks[y + 1], marks[y + 1]
        for x in range(width):
            # All flat blocks around a pixel touch each other, so they carry the same label.
            label = max(max(upper[x], upper[x + 1]), max(lower[x], lower[x + 1]))
            if label > 0:
                out[x + 1] = label
            else:
                rest[found] = (y + 1) * (width + 2) + x + 1
                found += 1
                out[x + 1] = -found
    return found
