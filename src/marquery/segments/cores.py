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

# Levels by which a pixel at the rim of a core may differ from the inside and still count as pure: beyond
# them it already holds a bit of the paint next to it.
_EVEN_LEVELS = 2
_BLOCK = np.ones((2, 2), dtype=np.uint8)


def label_cores(
    pixels: UInt8Array, tolerance: int
) -> tuple[Int32Array, Int32Array, Int32Array, int]:
    """Label the core pixels of an (H, W, 3) uint8 image with H, W >= 2.

    Returns:
        ``(marks, rest, seams, count)``: ``marks`` is int32 (H + 2, W + 2), the image with a rim of zeros:
        1..count in cores, ``-(k + 1)`` at the k-th pixel that is in no core or impure at the rim of
        one; ``rest`` (K,) int32 lists those pixels as flat indices into ``marks``; ``seams`` (S,) int32
        lists the top left pixels of the blocks that are not flat.
    """
    height, width = pixels.shape[:2]
    spread = cv2.subtract(
        cv2.dilate(pixels, _BLOCK, anchor=(0, 0)), cv2.erode(pixels, _BLOCK, anchor=(0, 0))
    )[: height - 1, : width - 1]
    flat = _blocks_within(spread, tolerance)
    even = _blocks_within(spread, min(tolerance, _EVEN_LEVELS))
    count, blocks = cv2.connectedComponents(flat, connectivity=8, ltype=cv2.CV_32S)
    # Pure: in an even block, or amid four flat ones. Entry [y + 1, x + 1] is pixel (y, x).
    pure = cv2.bitwise_or(
        cv2.dilate(even, _BLOCK, anchor=(1, 1)), cv2.erode(flat, _BLOCK, anchor=(1, 1))
    )
    marks = np.zeros((height + 2, width + 2), dtype=np.int32)
    rest = np.empty(height * width, dtype=np.int32)
    seams = np.empty(height * width, dtype=np.int32)
    found, seen = _spread_to_pixels(blocks, flat, pure, marks, rest, seams)
    return marks, rest[:found], seams[:seen], count - 1


def _blocks_within(spread: Any, levels: int) -> UInt8Array:
    """uint8 (H + 1, W + 1): at [y + 1, x + 1] whether the block with top left pixel (y, x) is that even."""
    height, width = spread.shape[:2]
    within = np.zeros((height + 2, width + 2), dtype=np.uint8)
    within[1:-1, 1:-1] = cv2.inRange(spread, (0, 0, 0), (levels, levels, levels))
    return within


@njit(cache=True, nogil=True)
def _spread_to_pixels(blocks: Any, flat: Any, pure: Any, marks: Any, rest: Any, seams: Any) -> Any:
    """Give each pixel the label of the flat blocks it lies in; list the impure pixels, and the seams."""
    height, width = blocks.shape[0] - 1, blocks.shape[1] - 1
    found = seen = 0
    for y in range(height):
        upper, lower, out = blocks[y], blocks[y + 1], marks[y + 1]
        for x in range(width):
            # All flat blocks around a pixel touch each other, so they carry the same label.
            out[x + 1] = max(max(upper[x], upper[x + 1]), max(lower[x], lower[x + 1]))
        here, flats = pure[y + 1], flat[y + 1]
        start = (y + 1) * (width + 2) + 1
        for x in range(width):
            if here[x + 1] == 0:
                rest[found] = start + x
                found += 1
                out[x + 1] = -found
            if flats[x + 1] == 0 and x + 1 < width and y + 1 < height:
                seams[seen] = start + x
                seen += 1
    return found, seen
