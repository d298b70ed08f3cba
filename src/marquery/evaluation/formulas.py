"""The formulas behind the metrics, from the ranks of each query's relevant items.

The functions take ragged rows: ``ranks`` of all queries one after the other and ``offsets`` that
say where each query's begin, ranks ascending from 1 (best) within a query, every query with at
least one. The ``expected_`` functions take the counts of a
:class:`~marquery.evaluation.ranks.Ranking` instead and give the mean over all orders of tied items
(McSherry & Najork, ECIR 2008), without drawing any.
"""

from itertools import pairwise

import numpy as np

from marquery.arrays import AnyArray, Float64Array, Int64Array
from marquery.evaluation.ranks import Ranking

Ranks = Float64Array | Int64Array


def normalised_average_rank(
    ranks: Ranks, offsets: Int64Array, ranked: Int64Array, *, upstream: bool = False
) -> Float64Array:
    """NAR = (ΣR − n(n+1)/2) / (N·n); 0 is perfect, about 0.5 is chance.

    Args:
        ranks: (P,) ranks of the relevant items.
        offsets: (Q + 1,) where each query's ranks begin.
        ranked: (Q,) number of ranked items N.
        upstream: subtract (n² + 1)/2 as the public code of the ICPR 2022 paper does.

    Returns:
        (Q,) float64.
    """
    n = np.diff(offsets)
    ideal = (n * n + 1) / 2 if upstream else n * (n + 1) / 2
    return np.asarray((sums(ranks, offsets) - ideal) / (ranked * n), np.float64)


def mean_rank(ranks: Ranks, offsets: Int64Array) -> Float64Array:
    """(Q,) mean rank of the relevant items, from 1."""
    return sums(ranks, offsets) / np.diff(offsets)


def average_precision(ranks: Ranks, offsets: Int64Array) -> Float64Array:
    """(Q,) AP = mean over k of k / R_k, R_k the rank of the k-th relevant item."""
    return sums(positions(offsets) / ranks, offsets) / np.diff(offsets)


def average_precision_at(
    ranks: Ranks, offsets: Int64Array, k: int, *, metu: bool = False
) -> Float64Array:
    """(Q,) AP@K: the terms of AP with rank ≤ K, divided by min(n, K).

    With ``metu``, as in that dataset's own evaluation, ranks < K count and the divisor is n.

    Args:
        ranks: ranks of the relevant items of all queries, ascending for each query.
        offsets: int64 (Q + 1,), where each query's ranks begin.
        k: ranks that count.
        metu: use the rule of the METU data set's evaluation.

    Returns:
        (Q,) float64, 0 to 1.
    """
    n = np.diff(offsets)
    counts = ranks < k if metu else ranks <= k
    return sums(positions(offsets) / ranks * counts, offsets) / (n if metu else np.minimum(n, k))


def recall_at(ranks: Ranks, offsets: Int64Array, k: int) -> Float64Array:
    """(Q,) 1 where a relevant item is among the first K, else 0.

    Args:
        ranks: ranks of the relevant items of all queries, ascending for each query.
        offsets: int64 (Q + 1,), where each query's ranks begin.
        k: ranks that count.

    Returns:
        (Q,) float64, 0 or 1.
    """
    return np.asarray(ranks[offsets[:-1]] <= k, np.float64)


def r_precision(ranks: Ranks, offsets: Int64Array) -> Float64Array:
    """(Q,) share of relevant items among the first n, n the number of relevant items."""
    n = np.diff(offsets)
    return sums(ranks <= np.repeat(n, n), offsets) / n


def interpolated_precision(ranks: Ranks, offsets: Int64Array, levels: Float64Array) -> Float64Array:
    """(Q, L) precision at each level of recall: the best precision at that recall or a higher one.

    The interpolation of TREC and PASCAL VOC: with 0, 0.1 … 1 the 11-point curve.

    Args:
        ranks: (P,), ascending in each query.
        offsets: (Q + 1,).
        levels: (L,) recalls, 0 to 1.

    Returns:
        (Q, L) float64, 0 to 1.
    """
    n = np.diff(offsets)
    best = positions(offsets) / ranks
    for begin, end in pairwise(offsets):
        best[begin:end] = np.maximum.accumulate(best[begin:end][::-1])[::-1]
    # k of n found is recall k/n; the margin takes rounding of level * n away.
    needed = np.maximum(np.ceil(np.outer(n, levels) - 1e-9).astype(np.int64), 1)
    return np.asarray(best[offsets[:-1, None] + needed - 1], np.float64)


