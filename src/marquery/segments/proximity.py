"""Segments that are much nearer to each other than to the rest.

Gaps are measured between outlines, across the segment on which both lie: a chamfer distance
transform in two sweeps gives each of its pixels the nearest segment on it (a Voronoi partition),
and the gap lies where two cells meet. These gaps hold the minimum spanning tree, so single linkage
needs no others. Segments are then joined in the order of their
gaps while the gap is small beside their sizes or the gaps already inside: the criterion is close to
that of Felzenszwalb & Huttenlocher, IJCV 2004, equations 2 to 4, with segments as the vertices.
"""

from typing import Any

import numpy as np
from numba import njit

from marquery.segments.stats import find_slot
from marquery.segments.union import find_root

# Steps of the distance transform, in fifths of a pixel, and a distance longer than any.
_STEP, _DIAGONAL, _FAR = 5, 7, 2**30


@njit(cache=True, nogil=True)
def join_near(
    labels: Any,
    boxes: Any,
    area: Any,
    is_hole: Any,
    parent: Any,
    depth: Any,
    word: Any,
    space: Any,
    tall: Any,
    map_side: int,
    reach: float,
    gap_growth: float,
) -> Any:
    """Join segments and words that are near each other for their size.

    Only what lies on the same part is joined, from the outermost inwards, and holes only with
    holes.

    Args:
        labels: int32 (H, W).
        boxes: int32 (N, 4).
        area: int64 (N,).
        is_hole: bool (N,).
        parent, depth: int32 (N,).
        word, space, tall: what :func:`marquery.segments.glyphs.find_words` gives.
        map_side: pixels; longest side of the map that gaps are measured on.
        reach: a segment is joined with what is nearer than this share of its size, a group of n
            with what is nearer than the n-th part of that,
        gap_growth: or with what is nearer than this many times the longest gap inside it.

    Returns:
        int32 (N,): index of one member of the part that each segment is in.
    """
    count = boxes.shape[0]
    root = word.copy()
    size = np.sqrt(((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])).astype(np.float64))
    inside = np.maximum(space, 0.0)
    number = np.zeros(count)
    for i in range(count):
        number[word[i]] += 1
        if space[i] >= 0:
            size[i] = tall[i]
    one, two, gap = gap_pairs(labels, parent, area, map_side)
    exact = float(_pitch(labels, map_side))  # no gap is known better than this
    order = np.argsort(gap, kind="mergesort")
    deepest = depth.max() if count else 0
    for level in range(1, deepest + 1):
        for k in order:
            i, j = one[k] - 1, two[k] - 1
            if depth[i] != level or depth[j] != level or is_hole[i] != is_hole[j]:
                continue
            if parent[i] != parent[j] and (
                find_root(root, parent[i] - 1) != find_root(root, parent[j] - 1)
            ):
                continue
            a, b = find_root(root, i), find_root(root, j)
            if a == b:
                continue
            limit_a = max(reach * size[a] / number[a], gap_growth * inside[a])
            limit_b = max(reach * size[b] / number[b], gap_growth * inside[b])
            if gap[k] > min(limit_a, limit_b):
                continue
            root[b] = a
            total = number[a] + number[b]
            size[a] = (size[a] * number[a] + size[b] * number[b]) / total
            inside[a] = max(inside[a], inside[b], gap[k], exact)
            number[a] = total
    for i in range(count):
        root[i] = find_root(root, i)
    return root


