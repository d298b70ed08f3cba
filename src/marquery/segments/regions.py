"""Step 4 of segmenting: pixels to regions, and their measures.

All functions work on the maps of :mod:`marquery.segments.cores`.
"""

from typing import Any

import numpy as np
from numba import njit

from marquery.segments.cores import zeros_of
from marquery.segments.union import find_root


@njit(cache=True, nogil=True)
def _join(parent: Any, i: int, j: int) -> None:
    a, b = find_root(parent, i), find_root(parent, j)
    if a < b:
        parent[b] = a
    elif b < a:
        parent[a] = b


@njit(cache=True, nogil=True)
def assign_regions(
    pixels: Any,
    marks: Any,
    rest: Any,
    seams: Any,
    steps: Any,
    top: Any,
    count: int,
    tolerance: int,
) -> Any:
    """Write a region number at every pixel of ``marks``; join touching regions of one paint.

    Args:
        pixels: uint8 (N, 4), rimmed and flattened.
        marks: int32 (N,), from :func:`label_cores`; changed in place.
        rest: int32 (K,), places of the pixels outside cores.
        seams: int32 (S,), blocks that are not flat.
        steps: int32 (8,), offsets of the neighbours of a pixel.
        top: int32 (K,), a place that shows the paint of each pixel of ``rest``.
        count: number of cores.
        tolerance: levels by which colours of one paint may differ in a channel.

    Returns:
        int32 array ``root`` (number of regions + 1,): the region each region was joined to.
    """
    region = np.zeros(rest.shape[0], dtype=np.int32)  # of each pixel of rest
    most = count
    for k in range(rest.shape[0]):
        mark = marks[top[k]]
        if mark < 0 and region[-mark - 1] == 0:  # the strongest pixel of a stroke: a new region
            most += 1
            region[-mark - 1] = most
    for k in range(rest.shape[0]):
        mark = marks[top[k]]
        region[k] = mark if mark > 0 else region[-mark - 1]
    parent = np.arange(most + 1, dtype=np.int32)
    # Neighbours not joined yet meet in a block that is not flat: along an edge, at a corner, at a
    # neck.
    right, down, across = steps[2], steps[3], steps[7]
    paint = np.empty(4, dtype=np.int32)
    owner = np.empty(4, dtype=np.int32)
    for s in range(seams.shape[0]):
        p = seams[s]
        if p + across >= marks.shape[0]:
            break
        one, two, three, four = marks[p], marks[p + right], marks[p + down], marks[p + across]
        if one == 0 or four == 0:
            continue  # no block: on the rim, or in the last row or column
        if one > 0 and one == two and one == three and one == four:
            continue
        paint[0] = p if one > 0 else top[-one - 1]
        owner[0] = one if one > 0 else region[-one - 1]
        paint[1] = p + right if two > 0 else top[-two - 1]
        owner[1] = two if two > 0 else region[-two - 1]
        paint[2] = p + down if three > 0 else top[-three - 1]
        owner[2] = three if three > 0 else region[-three - 1]
        paint[3] = p + across if four > 0 else top[-four - 1]
        owner[3] = four if four > 0 else region[-four - 1]
        for i in range(3):
            for j in range(i + 1, 4):
                if owner[i] == owner[j]:
                    continue
                f, g = paint[i], paint[j]
                d = np.int32(pixels[f, 0]) - np.int32(pixels[g, 0])
                if d > tolerance or d < -tolerance:
                    continue
                d = np.int32(pixels[f, 1]) - np.int32(pixels[g, 1])
                if d > tolerance or d < -tolerance:
                    continue
                d = np.int32(pixels[f, 2]) - np.int32(pixels[g, 2])
                if d > tolerance or d < -tolerance:
                    continue
                _join(parent, owner[i], owner[j])
    for k in range(rest.shape[0]):
        marks[rest[k]] = region[k]
    for r in range(most + 1):
        parent[r] = find_root(parent, r)
    return parent


def find_runs(marks: Any) -> Any:
    """Cut a map into runs of one mark.

    Returns:
        int32 (N + 1,): the places where runs start, those of the rim among them (their mark is 0);
        the last is the end of the map.
    """
    size = marks.shape[0]
    same = np.empty(-(-(size + 1) // 8) * 8, dtype=np.uint8)
    _compare_neighbours(marks, same)
    return zeros_of(same, same.view(np.uint64))


@njit(cache=True, nogil=True)
def _compare_neighbours(marks: Any, same: Any) -> None:
    """255 where a mark is that of the place before, else 0; 0 also at the first place and behind
    the last.
    """
    size = marks.shape[0]
    before, here, out = marks[:-1], marks[1:], same[1:size]
    for i in range(size - 1):
        out[i] = np.uint8(255) if here[i] == before[i] else np.uint8(0)
    same[0] = 0
    same[size] = 0
    same[size + 1 :] = 255


@njit(cache=True, nogil=True)
def measure_regions(
    red: Any, green: Any, blue: Any, marks: Any, starts: Any, rest: Any, top: Any, root: Any
) -> Any:
    """Measure the regions of a map that is cut into runs; ``red`` to ``blue`` are planes of the
    image.

    Args:
        red, green, blue: uint8 (H, W), the planes of the image.
        marks: int32 map of region numbers.
        starts: int32, where runs of one number start, from :func:`find_runs`.
        rest, top: int32 (K,), pixels outside cores, and a place that shows the paint of each.
        root: int32 (R,), the region each region number belongs to.

    Returns:
        ``(area, mean, border)``: pixels int64 (R,), mean colour of pure pixels float32 (R, 3),
        pixels on the border of the image int64 (R,).
    """
    height, width = red.shape
    stride = width + 2
    size = root.shape[0]
    area = np.zeros(size, dtype=np.int64)
    total = np.zeros((size, 3), dtype=np.int64)
    border = np.zeros(size, dtype=np.int64)
    y = 0
    for k in range(starts.shape[0] - 1):
        first, end = starts[k], starts[k + 1]
        mark = marks[first]
        if mark == 0:
            continue
        while first >= (y + 2) * stride:
            y += 1
        r = root[mark]
        x = first - (y + 1) * stride - 1
        length = end - first
        area[r] += length
        reds, greens, blues = red[y, x:], green[y, x:], blue[y, x:]
        sum_r, sum_g, sum_b = np.int32(0), np.int32(0), np.int32(0)
        for i in range(length):
            sum_r += np.int32(reds[i])
            sum_g += np.int32(greens[i])
            sum_b += np.int32(blues[i])
        total[r, 0] += sum_r
        total[r, 1] += sum_g
        total[r, 2] += sum_b
    pure = area.copy()
    y = 0
    for k in range(rest.shape[0]):
        p = rest[k]
        while p >= (y + 2) * stride:  # in order, so that no place is divided by the stride
            y += 1
        if top[k] != p:
            r = root[marks[p]]
            x = p - (y + 1) * stride - 1
            pure[r] -= 1
            total[r, 0] -= red[y, x]
            total[r, 1] -= green[y, x]
            total[r, 2] -= blue[y, x]
    for x in range(1, width + 1):
        border[root[marks[stride + x]]] += 1
        border[root[marks[height * stride + x]]] += 1
    for y in range(2, height):
        border[root[marks[y * stride + 1]]] += 1
        border[root[marks[y * stride + width]]] += 1
    mean = np.zeros((size, 3), dtype=np.float32)
    for r in range(size):
        if pure[r] > 0:
            for c in range(3):
                mean[r, c] = total[r, c] / pure[r]
    return area, mean, border
