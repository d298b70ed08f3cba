"""Union-find on an array of parents, for compiled loops."""

from typing import Any

from numba import njit


@njit(cache=True, nogil=True)
def find_root(parent: Any, i: int) -> int:
    """The root of item ``i``; halves the path to it, so that later calls are short."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i
