"""Dot products of a query's vectors with those of many logos.

BLAS shares out even a product that takes half a millisecond, and its threads then wait for the next
one by spinning, which takes ten times the processor time of the product. Here only products that
take several milliseconds are shared out, to threads that end with them. A pair's product is the
same to the last bit whatever other logos stand beside it.
"""

from functools import partial

import numpy as np
from numba import njit

from marquery.arrays import AnyArray, Float32Array
from marquery.cores import side_by_side, usable_cores

# Sums of a row may be taken in any order, so that the processor adds several numbers at once.
_ANY_ORDER = {"reassoc", "contract", "nsz"}
# Vectors of float16 are widened so many at a time; bounds memory.
_ROWS = 16384
# Values that are read by one thread; it takes 5 ms or more.
_SHARED_OUT = 2**24


def dot_products(vectors: AnyArray, queries: Float32Array) -> Float32Array:
    """(Q, N) products of each query with each vector.

    Args:
        vectors: (N, D), float32 or float16.
        queries: (Q, D).
    """
    out = np.empty((len(queries), len(vectors)), np.float32)
    asked = np.ascontiguousarray(queries, np.float32)
    threads = min(usable_cores(), max(1, vectors.size // _SHARED_OUT))
    rows = -(-len(vectors) // threads)
    pieces = [slice(first, first + rows) for first in range(0, len(vectors), max(rows, 1))]
    side_by_side([partial(_multiply_some, vectors[p], asked, out[:, p]) for p in pieces])
    return out


def _multiply_some(vectors: AnyArray, queries: Float32Array, out: Float32Array) -> None:
    for start in range(0, len(vectors), _ROWS):
        some = slice(start, start + _ROWS)
        _multiply(np.ascontiguousarray(vectors[some], np.float32), queries, out[:, some])


@njit(cache=True, nogil=True, fastmath=_ANY_ORDER)
def _multiply(vectors: Float32Array, queries: Float32Array, out: Float32Array) -> None:
    """Four queries at a time, so that each vector is read once for them."""
    dim = vectors.shape[1]
    fours = len(queries) - len(queries) % 4
    for row in range(len(vectors)):
        vector = vectors[row]
        for first in range(0, fours, 4):
            a = b = c = d = np.float32(0)
            for k in range(dim):
                value = vector[k]
                a += value * queries[first, k]
                b += value * queries[first + 1, k]
                c += value * queries[first + 2, k]
                d += value * queries[first + 3, k]
            out[first, row], out[first + 1, row] = a, b
            out[first + 2, row], out[first + 3, row] = c, d
        for rest in range(fours, len(queries)):
            a = np.float32(0)
            for k in range(dim):
                a += vector[k] * queries[rest, k]
            out[rest, row] = a
