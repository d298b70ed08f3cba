"""Segments that are much nearer to each other than to the rest.

Gaps are measured between outlines, across the segment on which both lie: a chamfer distance transform in two sweeps
gives each pixel of that ground its nearest segment, and where two such realms meet lies the gap. Those gaps
hold the minimum spanning tree, so single linkage needs no others. Segments are then joined in the order of their
gaps while the gap is small beside their sizes or the gaps already inside: the criterion is close to that of
Felzenszwalb & Huttenlocher, IJCV 2004, equations 2 to 4, with segments as the vertices.
"""

from typing import Any

import numpy as np
from numba import njit

from marquery.segments.stats import find_slot

_STEP, _DIAGONAL = np.float32(1), np.float32(2**0.5)
_FAR = np.float32(1e9)
# A segment alone takes what is nearer than this share of its size, a group of n the n-th part of that,
_REACH = 0.5
# or what is nearer than this many times the longest gap inside it.
_LONGER = 1.5


@njit(cache=True, nogil=True)
def join_near(
    labels: Any, boxes: Any, is_hole: Any, parent: Any, depth: Any, word: Any, space: Any, tall: Any
) -> Any:
    """Join segments and words that are near each other for their size.

    Only what lies on the same part is joined, from the outermost inwards, and holes only with holes.

    Args:
        labels: int32 (H, W).
        boxes: int32 (N, 4).
        is_hole: bool (N,).
        parent, depth: int32 (N,).
        word, space, tall: what :func:`marquery.segments.glyphs.find_words` gives.

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
    one, two, gap = gap_pairs(labels, parent)
    order = np.argsort(gap, kind="mergesort")
    deepest = depth.max() if count else 0
    for level in range(1, deepest + 1):
        for k in order:
            i, j = one[k] - 1, two[k] - 1
            if depth[i] != level or depth[j] != level or is_hole[i] != is_hole[j]:
                continue
            if parent[i] != parent[j] and (
                _find(root, parent[i] - 1) != _find(root, parent[j] - 1)
            ):
                continue
            a, b = _find(root, i), _find(root, j)
            if a == b:
                continue
            limit_a = max(_REACH * size[a] / number[a], _LONGER * inside[a])
            limit_b = max(_REACH * size[b] / number[b], _LONGER * inside[b])
            if gap[k] > min(limit_a, limit_b):
                continue
            root[b] = a
            total = number[a] + number[b]
            size[a] = (size[a] * number[a] + size[b] * number[b]) / total
            inside[a] = max(inside[a], inside[b], gap[k])
            number[a] = total
    for i in range(count):
        root[i] = _find(root, i)
    return root


@njit(cache=True, nogil=True)
def _find(root: Any, i: int) -> int:
    while root[i] != i:
        root[i] = root[root[i]]
        i = root[i]
    return i


@njit(cache=True, nogil=True)
def gap_pairs(labels: Any, parent: Any) -> Any:
    """Shortest gaps between segments that touch, or lie on the same one with none between them.

    Args:
        labels: int32 (H, W).
        parent: int32 (N,).

    Returns:
        int32 (K,) smaller label, int32 (K,) larger label, float32 (K,) pixels between their outlines, 0 where
        they touch; of a long gap the chamfer distance, which is up to 8 % too long.
    """
    height, width = labels.shape
    count = parent.shape[0]
    on = np.full(count + 1, -1, dtype=np.int32)
    on[1:] = parent
    carries = np.zeros(count + 1, dtype=np.int32)
    for i in range(count):
        carries[parent[i]] += 1
    near = np.zeros((height, width), dtype=np.int32)
    away = np.full((height, width), _FAR, dtype=np.float32)
    for y in range(height):
        for x in range(width):
            if carries[labels[y, x]] > 1:
                if x > 0:
                    _relax(labels, on, near, away, y, x, y, x - 1, _STEP)
                if y > 0:
                    _relax(labels, on, near, away, y, x, y - 1, x, _STEP)
                    if x > 0:
                        _relax(labels, on, near, away, y, x, y - 1, x - 1, _DIAGONAL)
                    if x + 1 < width:
                        _relax(labels, on, near, away, y, x, y - 1, x + 1, _DIAGONAL)
    for y in range(height - 1, -1, -1):
        for x in range(width - 1, -1, -1):
            if carries[labels[y, x]] > 1:
                if x + 1 < width:
                    _relax(labels, on, near, away, y, x, y, x + 1, _STEP)
                if y + 1 < height:
                    _relax(labels, on, near, away, y, x, y + 1, x, _STEP)
                    if x > 0:
                        _relax(labels, on, near, away, y, x, y + 1, x - 1, _DIAGONAL)
                    if x + 1 < width:
                        _relax(labels, on, near, away, y, x, y + 1, x + 1, _DIAGONAL)
    return _meetings(labels, on, near, away)


@njit(cache=True, nogil=True, inline="always")
def _relax(
    labels: Any, on: Any, near: Any, away: Any, y: int, x: int, v: int, u: int, step: Any
) -> None:
    """Take over what a neighbour knows of the nearest segment, if that is nearer."""
    if labels[v, u] == labels[y, x]:
        if away[v, u] + step < away[y, x]:
            away[y, x], near[y, x] = away[v, u] + step, near[v, u]
    elif on[labels[v, u]] == labels[y, x] and step < away[y, x]:
        away[y, x], near[y, x] = step, labels[v, u]


@njit(cache=True, nogil=True)
def _meetings(labels: Any, on: Any, near: Any, away: Any) -> Any:
    """The shortest way between any two segments whose realms meet."""
    height, width = labels.shape
    names = np.int64(on.shape[0])
    size = 64
    keys = np.full(size, -1, dtype=np.int64)
    gaps = np.empty(size, dtype=np.float32)
    used = 0
    for y in range(height):
        for x in range(width):
            for way in range(4):  # right, down left, down, down right
                v = y + (way > 0)
                u = x + (1 if way == 0 else way - 2)
                if v == height or u < 0 or u == width:
                    continue
                here, there = labels[y, x], labels[v, u]
                if here == there and (near[y, x] == near[v, u]):
                    continue
                one, two, gap = near[y, x], near[v, u], np.float32(0)
                step = _STEP if way == 0 or way == 2 else _DIAGONAL
                if here == there:
                    gap = away[y, x] + away[v, u] + step - 1
                elif on[there] == here:
                    two, gap = there, away[y, x] + step - 1
                elif on[here] == there:
                    one, gap = here, away[v, u] + step - 1
                else:
                    one, two = here, there
                if one == 0 or two == 0 or one == two:
                    continue
                key = np.int64(min(one, two)) * names + max(one, two)
                slot = find_slot(keys, key)
                if keys[slot] >= 0:
                    gaps[slot] = min(gaps[slot], gap)
                    continue
                keys[slot], gaps[slot] = key, gap
                used += 1
                if 2 * used > size:
                    size *= 4
                    old_keys, old_gaps = keys, gaps
                    keys = np.full(size, -1, dtype=np.int64)
                    gaps = np.empty(size, dtype=np.float32)
                    for k in range(old_keys.shape[0]):
                        if old_keys[k] >= 0:
                            slot = find_slot(keys, old_keys[k])
                            keys[slot], gaps[slot] = old_keys[k], old_gaps[k]
    full = np.flatnonzero(keys >= 0)
    return (keys[full] // names).astype(np.int32), (keys[full] % names).astype(np.int32), gaps[full]