@njit(cache=True, nogil=True)
def gap_pairs(labels: Any, parent: Any, area: Any, map_side: int) -> Any:
    """Shortest gaps between segments that touch, or lie on the same one with none between them.

    Args:
        labels: int32 (H, W).
        parent: int32 (N,).
        area: int64 (N,).
        map_side: pixels; longest side of the map that gaps are measured on.

    Returns:
        int32 (K,) smaller label, int32 (K,) larger label, float32 (K,) pixels between their
        outlines, 0 where they share a side. Larger maps are measured in steps of the smallest whole
        number of pixels that makes them no larger; a long gap is up to 6 % off.
    """
    height, width = labels.shape
    count = parent.shape[0]
    outside = count + 1  # label of the rim, which lies on nothing and carries nothing
    on = np.full(count + 2, -2, dtype=np.int32)
    on[0] = -1
    on[1:outside] = parent
    siblings = np.zeros(count + 2, dtype=np.int32)
    for i in range(count):
        siblings[parent[i]] += 1
    pitch = _pitch(labels, map_side)
    rows, columns = (height + pitch - 1) // pitch, (width + pitch - 1) // pitch
    stride = columns + 2
    grid = np.full((rows + 2) * stride, outside, dtype=np.int32)
    _shrink(labels, area, pitch, stride, grid)
    near = np.zeros(grid.shape[0], dtype=np.int32)
    away = np.full(grid.shape[0], _FAR, dtype=np.int32)
    for sweep in (1, -1):
        for k in range(stride, grid.shape[0] - stride):
            p = k if sweep == 1 else grid.shape[0] - 1 - k
            here = grid[p]
            if siblings[here] < 2:
                continue
            best, source = away[p], near[p]
            for q, step in (
                (p - sweep, _STEP),
                (p - sweep * stride, _STEP),
                (p - sweep * (stride + 1), _DIAGONAL),
                (p - sweep * (stride - 1), _DIAGONAL),
            ):
                there = grid[q]
                if there == here:
                    if away[q] + step < best:
                        best, source = away[q] + step, near[q]
                elif step < best and on[there] == here:
                    best, source = step, there
            away[p], near[p] = best, source
    keys, ways = _meetings(grid, stride, on, near, away)
    keys, ways = _shortest(keys, ways)
    names = np.int64(on.shape[0])
    pixels = (ways * (pitch / _STEP)).astype(np.float32)
    return (keys // names).astype(np.int32), (keys % names).astype(np.int32), pixels


@njit(cache=True, nogil=True)
def _pitch(labels: Any, map_side: int) -> Any:
    """Pixels of the image for one of the map, a side."""
    return max(1, (max(labels.shape) + map_side - 1) // map_side)


@njit(cache=True, nogil=True)
def _shrink(labels: Any, area: Any, pitch: int, stride: int, grid: Any) -> None:
    """Fill ``grid``, inside its rim, with the smallest segment in each square of ``pitch``
    pixels.
    """
    height, width = labels.shape
    for y in range(0, height, pitch):
        p = (y // pitch + 1) * stride + 1
        for x in range(0, width, pitch):
            best = labels[y, x]
            for v in range(y, min(y + pitch, height)):
                for u in range(x, min(x + pitch, width)):
                    label = labels[v, u]
                    if label == best or label == 0:
                        continue
                    if best == 0 or area[label - 1] < area[best - 1]:
                        best = label
            grid[p] = best
            p += 1


@njit(cache=True, nogil=True)
def _meetings(grid: Any, stride: int, on: Any, near: Any, away: Any) -> Any:
    """Where the Voronoi cells of two segments meet: a key for the two, and the way between them, in
    steps.
    """
    names = np.int64(on.shape[0])
    outside = on.shape[0] - 1
    keys = np.empty(2 * grid.shape[0], dtype=np.int64)
    ways = np.empty(2 * grid.shape[0], dtype=np.int32)
    found = 0
    for p in range(stride, grid.shape[0] - stride):
        here = grid[p]
        if here == outside:
            continue
        for q in (p + 1, p + stride):
            there = grid[q]
            one, two = near[p], near[q]
            if there == here:
                if one == two:
                    continue
                way = away[p] + away[q]
            elif there == outside:
                continue
            elif on[there] == here:
                two, way = there, away[p]
            elif on[here] == there:
                one, way = here, away[q]
            else:
                one, two, way = here, there, 0
            if one != 0 and two != 0 and one != two:
                keys[found] = np.int64(min(one, two)) * names + max(one, two)
                ways[found] = way
                found += 1
    return keys[:found], ways[:found]


@njit(cache=True, nogil=True)
def _shortest(keys: Any, ways: Any) -> Any:
    """Each key once, with the shortest of its ways."""
    size = 64
    while size < 2 * keys.shape[0]:
        size *= 2
    table = np.full(size, -1, dtype=np.int64)
    least = np.empty(size, dtype=np.int32)
    for k in range(keys.shape[0]):
        slot = find_slot(table, keys[k])
        if table[slot] < 0:
            table[slot], least[slot] = keys[k], ways[k]
        else:
            least[slot] = min(least[slot], ways[k])
    full = np.flatnonzero(table >= 0)
    return table[full], least[full]
