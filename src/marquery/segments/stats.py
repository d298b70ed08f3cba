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
def label_parents(contacts: Any) -> Any:
    """int32 (count,): the label each label lies on, see :attr:`Segmentation.parent`."""
    size = contacts.shape[0]
    parent = np.zeros(size, dtype=np.int32)
    depth = np.full(size, -1, dtype=np.int32)
    depth[0] = 0
    for label in range(1, size):
        if contacts[label, 0] > _STRAY_CONTACT * contacts[label].sum():
            depth[label] = 1
    level = 1
    found = True
    while found:
        found = False
        for label in range(1, size):
            if depth[label] >= 0:
                continue
            most = 0
            for other in range(1, size):
                if depth[other] == level and contacts[label, other] > most:
                    parent[label], most = other, contacts[label, other]
            if most > 0:
                depth[label] = level + 1
                found = True
        level += 1
    return parent[1:]
