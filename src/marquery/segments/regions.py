"""Step 3 of segmenting: pixels to regions, the background among them, and the specks.

All functions work on the rimmed, flattened arrays of :mod:`marquery.segments.cores`.
"""

from typing import Any

import numpy as np
from numba import njit

# The share of a speck's outline that must lie on a part for it to be taken into that part.
_SPECK_CONTACT = 0.2
# Border regions looked at for the background; a photo's border may have thousands of them.
_MOST_BORDER_REGIONS = 64


@njit(cache=True, nogil=True)
def _find(parent: Any, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@njit(cache=True, nogil=True)
def _join(parent: Any, i: int, j: int) -> None:
    a, b = _find(parent, i), _find(parent, j)
    if a < b:
        parent[b] = a
    elif b < a:
        parent[a] = b


@njit(cache=True, nogil=True)
def _alike(a: Any, b: Any, tolerance: float) -> bool:
    for c in range(3):
        d = np.float32(a[c]) - np.float32(b[c])
        if d > tolerance or d < -tolerance:
            return False
    return True


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

    Returns:
        int32 array ``root`` (number of regions + 1,): the region each region was joined to.
    """
    most = count
    for k in range(rest.shape[0]):
        if marks[top[k]] <= 0:  # the strongest pixel of a stroke: a new region
            most += 1
            marks[top[k]] = most
    paint_of = np.zeros(marks.shape[0], dtype=np.int32)
    for k in range(rest.shape[0]):
        paint_of[rest[k]] = top[k]
        marks[rest[k]] = marks[top[k]]
    parent = np.arange(most + 1, dtype=np.int32)
    # Neighbours not joined yet meet in a block that is not flat: along an edge, at a corner, at a neck.
    right, down, across = steps[2], steps[3], steps[7]
    corner = np.empty(4, dtype=np.int64)
    for k in range(seams.shape[0]):
        p = seams[k]
        corner[0], corner[1], corner[2], corner[3] = p, p + right, p + down, p + across
        for i in range(3):
            one = corner[i]
            for j in range(i + 1, 4):
                two = corner[j]
                if marks[one] == marks[two]:
                    continue
                f = paint_of[one] if paint_of[one] > 0 else one
                g = paint_of[two] if paint_of[two] > 0 else two
                d = np.int32(pixels[f, 0]) - np.int32(pixels[g, 0])
                if d > tolerance or d < -tolerance:
                    continue
                d = np.int32(pixels[f, 1]) - np.int32(pixels[g, 1])
                if d > tolerance or d < -tolerance:
                    continue
                d = np.int32(pixels[f, 2]) - np.int32(pixels[g, 2])
                if d > tolerance or d < -tolerance:
                    continue
                _join(parent, marks[one], marks[two])
    for r in range(most + 1):
        parent[r] = _find(parent, r)
    return parent


@njit(cache=True, nogil=True)
def measure_regions(pixels: Any, marks: Any, rest: Any, top: Any, root: Any, width: int) -> Any:
    """Rewrite ``marks`` to roots, and measure the regions.

    Returns:
        ``(area, mean, border)``: pixels int64 (R,), mean colour of pure pixels float32 (R, 3), pixels on the
        border of the image int64 (R,).
    """
    size = root.shape[0]
    area = np.zeros(size, dtype=np.int64)
    total = np.zeros((size, 3), dtype=np.int64)
    border = np.zeros(size, dtype=np.int64)
    stride = width + 2
    height = marks.shape[0] // stride - 2
    for y in range(1, height + 1):
        p = y * stride + 1
        end = p + width
        while p < end:  # run by run: most neighbours are of one region
            mark = marks[p]
            r = root[mark]
            first = p
            red = green = blue = 0
            while p < end and marks[p] == mark:
                marks[p] = r
                red += pixels[p, 0]
                green += pixels[p, 1]
                blue += pixels[p, 2]
                p += 1
            area[r] += p - first
            total[r, 0] += red
            total[r, 1] += green
            total[r, 2] += blue
    pure = area.copy()
    for k in range(rest.shape[0]):
        p = rest[k]
        if top[k] != p:
            pure[marks[p]] -= 1
            for c in range(3):
                total[marks[p], c] -= pixels[p, c]
    for x in range(1, width + 1):
        border[marks[stride + x]] += 1
        border[marks[height * stride + x]] += 1
    for y in range(2, height):
        border[marks[y * stride + 1]] += 1
        border[marks[y * stride + width]] += 1
    mean = np.zeros((size, 3), dtype=np.float32)
    for r in range(size):
        if pure[r] > 0:
            for c in range(3):
                mean[r, c] = total[r, c] / pure[r]
    return area, mean, border


@njit(cache=True, nogil=True)
def _border_group(mean: Any, order: Any, first: int, tolerance: int) -> Any:
    group = np.zeros(order.shape[0], dtype=np.bool_)
    for i in range(order.shape[0]):
        group[i] = _alike(mean[order[i]], mean[first], tolerance)
    return group


@njit(cache=True, nogil=True)
def find_background(area: Any, mean: Any, border: Any, corners: Any, tolerance: int) -> Any:
    """Which regions are the background, bool (R,): those on the border with the ground's colour.

    The ground is the colour with the most border pixels. A badge that fills the canvas but for its
    rounded corners has more of the border than the true ground: when the four corners agree on
    another colour, the one with more border for its area is taken.
    """
    is_ground = np.zeros(area.shape[0], dtype=np.bool_)
    touching = np.flatnonzero(border)
    order = touching[np.argsort(-border[touching], kind="mergesort")]
    heads = order[:_MOST_BORDER_REGIONS]
    best, best_border, best_area = heads[0], 0, 1
    for i in range(heads.shape[0]):
        group = _border_group(mean, order, heads[i], tolerance)
        length = border[order[group]].sum()
        if length > best_border:
            best, best_border, best_area = heads[i], length, area[order[group]].sum()
    corner = corners[0]
    agree = True
    for i in range(1, 4):
        agree = agree and _alike(mean[corners[i]], mean[corner], tolerance)
    if agree and not _alike(mean[corner], mean[best], tolerance):
        group = _border_group(mean, order, corner, tolerance)
        if border[order[group]].sum() * best_area > best_border * area[order[group]].sum():
            best = corner
    group = _border_group(mean, order, best, tolerance)
    for i in range(order.shape[0]):
        is_ground[order[i]] = group[i]
    return is_ground, best


@njit(cache=True, nogil=True)
def absorb_specks(marks: Any, steps: Any, area: Any, is_ground: Any, min_area: int) -> Any:
    """Give regions under ``min_area`` pixels to a neighbour; int32 (R,): the region each ends in.

    A speck goes to the part it touches most, if a fair share of its outline lies there, and else to
    the background: bits of an edge follow their part, a dot on its own is left to the ground.
    """
    size = area.shape[0]
    parent = np.arange(size, dtype=np.int32)
    start = np.zeros(size + 1, dtype=np.int64)
    for r in range(size):
        small = 0 < area[r] < min_area and not is_ground[r]
        start[r + 1] = start[r] + (area[r] if small else 0)
    if start[size] == 0:
        return parent
    members = np.empty(start[size], dtype=np.int32)
    fill = start[:-1].copy()
    for p in range(marks.shape[0]):
        r = marks[p]
        if start[r + 1] > start[r]:
            members[fill[r]] = p
            fill[r] += 1
    grown = area.copy()
    for r in range(size):
        if start[r + 1] == start[r] or grown[_find(parent, r)] >= min_area:
            continue
        near = np.empty(8 * (start[r + 1] - start[r]), dtype=np.int32)
        touch = np.zeros(near.shape[0], dtype=np.int64)
        n = 0
        outline = 0
        for i in range(start[r], start[r + 1]):
            for s in range(8):
                q = marks[members[i] + steps[s]]
                if q <= 0:
                    continue
                q = _find(parent, q)
                if q == _find(parent, r):
                    continue
                outline += 1
                j = 0
                while j < n and near[j] != q:
                    j += 1
                if j == n:
                    near[n] = q
                    n += 1
                touch[j] += 1
        if n == 0:
            continue
        best, best_score = -1, 0.0
        for j in range(n):
            score = float(touch[j])
            if is_ground[near[j]]:
                score *= _SPECK_CONTACT
            if score > best_score:
                best, best_score = near[j], score
        a = _find(parent, r)
        grown[best] += grown[a]
        parent[a] = best
    for r in range(size):
        parent[r] = _find(parent, r)
    return parent
