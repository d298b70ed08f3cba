"""Step 8 of segmenting: regions to labels in reading order, and the soft edges between them.

All functions work on the rimmed, flattened arrays of :mod:`marquery.segments.cores`.
"""

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def number_labels(marks: Any, starts: Any, whole: Any, is_background: Any, labels: Any) -> Any:
    """Fill ``labels`` (H, W) with 0 for background and 1..count in reading order.

    Args:
        marks: int32 map of region numbers.
        starts: int32, where runs of one number start, from :func:`find_runs`.
        whole: int32 (R,), the region each region number belongs to.
        is_background: bool (R,), regions that are background.
        labels: int32 (H, W); changed in place.

    Returns:
        ``(label_of, count)``: label of each region, int32 (R,), -1 for numbers no pixel carries;
        and the number of labels.
    """
    stride = labels.shape[1] + 2
    label_of = np.full(whole.shape[0], -1, dtype=np.int32)
    count = 0
    y = 0
    for k in range(starts.shape[0] - 1):
        first, end = starts[k], starts[k + 1]
        mark = marks[first]
        if mark == 0:
            continue
        while first >= (y + 2) * stride:
            y += 1
        if label_of[mark] < 0:
            f = whole[mark]
            if is_background[f]:
                label_of[f] = 0
            elif label_of[f] < 0:
                count += 1
                label_of[f] = count
            label_of[mark] = label_of[f]
        x = first - (y + 1) * stride - 1
        labels[y, x : x + end - first] = label_of[mark]
    return label_of, count


@njit(cache=True, nogil=True, inline="always")
def row_of(place: int, row: int, stride: int) -> int:
    """The row of a place not far from another: faster than a division.

    Args:
        place: of a pixel in a flattened map.
        row: that of a place near it.
        stride: length of a row of the map.

    Returns:
        The row, from 0.
    """
    while place < row * stride:
        row -= 1
    while place >= (row + 1) * stride:
        row += 1
    return row


@njit(cache=True, nogil=True)
def collect_soft_edges(
    marks: Any, rest: Any, top: Any, under: Any, share: Any, label_of: Any, stride: int
) -> Any:
    """The arrays of a :class:`SoftEdges`: pixels whose two paints ended in different segments.

    Args:
        marks: int32 map of region numbers.
        rest: int32 (K,), places of the pixels outside cores.
        top, under: int32 (K,), places that show the two paints; -1: none.
        share: float32 (K,), share of the first paint, 0 to 1.
        label_of: int32 (R,), label of each region.
        stride: length of a row of the map.
    """
    count = rest.shape[0]
    index = np.empty(count, dtype=np.int32)
    second = np.empty(count, dtype=np.int32)
    first_share = np.empty(count, dtype=np.float32)
    paint = np.empty((count, 2), dtype=np.int32)
    n = 0
    row = 0
    for k in range(count):
        while rest[k] >= (row + 1) * stride:  # soft pixels come in order
            row += 1
        if under[k] < 0:
            continue
        label = label_of[marks[under[k]]]
        if label == label_of[marks[top[k]]]:
            continue
        # From the rimmed image to the image: a row and a column less, and two fewer columns a row.
        p, f, g = rest[k], top[k], under[k]
        index[n] = p - stride + 1 - 2 * row
        paint[n, 0] = f - stride + 1 - 2 * row_of(f, row, stride)
        paint[n, 1] = g - stride + 1 - 2 * row_of(g, row, stride)
        second[n] = label
        first_share[n] = share[k]
        n += 1
    return index[:n], second[:n], first_share[:n], paint[:n]


@njit(cache=True, nogil=True)
def describe_labels(
    mean: Any, whole: Any, label_of: Any, count: int, background_region: int, tolerance: int
) -> Any:
    """Colour of the background, colours of the labels, and whether each label has the background's
    colour.

    Args:
        mean: float32 (R, 3), mean colours of the regions.
        whole: int32 (R,), the region each region number belongs to.
        label_of, count: from :func:`number_labels`.
        background_region: number of one of the background regions.
        tolerance: levels by which colours that count as equal may differ in a channel.

    Returns:
        uint8 (3,), uint8 (count, 3), bool (count,).
    """
    background = np.empty(3, dtype=np.uint8)
    colors = np.zeros((count, 3), dtype=np.uint8)
    alike = np.ones(count, dtype=np.bool_)
    for c in range(3):
        background[c] = np.uint8(round(mean[background_region, c]))
    for r in range(whole.shape[0]):
        label = label_of[r]
        if label <= 0 or whole[r] != r:
            continue
        for c in range(3):
            colors[label - 1, c] = np.uint8(round(mean[r, c]))
            far = abs(np.int32(colors[label - 1, c]) - np.int32(background[c]))
            alike[label - 1] = alike[label - 1] and far <= tolerance
    return background, colors, alike
