"""Measurements on a label map."""

from typing import Any

import numpy as np
from numba import njit

# A few stray pixels at the end of an edge do not make a figure lie on the background.
_STRAY_CONTACT = 0.05


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def label_parents(contacts: Any, boxes: Any) -> Any:
    """int32 (count,): the label around each label, see :attr:`Segmentation.parent`."""
    count = boxes.shape[0]
    parent = np.zeros(count, dtype=np.int32)
    for label in range(1, count + 1):
        row = contacts[label]
        if row[0] > _STRAY_CONTACT * row.sum():
            continue
        box = boxes[label - 1]
        most = 0
        for other in range(1, count + 1):
            around = boxes[other - 1]
            within = (
                around[0] >= box[0]
                and around[1] >= box[1]
                and around[2] <= box[2]
                and around[3] <= box[3]
            )
            if row[other] > most and not within:
                parent[label - 1], most = other, row[other]
    return parent
