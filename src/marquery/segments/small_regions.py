"""Step 6 of segmenting: regions too small to be segments are merged into a neighbour."""

from typing import Any

import numpy as np
from numba import njit

from marquery.segments.union import find_root


@njit(cache=True, nogil=True)
def merge_small_regions(
    marks: Any,
    starts: Any,
    root: Any,
    steps: Any,
    area: Any,
    mean: Any,
    is_background: Any,
    min_area: int,
    background_weight: float,
    small_region_weight: float,
) -> Any:
    """Give regions under ``min_area`` pixels to a neighbour; int32 (R,): the region each ends in.

    A small region joins the segment it touches most, if enough of its outline lies there, else the
    background: fragments of an edge follow their segment, an isolated dot becomes background. The
    smallest goes first, and merged regions that are still small are merged again. Ties are broken
    by colour, so that the result does not depend on the orientation of the image.

    Args:
        marks: int32 map of region numbers.
        starts: int32, where runs of one number start, from :func:`find_runs`.
        root: int32 (R,), the region each region number belongs to.
        steps: int32 (8,), offsets of the neighbours of a pixel.
        area, mean: int64 (R,) and float32 (R, 3), from :func:`measure_regions`.
        is_background: bool (R,), regions that are background.
        min_area: pixels.
        background_weight: what contact with the background counts, against contact with a segment.
        small_region_weight: what contact with another small region counts; low, so that grain does
            not grow into segments.
    """
    size = area.shape[0]
    parent = np.arange(size, dtype=np.int32)
    start = np.zeros(size + 1, dtype=np.int64)
    for r in range(size):
        small = 0 < area[r] < min_area and not is_background[r]
        start[r + 1] = start[r] + (area[r] if small else 0)
    if start[size] == 0:
        return parent
    members = np.empty(start[size], dtype=np.int32)
    fill = start[:-1].copy()
    for k in range(starts.shape[0] - 1):
        r = root[marks[starts[k]]]
        if start[r + 1] > start[r]:
            for p in range(starts[k], starts[k + 1]):
                members[fill[r]] = p
                fill[r] += 1
    grown = area.copy()
    # Merged regions are chained: the next after each, and the last of each chain.
    following = np.full(size, -1, dtype=np.int32)
    last = np.arange(size, dtype=np.int32)
    key = mean[:, 0] + 256 * (mean[:, 1] + np.float64(256) * mean[:, 2])
    changed = True
    while changed:
        changed = False
        queue = np.flatnonzero((start[1:] > start[:-1]) & (parent == np.arange(size)))
        queue = queue[np.argsort(key[queue], kind="mergesort")]
        queue = queue[np.argsort(grown[queue], kind="mergesort")]
        for region in queue:
            r = int(region)
            if parent[r] != r or grown[r] >= min_area:
                continue
            near, touch = _touched(marks, root, steps, parent, members, start, following, r)
            best, best_score, best_far = -1, 0.0, 0.0
            for j in range(near.shape[0]):
                score = float(touch[j])
                if is_background[near[j]]:
                    score *= background_weight
                elif grown[near[j]] < min_area:
                    score *= small_region_weight
                far = 0.0
                for c in range(3):
                    far += abs(mean[near[j], c] - mean[r, c])
                if score > best_score or (score == best_score and far < best_far):
                    best, best_score, best_far = near[j], score, far
            if best < 0:
                continue
            grown[best] += grown[r]
            parent[r] = best
            if start[best + 1] > start[best]:
                following[last[best]] = r
                last[best] = last[r]
            changed = True
    for r in range(size):
        parent[r] = find_root(parent, r)
    return parent


@njit(cache=True, nogil=True)
def _touched(
    marks: Any, root: Any, steps: Any, parent: Any, members: Any, start: Any, following: Any, r: int
) -> Any:
    """Regions around a chain of small regions, and how often the pixels of the chain touch each."""
    most, link = 0, r
    while link >= 0:
        most += 8 * (start[link + 1] - start[link])
        link = following[link]
    near = np.empty(most, dtype=np.int32)
    touch = np.zeros(most, dtype=np.int64)
    n, link = 0, r
    while link >= 0:
        for i in range(start[link], start[link + 1]):
            for s in range(8):
                q = root[marks[members[i] + steps[s]]]
                if q <= 0:
                    continue
                q = find_root(parent, q)
                if q == r:
                    continue
                j = 0
                while j < n and near[j] != q:
                    j += 1
                if j == n:
                    near[n] = q
                    n += 1
                touch[j] += 1
        link = following[link]
    return near[:n], touch[:n]
