"""Photos, and large pictures with noise: the segments of a smaller copy, enlarged."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from marquery.arrays import UInt8Array
from marquery.segments.segmentation import Segmentation, SoftEdges


def from_smaller(
    pixels: UInt8Array, side: int, find: Callable[[UInt8Array], Segmentation]
) -> Segmentation:
    """Segments of a copy that is reduced by the mean of each cell, at the size of the picture.

    Each segment keeps its number and is as connected as before. There are no soft edges: a photo
    has no two paints that an edge could be unmixed into.

    Args:
        pixels: uint8 (H, W, 3).
        side: pixels of the copy's longest side.
        find: gives the segments of the copy.
    """
    height, width = pixels.shape[:2]
    factor = side / max(height, width)
    size = (max(2, round(width * factor)), max(2, round(height * factor)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    found = find(np.asarray(small, dtype=np.uint8))
    labels = cv2.resize(found.labels, (width, height), interpolation=cv2.INTER_NEAREST)
    return replace(found, labels=np.asarray(labels, dtype=np.int32), soft_edges=SoftEdges.none())
