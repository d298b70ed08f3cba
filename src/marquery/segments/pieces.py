"""Regions that fell apart: each piece becomes a region of its own.

A core hangs together by its blocks, but a pixel at the rim of a block can show another paint more
than the core's; then that neck belongs to the other region, and the core's pixels are in two
pieces. A pixel off a thin stroke may be given a paint that none of its neighbours shows.
"""

from typing import Any

import numpy as np
from numba import njit

from marquery.segments.union import find_root


@njit(cache=True, nogil=True)
def split_pieces(marks: Any, starts: Any, root: Any, stride: int) -> Any:
    """Give every piece of a region but the largest a number of its own.

    Args:
        marks: int32 map of region numbers; changed in place.
        starts: int32, where runs of one number start, from :func:`find_runs`.
        root: int32 (R,), the region each region number belongs to.
        stride: length of a row of the map.

    Returns:
        int32 (R + new pieces,): ``root``, with the new pieces behind.
    """
    runs = starts.shape[0] - 1
    parent = np.arange(runs, dtype=np.int32)
    above = 0  # the first run that ends late enough to touch the one below
    for k in range(runs):
        first, end = starts[k], starts[k + 1]
        if marks[first] == 0:
            continue
        r = root[marks[first]]
        if k > 0 and marks[first - 1] != 0 and root[marks[first - 1]] == r:
            _join(parent, k - 1, k)
        while starts[above + 1] + stride < first:
            above += 1
        other = above
        while other < k and starts[other] + stride <= end:
            mark = marks[starts[other]]
            if mark != 0 and root[mark] == r:
                _join(parent, other, k)
            other += 1
    area = np.zeros(runs, dtype=np.int64)
    for k in range(runs):
        area[find_root(parent, k)] += starts[k + 1] - starts[k]
    main = np.full(root.shape[0], -1, dtype=np.int32)
    pieces = 0
    for k in range(runs):
        if parent[k] != k or marks[starts[k]] == 0:
            continue
        r = root[marks[starts[k]]]
        if main[r] < 0:
            main[r] = k
        else:
            pieces += 1
            if area[k] > area[main[r]]:
                main[r] = k
    if pieces == 0:
        return root
    grown = np.empty(root.shape[0] + pieces, dtype=np.int32)
    grown[: root.shape[0]] = root
    number = np.zeros(runs, dtype=np.int32)
    count = root.shape[0]
    for k in range(runs):
        if marks[starts[k]] == 0:
            continue
        head = find_root(parent, k)
        r = root[marks[starts[k]]]
        if head == main[r]:
            continue
        if number[head] == 0:
            number[head] = count
            grown[count] = count
            count += 1
        marks[starts[k] : starts[k + 1]] = number[head]
    return grown


@njit(cache=True, nogil=True)
def _join(parent: Any, i: int, j: int) -> None:
    a, b = find_root(parent, i), find_root(parent, j)
    if a < b:
        parent[b] = a
    elif b < a:
        parent[a] = b


@njit(cache=True, nogil=True)
def settle_soft_pixels(marks: Any, whole: Any, rest: Any, top: Any, under: Any, share: Any) -> None:
    """Let the first paint of each soft pixel be one of the piece that the pixel itself ended in.

    Args:
        marks: int32 map of region numbers.
        whole: int32 (R,), the region each number belongs to.
        rest, top, under, share: the soft pixels, from :func:`unmix_soft_edges`; the last three are
            changed in place.
    """
    for k in range(rest.shape[0]):
        own = whole[marks[rest[k]]]
        if whole[marks[top[k]]] == own:
            continue
        if under[k] >= 0 and whole[marks[under[k]]] == own:
            top[k], under[k] = under[k], top[k]
            share[k] = max(np.float32(1) - share[k], np.float32(0.5))
        else:  # both paints are elsewhere: the pixel stands for itself
            top[k], under[k] = rest[k], -1
