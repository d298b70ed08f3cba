"""Measurements on a label map."""

from typing import Any

import numpy as np
from numba import njit

from marquery.segments.cores import zeros_of


@njit(cache=True, nogil=True)
def label_areas(labels: Any, count: int) -> Any:
    """int64 (count + 1,): pixels of each label, those of label 0 first."""
    area = np.zeros(count + 1, dtype=np.int64)
    for y in range(labels.shape[0]):
        row = labels[y]
        start = 0
        for x in range(1, labels.shape[1]):
            if row[x] != row[x - 1]:
                area[row[start]] += x - start
                start = x
        area[row[start]] += labels.shape[1] - start
    return area


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
def contact_pairs(labels: Any, count: int) -> Any:
    """The pairs of labels that share pixel sides; memory goes with the number of pairs, not its
    square.

    Returns:
        int32 (K,) smaller label, int32 (K,) larger label, int64 (K,) sides they share; in no stated
        order.
    """
    width = labels.shape[1]
    flat = np.ascontiguousarray(labels).reshape(-1)
    alike = np.empty(-(-flat.shape[0] // 8) * 8, dtype=np.uint8)
    _compare_neighbours(flat, width, alike)
    size = 64
    keys = np.full(
        size, -1, dtype=np.int64
    )  # open addressing; a key is smaller * (count + 1) + larger
    sides = np.zeros(size, dtype=np.int64)
    used = 0
    slot, last = 0, np.int64(-1)
    end = width  # of the row
    for p in zeros_of(alike, alike.view(np.uint64)):
        while p >= end:
            end += width
        label = flat[p]
        below = flat[p + width] if p + width < flat.shape[0] else label
        after = flat[p + 1] if p + 1 < end else label
        for other in (below, after):
            if other == label:
                continue
            key = np.int64(min(label, other)) * (count + 1) + max(label, other)
            if key != last:
                if 2 * used > size:
                    size *= 4
                    keys, sides = _rehashed(keys, sides, size)
                last, slot = key, find_slot(keys, key)
                if keys[slot] < 0:
                    keys[slot] = key
                    used += 1
            sides[slot] += 1
    full = np.flatnonzero(keys >= 0)
    first = (keys[full] // (count + 1)).astype(np.int32)
    second = (keys[full] % (count + 1)).astype(np.int32)
    return first, second, sides[full]


@njit(cache=True, nogil=True)
def _compare_neighbours(flat: Any, width: int, alike: Any) -> None:
    """255 at the pixels that are like the one below and the next, else 0; the last of a row is
    compared with the first of the next one.
    """
    size = flat.shape[0]
    inner = max(0, size - width)
    here, after, below = flat[:inner], flat[1:], flat[width:]
    for p in range(inner):
        same = (here[p] == after[p]) & (here[p] == below[p])
        alike[p] = np.uint8(255) if same else np.uint8(0)
    for p in range(inner, size - 1):
        alike[p] = np.uint8(255) if flat[p] == flat[p + 1] else np.uint8(0)
    alike[size - 1 :] = 255


@njit(cache=True, nogil=True)
def find_slot(keys: Any, key: Any) -> Any:
    """Where a key is in an open-addressing table whose size is a power of two, or where it would
    go.
    """
    mask = keys.shape[0] - 1
    slot = (key ^ (key >> 15)) * 40503 & mask
    while keys[slot] >= 0 and keys[slot] != key:
        slot = (slot + 1) & mask
    return slot


@njit(cache=True, nogil=True)
def _rehashed(keys: Any, sides: Any, size: int) -> Any:
    new_keys = np.full(size, -1, dtype=np.int64)
    new_sides = np.zeros(size, dtype=np.int64)
    for k in range(keys.shape[0]):
        if keys[k] >= 0:
            slot = find_slot(new_keys, keys[k])
            new_keys[slot], new_sides[slot] = keys[k], sides[k]
    return new_keys, new_sides


@njit(cache=True, nogil=True)
def neighbour_lists(first: Any, second: Any, sides: Any, size: int) -> Any:
    """Labels beside each label, one list after the other.

    Args:
        first, second, sides: pairs of labels that touch, and the pixel sides they share.
        size: number of labels, 0 among them.

    Returns:
        ``(start, near, shared)``: the neighbours of a label are ``near[start[label] : start[label +
        1]]``, and ``shared`` has their sides.
    """
    start = np.zeros(size + 1, dtype=np.int64)
    for k in range(first.shape[0]):
        start[first[k] + 1] += 1
        start[second[k] + 1] += 1
    start = np.cumsum(start)
    fill = start.copy()
    near = np.empty(start[-1], dtype=np.int32)
    shared = np.empty(start[-1], dtype=np.int64)
    for k in range(first.shape[0]):
        a, b = first[k], second[k]
        near[fill[a]], shared[fill[a]] = b, sides[k]
        near[fill[b]], shared[fill[b]] = a, sides[k]
        fill[a] += 1
        fill[b] += 1
    return start, near, shared


@njit(cache=True, nogil=True)
def label_parents(first: Any, second: Any, sides: Any, count: int, stray_contact: float) -> Any:
    """The label each label lies on, see :attr:`Segmentation.parent`.

    Args:
        first, second, sides: see :func:`contact_pairs`.
        count: number of labels.
        stray_contact: share of a label's outline on the background up to which it does not lie on
            it.

    Returns:
        int32 (count,) parent, 0 = background; int32 (count,) depth: 1 = on the background, 2 = on
        such a label, and so on.
    """
    start, near, shared = neighbour_lists(first, second, sides, count + 1)
    total = np.zeros(count + 1, dtype=np.int64)
    background_sides = np.zeros(count + 1, dtype=np.int64)
    for k in range(first.shape[0]):
        a, b = first[k], second[k]
        total[a] += sides[k]
        total[b] += sides[k]
        if a == 0:
            background_sides[b] = sides[k]

    parent = np.zeros(count + 1, dtype=np.int32)
    depth = np.zeros(count + 1, dtype=np.int32)
    most = np.zeros(count + 1, dtype=np.int64)
    queue = np.empty(count, dtype=np.int32)
    tail = 0
    for label in range(1, count + 1):
        if background_sides[label] > stray_contact * total[label] or total[label] == 0:
            depth[label] = 1
            queue[tail] = label
            tail += 1
    head = 0
    while head < tail:
        label = queue[head]
        head += 1
        for k in range(start[label], start[label + 1]):
            other = near[k]
            if other == 0:
                continue
            if depth[other] == 0:
                depth[other] = depth[label] + 1
                queue[tail] = other
                tail += 1
            better = shared[k] > most[other] or (shared[k] == most[other] and label < parent[other])
            if depth[other] == depth[label] + 1 and better:
                parent[other], most[other] = label, shared[k]
    # A group that reaches the background by stray pixels alone lies on it.
    return parent[1:], np.maximum(depth[1:], 1)
