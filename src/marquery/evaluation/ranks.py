"""Exact ranks of relevant items, streamed: one pass over the gallery, only counts are kept.

For each (query, relevant item) pair the pass counts how many ranked items score higher and how many
tie. Nothing of size queries x gallery is ever held: a block of scores is computed, compared with
the relevant items' own scores and forgotten.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from marquery.arrays import FloatArray, Int64Array
from marquery.cores import usable_cores
from marquery.evaluation.embeddings import Pool
from marquery.evaluation.kernels import SORT_FROM, count_by_comparing, count_in_sorted

#: Scores this close count as tied: a little more than float32 rounding of a dot product.
TIE_TOLERANCE = 1e-6
#: Gallery rows a block, and queries a pass: the block of scores stays under 16 MiB in float32.
BLOCK = 2048
QUERIES = 2048


@dataclass(frozen=True)
class Ranking:
    """What is known of the ranks of each query's relevant items.

    The pairs of query i with its relevant items are those at offsets[i] … offsets[i + 1] - 1.
    Pairs of a query are sorted by score, best first, equal scores by position in the pool.

    Attributes:
        offsets: (Q + 1,) int64.
        items: (P,) int64 position of the relevant item in the pool.
        better: (P,) int64 ranked items that score higher by more than the tolerance.
        tied: (P,) int64 ranked items within the tolerance, the item itself included (>= 1).
        better_relevant, tied_relevant: (P,) int64 the relevant among those.
        before: (P,) int64 items before it in a sort by score, equal scores by position.
        first: (Q,) int64 position of the first item of that sort, -1 where nothing is ranked.
        ranked: (Q,) int64 ranked items N.
    """

    offsets: Int64Array
    items: Int64Array
    better: Int64Array
    tied: Int64Array
    better_relevant: Int64Array
    tied_relevant: Int64Array
    before: Int64Array
    first: Int64Array
    ranked: Int64Array

    @property
    def relevant(self) -> Int64Array:
        """(Q,) int64 relevant items n of each query."""
        return np.diff(self.offsets)

    @property
    def query(self) -> Int64Array:
        """(P,) int64 query of each pair."""
        return np.repeat(np.arange(len(self.offsets) - 1), self.relevant)


def rank_relevant(
    queries: Pool,
    rows: Int64Array,
    pool: Pool,
    relevant: Sequence[Int64Array],
    excluded: Sequence[Int64Array],
    *,
    as_sorted: bool = False,
    block: int = BLOCK,
) -> Ranking:
    """Rank every relevant item of every query among the pool by cosine similarity.

    Args:
        queries: all queries.
        rows: (Q,) sorted positions of the queries to rank for.
        pool: the M items to rank.
        relevant: for each of those the sorted positions of its relevant items in the pool.
        excluded: as ``relevant``, the sorted positions that are not ranked at all; none of them
            relevant.
        as_sorted: also find ``before`` and ``first`` (else zeros), which takes a little longer.
        block: pool rows a block; changes the memory, not the result.

    Returns:
        exact counts; beyond the inputs no more than some blocks and a few numbers a pair are held.
    """
    parts = []
    threads = _threads()
    with ThreadPoolExecutor(threads) as workers:
        for some in _slices(len(rows), QUERIES):
            chunk = _Chunk.prepare(queries.take(rows[some]), pool, relevant[some])
            chunk.stream(pool, excluded[some], as_sorted, block, workers, threads)
            parts.append(chunk)
    ranked = len(pool) - np.fromiter((len(e) for e in excluded), np.int64, count=len(excluded))
    lengths = np.fromiter((len(r) for r in relevant), np.int64, count=len(relevant))
    among = [chunk.relevant_counts() for chunk in parts]
    return Ranking(
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        items=_join([c.items for c in parts]),
        better=_join([c.above for c in parts]),
        tied=_join([c.at_least - c.above for c in parts]),
        better_relevant=_join([better for better, _ in among]),
        tied_relevant=_join([tied for _, tied in among]),
        before=_join([c.before for c in parts]),
        first=_join([c.first for c in parts]),
        ranked=ranked,
    )


@dataclass
class _Chunk:
    """Some queries with their pairs; counts grow while the pool streams by."""

    rows: FloatArray  # (q, D) unit rows
    offsets: Int64Array
    items: Int64Array
    scores: FloatArray  # (p,) score of each pair, descending per query
    above: Int64Array
    at_least: Int64Array
    before: Int64Array
    first: Int64Array

    @classmethod
    def prepare(cls, rows: FloatArray, pool: Pool, relevant: Sequence[Int64Array]) -> "_Chunk":
        lengths = np.fromiter((len(r) for r in relevant), np.int64, count=len(relevant))
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        items = _join(list(relevant))
        query = np.repeat(np.arange(len(rows)), lengths)
        scores = _pair_scores(rows, pool, items, query)
        order = np.lexsort((items, -scores, query))
        return cls(
            rows=rows,
            offsets=offsets,
            items=items[order],
            scores=scores[order],
            above=np.zeros(len(items), np.int64),
            at_least=np.zeros(len(items), np.int64),
            before=np.zeros(len(items), np.int64),
            first=np.full(len(rows), -1, np.int64),
        )

    def stream(
        self,
        pool: Pool,
        excluded: Sequence[Int64Array],
        as_sorted: bool,
        block: int,
        workers: ThreadPoolExecutor,
        threads: int,
    ) -> None:
        tolerance = self.scores.dtype.type(TIE_TOLERANCE)
        low, high = self.scores - tolerance, self.scores + tolerance
        query = np.repeat(np.arange(len(self.rows)), np.diff(self.offsets))
        own = _ByPosition(self.items, query, self.scores)
        out = _ByPosition(
            _join(list(excluded)),
            np.repeat(np.arange(len(self.rows)), [len(e) for e in excluded]),
            np.full(sum(len(e) for e in excluded), -np.inf, self.scores.dtype),
        )
        best = np.full(len(self.rows), -np.inf, self.scores.dtype)
        buffer = np.empty((len(self.rows), min(block, len(pool))), self.scores.dtype)
        for start, columns in pool.blocks(block):
            scores = buffer[:, : len(columns)]
            scores = np.matmul(
                self.rows, columns.T, out=scores if scores.flags.c_contiguous else None
            )
            # A pair's own score is put where the product has it, so that rounding cannot part them.
            own.write(scores, start)
            out.write(scores, start)
            self._count(scores, low, high, self.at_least, self.above, workers, threads)
            if as_sorted:
                self._sort_positions(scores, start, query, own, best, workers, threads)

    def _count(
        self,
        scores: FloatArray,
        low: FloatArray,
        high: FloatArray,
        at_least: Int64Array,
        above: Int64Array,
        workers: ThreadPoolExecutor,
        threads: int,
    ) -> None:
        def count(begin: int, end: int) -> None:
            part = scores[begin:end]
            count_by_comparing(part, begin, self.offsets, low, high, at_least, above)
            many = begin + np.flatnonzero(np.diff(self.offsets[begin : end + 1]) >= SORT_FROM)
            for i in many:
                row = np.sort(scores[i])
                pairs = int(self.offsets[i]), int(self.offsets[i + 1])
                count_in_sorted(row, *pairs, low, high, at_least, above)

        step = -(-len(scores) // threads)
        starts = range(0, len(scores), max(step, 1))
        list(workers.map(lambda a: count(a, min(a + step, len(scores))), starts))

    def _sort_positions(
        self,
        scores: FloatArray,
        start: int,
        query: Int64Array,
        own: "_ByPosition",
        best: FloatArray,
        workers: ThreadPoolExecutor,
        threads: int,
    ) -> None:
        at_least, above = np.zeros_like(self.above), np.zeros_like(self.above)
        self._count(scores, self.scores, self.scores, at_least, above, workers, threads)
        # Of equal scores those earlier in the pool come before: all of a block that ends before the
        # item, none of one that begins after it, part of the block that holds it.
        end = start + scores.shape[1]
        self.before += np.where(self.items >= end, at_least, above)
        for k in own.within(start, end):
            row = scores[query[k], : self.items[k] - start]
            self.before[k] += np.count_nonzero(row == self.scores[k])
        column = scores.argmax(axis=1)
        top = scores[np.arange(len(scores)), column]
        higher = top > best
        best[higher] = top[higher]
        self.first[higher] = start + column[higher]

    def relevant_counts(self) -> tuple[Int64Array, Int64Array]:
        """(p,) relevant items of the same query that score higher, and that tie."""
        tolerance = self.scores.dtype.type(TIE_TOLERANCE)
        above, at_least = np.zeros_like(self.above), np.zeros_like(self.above)
        low, high = self.scores - tolerance, self.scores + tolerance
        for begin, end in zip(self.offsets[:-1], self.offsets[1:], strict=True):
            ascending = self.scores[begin:end][::-1]
            count_in_sorted(ascending, begin, end, low, high, at_least, above)
        return above, at_least - above


class _ByPosition:
    """Values for single cells of the (queries, pool) score matrix, found by block."""

    def __init__(self, items: Int64Array, query: Int64Array, values: FloatArray) -> None:
        self.order = np.argsort(items, kind="stable")
        self.items, self.query = items[self.order], query[self.order]
        self.values = values[self.order]

    def within(self, start: int, end: int) -> Int64Array:
        """Which of the given cells lie in columns start … end."""
        a, b = np.searchsorted(self.items, (start, end))
        found: Int64Array = self.order[a:b]
        return found

    def write(self, scores: FloatArray, start: int) -> None:
        a, b = np.searchsorted(self.items, (start, start + scores.shape[1]))
        scores[self.query[a:b], self.items[a:b] - start] = self.values[a:b]


def _pair_scores(rows: FloatArray, pool: Pool, items: Int64Array, query: Int64Array) -> FloatArray:
    """(p,) dot products of single (query, item) pairs, each item read once and some at a time."""
    scores = np.empty(len(items), rows.dtype)
    order = np.argsort(items, kind="stable")
    for some in _slices(len(items), 2048):
        pairs = order[some]
        positions, inverse = np.unique(items[pairs], return_inverse=True)
        taken = pool.take(positions)
        scores[pairs] = np.einsum("ij,ij->i", rows[query[pairs]], taken[inverse])
    return scores


def _slices(length: int, size: int) -> Iterator[slice]:
    for start in range(0, length, size):
        yield slice(start, start + size)


def _join(arrays: Sequence[Int64Array]) -> Int64Array:
    return np.concatenate([np.zeros(0, np.int64), *arrays]).astype(np.int64, copy=False)


def _threads() -> int:
    """As many threads as the matrix product uses."""
    limit = os.environ.get("OMP_NUM_THREADS", "")
    available = usable_cores()
    return min(int(limit), available) if limit.isdigit() and int(limit) else available
