"""A logo without its colours: what the shape strategy compares."""

import numpy as np

from marquery.arrays import UInt8Array
from marquery.segments import Segmentation


def silhouette(found: Segmentation) -> UInt8Array:
    """Ink in black on white, with white seams where two paints meet; holes are white.

    Recolouring segments leaves it as it is, and so does turning a logo into its negative. Soft
    edges stay soft.

    Returns:
        uint8 (H, W, 3).
    """
    ink = [k for k in range(1, found.count + 1) if not found.is_hole[k - 1]]
    shade = 255 * (1 - found.alpha(*ink)) if ink else np.full(found.shape, 255.0, np.float32)
    labels = found.labels
    seam = np.zeros(found.shape, np.bool_)
    seam[:, 1:] |= (labels[:, 1:] != labels[:, :-1]) & (labels[:, 1:] > 0) & (labels[:, :-1] > 0)
    seam[1:] |= (labels[1:] != labels[:-1]) & (labels[1:] > 0) & (labels[:-1] > 0)
    # Two pixels wide, so that a seam is still seen at the size of an encoder's input.
    seam[:, :-1] |= seam[:, 1:]
    seam[:-1] |= seam[1:]
    grey = np.where(seam, 255, np.rint(shade)).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)
