"""What a paint would be where a part hides it: a flat colour, or a linear gradient continued."""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

# Pixels around the hidden place that are looked at, and levels by which a flat paint may vary there.
_MARGIN = 6
_FLAT_LEVELS = 3
# Share of the variance that a gradient explains, at least; a few off-colour pixels at edges are no gradient.
_EXPLAINED = 0.5


def fit_plane(
    image: Any, labels: Any, soft: Any, label: int, box: Any
) -> npt.NDArray[np.float32] | None:
    """Fit a linear gradient to the pure pixels of ``label`` in and around a box.

    Returns:
        float32 (3, 3): RGB at pixel (0, 0), change per row, change per column; or None where the paint
        is flat or too little of it is seen.
    """
    height, width = labels.shape
    top, left = max(0, int(box[0]) - _MARGIN), max(0, int(box[1]) - _MARGIN)
    bottom, right = min(height, int(box[2]) + _MARGIN), min(width, int(box[3]) + _MARGIN)
    seen, spread, moments, sums, squares = _moments(image, labels, soft, label, top, left, bottom, right)
    if seen < 16 or spread <= _FLAT_LEVELS:
        return None
    if np.linalg.cond(moments) > 1e8:  # all in one line: no telling how it goes on across it
        return None
    plane = np.linalg.solve(moments, sums)
    variance = squares - (sums[0] ** 2 / seen).sum()
    if (plane * sums).sum() - (sums[0] ** 2 / seen).sum() < _EXPLAINED * variance:
        return None
    centre = np.array([(top + bottom) / 2, (left + right) / 2])
    plane[0] -= centre @ plane[1:]
    fitted: npt.NDArray[np.float32] = plane.astype(np.float32)
    return fitted


@njit(cache=True, nogil=True)
def _moments(
    image: Any, labels: Any, soft: Any, label: int, top: int, left: int, bottom: int, right: int
) -> Any:
    """Pure pixels: number, range in levels, normal equations about the window's centre, sum of squares."""
    moments = np.zeros((3, 3))
    sums = np.zeros((3, 3))
    low = np.full(3, 255, dtype=np.int64)
    high = np.zeros(3, dtype=np.int64)
    seen = squares = 0
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
