"""Step 5 of segmenting: regions too small to be parts go to a neighbour."""

from typing import Any

import numpy as np
from numba import njit

from marquery.segments.union import find_root

# The share of a speck's outline that must lie on a part for it to be taken into that part.
_SPECK_CONTACT = 0.2


@njit(cache=True, nogil=True)
def absorb_specks(
    marks: Any, starts: Any, root: Any, steps: Any, area: Any, is_ground: Any, min_area: int
) -> Any:
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
    for k in range(starts.shape[0] - 1):
        r = root[marks[starts[k]]]
        if start[r + 1] > start[r]:
            for p in range(starts[k], starts[k + 1]):
                members[fill[r]] = p
                fill[r] += 1
    grown = area.copy()
    for r in range(size):
        if start[r + 1] == start[r] or grown[find_root(parent, r)] >= min_area:
            continue
        near = np.empty(8 * (start[r + 1] - start[r]), dtype=np.int32)
        touch = np.zeros(near.shape[0], dtype=np.int64)
        n = 0
        outline = 0
        for i in range(start[r], start[r + 1]):
            for s in range(8):
                q = root[marks[members[i] + steps[s]]]
                if q <= 0:
                    continue
                q = find_root(parent, q)
                if q == find_root(parent, r):
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
        a = find_root(parent, r)
        grown[best] += grown[a]
        parent[a] = best
    for r in range(size):
        parent[r] = find_root(parent, r)
    return parent
