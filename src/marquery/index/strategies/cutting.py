"""Parts of a logo as pictures of their own, on its background, for the encoder."""

from typing import Any

import numpy as np
from numba import njit

from marquery.arrays import UInt8Array
from marquery.augment.functional import cut_out
from marquery.index.strategies.parts import SETTINGS
from marquery.segments import Segmentation


def cut_part(pixels: UInt8Array, found: Segmentation, labels: tuple[int, ...]) -> UInt8Array:
    """Some segments of a logo alone, on its background, cropped with a margin and centred on a
    square.

    Where the part's paint would vanish on the background, such as the white letters of a badge, it
    is laid on the paint that it lies on in the logo.

    Args:
        pixels: uint8 (H, W, 3), the image that was segmented.
        found: its segments, not grouped.
        labels: at least one of them.

    Returns:
        uint8 (S, S, 3).
    """
    part, _, _ = cut_out(pixels, found, labels)
    background = _background(found, labels)
    height, width = part.shape[:2]
    side = round(max(height, width) * (1 + 2 * SETTINGS.margin)) + 2
    square = np.empty((side, side, 3), np.uint8)
    square[:] = background
    _lay(part, background.astype(np.float32), square, (side - height) // 2, (side - width) // 2)
    return square


def cut_all(pixels: UInt8Array, found: Segmentation) -> UInt8Array:
    """The whole logo cut out like a part, to be compared with parts of others; a blank image as it
    is.
    """
    return cut_part(pixels, found, tuple(range(1, found.count + 1))) if found.count else pixels


@njit(cache=True, nogil=True)
def _lay(part: Any, background: Any, square: Any, top: int, left: int) -> None:
    """Lay a cut-out on a picture of one colour.

    Args:
        part: float32 (h, w, 4), RGB times alpha, and alpha.
        background: float32 (3,), the colour.
        square: uint8 (S, S, 3), of that colour.
        top, left: where its first pixel comes to lie.
    """
    for y in range(part.shape[0]):
        for x in range(part.shape[1]):
            clear = np.float32(1) - part[y, x, 3]
            for c in range(3):
                level = np.rint(part[y, x, c] + clear * background[c])
                square[top + y, left + x, c] = min(max(level, np.float32(0)), np.float32(255))


def _background(found: Segmentation, labels: tuple[int, ...]) -> UInt8Array:
    """The background, or the paint below the part where it would vanish on the background."""
    chosen = np.array(labels) - 1
    away = np.abs(found.colors[chosen].astype(np.int16) - found.background.astype(np.int16))
    seen = found.area[chosen][away.max(axis=1) >= SETTINGS.min_contrast].sum()
    if 2 * seen >= found.area[chosen].sum():
        return found.background
    inside = set(labels)
    below = [int(p) for p in found.parent[chosen] if p > 0 and int(p) not in inside]
    if not below:
        return found.background
    under: UInt8Array = found.colors[max(set(below), key=below.count) - 1]
    return under
