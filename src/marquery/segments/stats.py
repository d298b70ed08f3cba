"""Measurements on a label map."""

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def label_boxes(labels: Any, count: int) -> Any:
    """int32 (count, 4): first row, first column, last row + 1, last column + 1 of each label."""
    height, width = labels.shape
    boxes = np.zeros((count, 4), dtype=np.int32)
    boxes[:, 0] = height
    boxes[:, 1] = width
    for y in range(height):
        for x in range(width):
            label = labels[y, x]
            if label > 0:
                box = boxes[label - 1]
                box[0] = min(box[0], y)
                box[1] = min(box[1], x)
                box[2] = max(box[2], y + 1)
                box[3] = max(box[3], x + 1)
    return boxes


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def label_contacts(labels: Any, count: int) -> Any:
    """int64 (count + 1, count + 1), symmetric: pixel sides that two labels share; the diagonal is 0."""
    height, width = labels.shape
    contacts = np.zeros((count + 1, count + 1), dtype=np.int64)
    for y in range(height):
        for x in range(width):
            label = labels[y, x]
            if x + 1 < width and labels[y, x + 1] != label:
                contacts[label, labels[y, x + 1]] += 1
                contacts[labels[y, x + 1], label] += 1
            if y + 1 < height and labels[y + 1, x] != label:
                contacts[label, labels[y + 1, x]] += 1
                contacts[labels[y + 1, x], label] += 1
    return contacts