def expected_average_precision(ranking: Ranking, k: int | None = None) -> Float64Array:
    """(Q,) AP, or with ``k`` AP@K divided by min(n, K), expected over the orders of tied items.

    A relevant item with b items before it, t tied (itself included), of which b⁺ and t⁺ are
    relevant, is at rank b + p with probability 1/t for p = 1 … t, and the precision expected there
    is (b⁺ + 1 + (p − 1)(t⁺ − 1)/(t − 1)) / (b + p). The sum over p ≤ min(t, K − b) has the closed
    form below, with H the harmonic numbers.
    """
    b, t = ranking.better, ranking.tied
    last = t if k is None else np.clip(k - b, 0, t)
    slope = (ranking.tied_relevant - 1) / np.maximum(t - 1, 1)
    harmonic = _harmonic_numbers(int((b + last).max(initial=0)))
    start = ranking.better_relevant + 1 - slope * (b + 1)
    terms = (slope * last + start * (harmonic[b + last] - harmonic[b])) / t
    # Without ties the form above is 1 / R up to rounding of harmonic numbers: give it exactly.
    single = (t == 1) & (last == 1)
    terms[single] = (ranking.better_relevant[single] + 1) / (b[single] + 1)
    n = ranking.relevant
    return sums(terms, ranking.offsets) / (n if k is None else np.minimum(n, k))


def expected_recall_at(ranking: Ranking, k: int) -> Float64Array:
    """(Q,) probability, over the orders of ties, that a relevant item is among the first K."""
    head = ranking.offsets[:-1]
    b, t, r = ranking.better[head], ranking.tied[head], ranking.tied_relevant[head]
    places = np.clip(k - b, 0, t)
    miss = np.ones(len(head))
    for x in range(int(places.max(initial=0))):
        left = np.clip(t - r - x, 0, None) / np.maximum(t - x, 1)
        miss = np.where(x < places, miss * left, miss)
    return 1 - miss


def expected_r_precision(ranking: Ranking) -> Float64Array:
    """(Q,) share of relevant items among the first n, expected over the orders of tied items."""
    n = ranking.relevant
    inside = np.clip(np.repeat(n, n) - ranking.better, 0, ranking.tied) / ranking.tied
    return sums(inside, ranking.offsets) / n


def expected_first_rank(ranking: Ranking) -> Float64Array:
    """(Q,) rank of the first relevant item, expected over the orders of tied items."""
    head = ranking.offsets[:-1]
    return np.asarray(
        ranking.better[head] + (ranking.tied[head] + 1) / (ranking.tied_relevant[head] + 1)
    )


def expected_ranks(ranking: Ranking) -> Float64Array:
    """(P,) rank of the k-th relevant item of each query, expected over the orders of ties.

    Ascending. Unlike the rank of an item, which is the same for all items of a tie: of t tied
    items, t⁺ of them relevant, the j-th relevant one comes at place j(t + 1)/(t⁺ + 1).
    """
    place = np.maximum(positions(ranking.offsets) - ranking.better_relevant, 1)
    gap = (ranking.tied + 1) / (ranking.tied_relevant + 1)
    return np.asarray(ranking.better + place * gap, np.float64)


def positions(offsets: Int64Array) -> Int64Array:
    """(P,) 1, 2, … n within each query."""
    n = np.diff(offsets)
    return np.arange(1, int(offsets[-1]) + 1) - np.repeat(offsets[:-1], n)


def sums(values: AnyArray, offsets: Int64Array) -> Float64Array:
    """(Q,) sums within each query; no query is empty."""
    if len(offsets) == 1:
        return np.zeros(0)
    return np.add.reduceat(values.astype(np.float64), offsets[:-1])


def _harmonic_numbers(last: int) -> Float64Array:
    """H_0 … H_last."""
    return np.concatenate([[0.0], np.cumsum(1.0 / np.arange(1, last + 1))])
