"""Counting loops of the exact ranks, compiled by numba; threads call them on some queries each."""

import numpy as np
from numba import njit

from marquery.arrays import FloatArray, Int64Array

#: Above this many thresholds a query, sorting the row once beats comparing it with each (measured).
SORT_FROM = 40


@njit(cache=True, nogil=True)
def count_by_comparing(
    scores: FloatArray,
    first: int,
    offsets: Int64Array,
    low: FloatArray,
    high: FloatArray,
    at_least: Int64Array,
    above: Int64Array,
) -> None:
    """Add to each threshold how many scores of its query's row reach ``low`` and exceed ``high``.

    Args:
        scores: (q, W) scores of queries first … first + q.
        first: the query of the first row.
        offsets: (Q + 1,) the thresholds of query i are offsets[i] … offsets[i + 1].
        low, high: (P,) thresholds.
        at_least, above: (P,) counts, added to. Queries with many thresholds are passed over.
    """
    for row in range(scores.shape[0]):
        values = scores[row]
        begin, end = offsets[first + row], offsets[first + row + 1]
        if end - begin >= SORT_FROM:
            continue
        for k in range(begin, end):
            lo, hi = low[k], high[k]
            # 32-bit sums keep as many lanes as the scores have, so the loop vectorises fully.
            reached, exceeded = np.int32(0), np.int32(0)
            for j in range(values.shape[0]):
                reached += np.int32(values[j] >= lo)
                exceeded += np.int32(values[j] > hi)
            at_least[k] += reached
            above[k] += exceeded


@njit(cache=True, nogil=True)
def count_in_sorted(
    values: FloatArray,
    begin: int,
    end: int,
    low: FloatArray,
    high: FloatArray,
    at_least: Int64Array,
    above: Int64Array,
) -> None:
    """The same for one query and an ascending row, in one pass; thresholds begin … end descend.

    Args:
        values: (N,), one query's scores, ascending.
        begin, end: places of the query's thresholds in the arrays below.
        low, high: thresholds; scores from ``low`` on, and above ``high``, are counted.
        at_least, above: the counts, added to.
    """
    width = values.shape[0]
    reach = 0
    for k in range(end - 1, begin - 1, -1):
        reach = _first_reaching(values, reach, low[k])
        exceed = reach
        while exceed < width and values[exceed] <= high[k]:
            exceed += 1
        at_least[k] += width - reach
        above[k] += width - exceed


@njit(cache=True, nogil=True)
def _first_reaching(values: FloatArray, start: int, bound: float) -> int:
    """First place from ``start`` on where an ascending row reaches a bound, or its length."""
    width = values.shape[0]
    # Sixteen at a time in one vector comparison: with many thresholds a loop that ends at each is
    # mispredicted.
    while start + 16 <= width:
        part = values[start : start + 16]
        less = np.int32(0)
        for j in range(16):
            less += np.int32(part[j] < bound)
        start += int(less)
        if less < 16:
            return start
    while start < width and values[start] < bound:
        start += 1
    return start


@njit(cache=True, nogil=True)
def insert_best(
    scores: FloatArray, start: int, best_scores: FloatArray, best_items: Int64Array
) -> None:
    """Merge a block of scores into each query's k best, best first; equal scores by position.

    Args:
        scores: (q, W) scores of the items start … start + W.
        start: position of the first column.
        best_scores, best_items: (q, k), changed in place; empty places hold -inf and -1.
    """
    k = best_scores.shape[1]
    for row in range(scores.shape[0]):
        kept, items = best_scores[row], best_items[row]
        for j in range(scores.shape[1]):
            score = scores[row, j]
            if score > kept[k - 1]:
                place = k - 1
                while place > 0 and score > kept[place - 1]:
                    kept[place] = kept[place - 1]
                    items[place] = items[place - 1]
                    place -= 1
                kept[place] = score
                items[place] = start + j
