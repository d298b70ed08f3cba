"""Where a mask lies, and how far it reaches."""

import numpy as np

from marquery.arrays import Float32Array


def centre_of(mask: Float32Array) -> tuple[tuple[float, float], float]:
    """Row and column of a mask's centre, and the root mean square distance from it.

    Args:
        mask: (H, W), 0 to 1, above 0 somewhere.
    """
    y, x = np.indices(mask.shape)
    whole = float(mask.sum())
    cy, cx = float((y * mask).sum()) / whole, float((x * mask).sum()) / whole
    spread = float((((y - cy) ** 2 + (x - cx) ** 2) * mask).sum()) / whole
    return (cy, cx), float(np.sqrt(spread))
