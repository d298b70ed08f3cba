"""What a paint would be where a part hides it: a gradient continued."""

from typing import Any

import cv2
import numpy as np
from numba import njit

from marquery.arrays import Float32Array, UInt8Array

# Pixels around the hidden place that are looked at, and levels by which a flat paint may vary
# there.
_MARGIN = 6
_FLAT_LEVELS = 3
# Share of the variance that a gradient explains, at least; a few off-colour pixels at edges are no
# gradient.
_EXPLAINED = 0.5


def continued_paint(
    image: UInt8Array, labels: Any, soft: Any, label: int, box: Any
) -> tuple[UInt8Array, int, int] | None:
    """Continue the gradient of ``label`` through a box in which something hides it.

    A plane is fitted to the pure pixels of ``label`` in and around the box. By how much they are
    off it is spread over what is hidden, so the two meet without a seam even where the gradient is
    no plane.

    Args:
        image: uint8 (H, W, 3).
        labels: int32 (H, W).
        soft: bool (H, W), pixels that show two segments.
        label: the one whose paint is continued.
        box: top, left, bottom, right.

    Returns:
        uint8 (h, w, 3), and the row and column of the image at which it lies; or None where the
        paint is flat or too little of it is seen.
    """
    height, width = labels.shape
    top, left = max(0, int(box[0]) - _MARGIN), max(0, int(box[1]) - _MARGIN)
    bottom, right = min(height, int(box[2]) + _MARGIN), min(width, int(box[3]) + _MARGIN)
    seen, spread, moments, sums, squares = _moments(
        image, labels, soft, label, top, left, bottom, right
    )
    if seen < 16 or spread <= _FLAT_LEVELS:
        return None
    if np.linalg.cond(moments) > 1e8:  # all in one line: no telling how it goes on across it
        return None
    plane = np.linalg.solve(moments, sums)
    constant = (sums[0] ** 2 / seen).sum()
    if (plane * sums).sum() - constant < _EXPLAINED * (squares - constant):
        return None
    y = np.arange(top, bottom)[:, None, None] - (top + bottom) / 2
    x = np.arange(left, right)[None, :, None] - (left + right) / 2
    paint = (plane[0] + y * plane[1] + x * plane[2]).astype(np.float32)
    window = (slice(top, bottom), slice(left, right))
    known = ((labels[window] == label) & ~soft[window]).astype(np.float32)
    paint += _spread((image[window] - paint) * known[..., None], known)
    return np.clip(np.rint(paint), 0, 255).astype(np.uint8), top, left


def _spread(values: Float32Array, weight: Float32Array) -> Float32Array:
    """Fill in values where they are not known, smoothly, from coarser and coarser means
    ("push-pull").

    Args:
        values: float32 (h, w, 3), times their weight.
        weight: float32 (h, w), 0..1: how well each is known.
    """
    height, width = weight.shape
    if height == 1 == width:
        return np.asarray(values / np.maximum(weight, 1e-6)[..., None], dtype=np.float32)
    even = ((0, height % 2), (0, width % 2))
    padded, known = np.pad(values, (*even, (0, 0))), np.pad(weight, even)
    rows, columns = known.shape[0] // 2, known.shape[1] // 2
    total = known.reshape(rows, 2, columns, 2).sum(axis=(1, 3))
    coarse_weight = np.minimum(total, 1)
    coarse = padded.reshape(rows, 2, columns, 2, 3).sum(axis=(1, 3))
    coarse *= (coarse_weight / np.maximum(total, 1e-6))[..., None]
    filled = cv2.resize(
        _spread(coarse, coarse_weight), known.shape[::-1], interpolation=cv2.INTER_LINEAR
    )
    spread: Float32Array = values + (1 - weight)[..., None] * filled[:height, :width]
    return spread


@njit(cache=True, nogil=True)
def _moments(
    image: Any, labels: Any, soft: Any, label: int, top: int, left: int, bottom: int, right: int
) -> Any:
    """Pure pixels: number, range in levels, normal equations about the window's centre, sum of
    squares.
    """
    moments = np.zeros((3, 3))
    sums = np.zeros((3, 3))
    low = np.full(3, 255, dtype=np.int64)
    high = np.zeros(3, dtype=np.int64)
    seen, squares = 0, np.int64(0)
    for y in range(top, bottom):
        v = y - (top + bottom) / 2
        for x in range(left, right):
            if labels[y, x] != label or soft[y, x]:
                continue
            u = x - (left + right) / 2
            seen += 1
            moments[0, 1] += v
            moments[0, 2] += u
            moments[1, 1] += v * v
            moments[1, 2] += u * v
            moments[2, 2] += u * u
            for c in range(3):
                level = np.int64(image[y, x, c])
                low[c] = min(low[c], level)
                high[c] = max(high[c], level)
                squares += level * level
                sums[0, c] += level
                sums[1, c] += v * level
                sums[2, c] += u * level
    moments[0, 0] = seen
    moments[1, 0], moments[2, 0], moments[2, 1] = moments[0, 1], moments[0, 2], moments[1, 2]
    return seen, (high - low).max(), moments, sums, squares
