"""One version of an index, ranked and read but never changed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import pyarrow as pa

from marquery.arrays import BoolArray, Float32Array, Int64Array
from marquery.boxes import Box
from marquery.cores import side_by_side
from marquery.errors import UsageError
from marquery.index.metadata.conditions import Compare, Condition, IsMissing, Not, OneOf, Or
from marquery.index.metadata.filters import PREFIX
from marquery.index.metadata.types import INTEGER_RANGE, ColumnType, Value, shown_value
from marquery.index.storage.register_words import WithRegisterWords
from marquery.index.storage.rows import metadata_types
from marquery.index.storage.table import ROW_KEY, Table
from marquery.index.strategies.base import Strategy
from marquery.index.strategies.block import Block, block_of, blocks_of, by_id
from marquery.index.strategies.known_words import REGISTER_WORDS
from marquery.index.strategies.query import MixedQuery, Scored
from marquery.index.strategies.word_overlap import WordCounts
from marquery.index.strategies.words import WORDS
from marquery.index.strategies.written import WrittenWords
from marquery.lru import LruCache

#: Candidates that an approximate index gives for each query vector; they are ranked by their full
#: vectors.
CANDIDATES = 500
# Candidates for each place of the ranking, at least, where those of several vectors are taken
# together.
_DEPTH = 3
# Likewise candidates of each vector that a filter leaves.
_LEFT = 1.6
# Down to this place an approximate ranking is given; what is further down is ranked exactly.
_LAST_PLACE = 200
# Clusters of the approximate index that are looked into.
_PROBES = 64
# Logos that a filter leaves up to which all of them are compared: an approximate index looks into
# some clusters, and few of so few lie there.
_FEW = 20_000
# Of the last filters: counts, and ids of the logos that are left.
_FILTERS_KEPT, _IDS_BYTES = 64, 32 * 2**20
# Logos that are scored at once where the table is too large for memory.
_ROWS = 8192


@dataclass(frozen=True)
class Match:
    """One found logo."""

    rank: int
    """From 1."""
    score: float
    """Weighted mean of ``scores``, -1 to 1."""
    path: str
    """As text, see :mod:`marquery.names`."""
    id: int
    scores: dict[str, float]
    """Of each strategy, -1 to 1."""
    probability: float | None = None
    """That both are of one mark, 0 to 1, by all evidence (``auto``) or the cosine of the wholes
    (``overall``); None where neither was compared or the encoder is not calibrated. See
    :class:`marquery.calibration.evidence.EvidenceModel` and
    :class:`marquery.calibration.Calibration` for what it assumes."""
    by_chance: float | None = None
    """How many logos of other marks are expected to have this probability or a higher one in an
    index of this size; None where it is not known."""
    part: Box | None = None
    """Rectangle x, y, width, height of the part that was found, in pixels; None for the whole
    logo.
    """
    kind: str | None = None
    """``words``, ``figure`` or ``shape`` of that part."""
    words: str | None = None
    """What was read in the logo; None where nothing was looked for."""
    register_words: str | None = None
    """What the column of the index that holds words says of it; None where there is none."""
    words_by: str = ""
    """Which of the two is like the query's words: ``"read"`` or ``"register"``; empty where none
    is, or words were not compared."""
    reasons: dict[str, float] = field(default_factory=dict)
    """By evidence its share of what speaks for this logo, adding up to 1; empty where one kind of
    evidence was compared."""
    turned: str = ""
    """How the query was turned where it is most like this logo; empty: as it was given."""
    metadata: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class _Ranked:
    """Logos of one block, best first."""

    block: Block
    order: Int64Array
    scored: Scored


class Snapshot:
    """One version of an index's table.

    Args:
        table: at that version.
        flat_limit: rows up to which every search compares with all logos, kept in memory.
        words_from: metadata column whose words are searched together with those that were read.
    """

    def __init__(self, table: Table, flat_limit: int, words_from: str | None = None) -> None:
        self.table = table
        self._logos = WithRegisterWords(table, words_from)
        self.version = table.version
        self.count = table.count()
        self.columns = frozenset(table.schema.names)
        self.types: dict[str, ColumnType] = metadata_types(table.schema)
        self.is_flat = self.count <= flat_limit
        # The next page of a search, and the next search of the same examiner, have the same filter.
        self._counts = LruCache[str, int](_FILTERS_KEPT)
        self._ids = LruCache[str, Int64Array](_FILTERS_KEPT, _IDS_BYTES, lambda ids: ids.nbytes)
        self.approximate = frozenset() if self.is_flat else table.statistics().indexed

    @property
    def has_words(self) -> bool:
        """Whether there is a column for words, which old versions did not write."""
        return WORDS.name in self.columns

    @cached_property
    def knows_words(self) -> bool:
        """Whether words were looked for in any logo, or a column holds some."""
        of_register = self._logos.column
        if of_register is not None and self.table.count(Not(IsMissing(of_register))) > 0:
            return True
        return self.has_words and self.table.count(Not(IsMissing(WORDS.name))) > 0

    @cached_property
    def word_counts(self) -> WordCounts:
        """In how many logos each word stands."""
        if not self.has_words and self._logos.column is None:
            return WordCounts(())
        if self.is_flat:
            return WordCounts(self.block.column(WORDS).texts)
        return self._written.counts

    @cached_property
    def block(self) -> Block:
        """All logos; columns stay in memory once a search has needed them. For tables that are
        searched flat.
        """
        stored = by_id(self.table.read(("id", ROW_KEY)))

        def read(names: Sequence[str]) -> pa.Table:
            return by_id(self._logos.read(("id", *names)))

        ids = stored["id"].to_numpy().astype(np.int64, copy=False)
        return Block(ids, stored[ROW_KEY].to_numpy(), read)

    def lacks(self, strategies: Iterable[Strategy[Any]]) -> list[str]:
        """Columns that strategies need and this version has not, such as those of a strategy that
        came later.
        """
        needed = {c.name for s in strategies for c in s.columns}
        return sorted(needed - self.columns)

    def offers(self, strategy: Strategy[Any]) -> bool:
        """Whether a search by a strategy can find anything: its columns are there, and words were
        read.
        """
        if self.lacks([strategy]):
            return False
        return WORDS not in strategy.columns or self.knows_words

    def search(
        self, query: MixedQuery, k: int, offset: int, where: Condition | None, exact: bool
    ) -> list[Match]:
        """The logos from place ``offset + 1`` to ``offset + k`` of the ranking.

        Args:
            query: what to look for.
            k: how many.
            offset: places to leave out.
            where: only logos that fulfil it.
            exact: compare with every logo, whatever the size of the index.
        """
        last = offset + k
        if self.is_flat:
            ranked = self._flat(query, where, last)
        elif self.compares_all(query.strategies, last, exact) or self.leaves_few(where):
            ranked = self._scan(query, where, last)
        else:
            ranked = self._approximate(query, where, last)
        return self._matches(query, ranked, offset)

    def places(self, query: MixedQuery, ids: Sequence[int], where: Condition | None) -> list[Match]:
        """Where some logos stand in the whole ranking, compared with every logo, best first.

        Args:
            query: what to look for.
            ids: of the logos; those that are not ranked are left out.
            where: only logos that fulfil it are ranked.
        """
        wanted = np.asarray([i for i in ids if INTEGER_RANGE[0] <= i <= INTEGER_RANGE[1]], np.int64)
        if self.is_flat:
            ranked, allowed = self._scored(query, where)
            rows = np.flatnonzero(np.isin(ranked.block.ids, wanted))
            rows = rows if allowed is None else rows[allowed[rows]]
            places = places_of(rows, ranked.scored.total, allowed)
        else:
            columns = ("id", *self._compared(query), ROW_KEY)
            several = []
            for block in blocks_of(self._logos.scan(columns, where, _ROWS), ROW_KEY):
                total = query.score(block).total
                findable = query.findable(total)
                kept = slice(None) if findable is None else findable
                several.append((block.ids[kept], block.keys[kept], total[kept]))
            if not several:
                return []
            all_ids, keys, totals = (
                np.concatenate(column) for column in zip(*several, strict=True)
            )
            by_id = np.argsort(all_ids, kind="stable")
            all_ids, keys, totals = all_ids[by_id], keys[by_id], totals[by_id]
            found = np.flatnonzero(np.isin(all_ids, wanted))
            place_of = dict(zip(all_ids[found], places_of(found, totals, None), strict=True))
            ranked = self._rank_rows(query, keys[found].tolist(), len(found))
            rows = ranked.order
            places = np.array([place_of[i] for i in ranked.block.ids[rows]], np.int64)
        order = np.argsort(places, kind="stable")
        return self._described(query, ranked, places[order].tolist(), rows[order])

    def compares_all(
        self, strategies: Iterable[Strategy[Any]], last: int, exact: bool = False
    ) -> bool:
        """Whether a search down to place ``last`` compares with every logo, and not with candidates
        only.

        Args:
            strategies: what is compared.
            last: place of the last hit that is asked for, from 1.
            exact: ask for a full comparison.
        """
        if self.is_flat or exact or last > _LAST_PLACE:
            return True
        several = list(strategies)
        sources = {column.name for s in several for column in s.candidates_from}
        return any(s.compares_all for s in several) or not sources & self.approximate

    def register_words(self, logo: int) -> str | None:
        """What the column that holds words says of a logo, None where there is none."""
        if self._logos.column is None:
            return None
        found = self._logos.read(("id", REGISTER_WORDS), Compare("id", "=", logo))
        return None if not len(found) else found[REGISTER_WORDS][0].as_py()

    def rows(self, ids: Sequence[int], columns: tuple[str, ...]) -> pa.Table:
        """Columns of some logos and their ids, in no order; columns that this version has not are
        left out.
        """
        names = [name for name in columns if name in self.columns]
        possible = [int(i) for i in ids if INTEGER_RANGE[0] <= i <= INTEGER_RANGE[1]]
        return self.table.read(sorted({"id", *names}), OneOf("id", possible))

    def ids(self, where: Condition) -> Int64Array:
        """(N,) ids of the logos that fulfil a condition, in no order."""

        def read() -> Int64Array:
            found: Int64Array = self.table.read(("id",), where)["id"].to_numpy()
            return found

        return self._ids.get_or_make(repr(where), read)

    def _flat(self, query: MixedQuery, where: Condition | None, last: int) -> _Ranked:
        ranked, allowed = self._scored(query, where)
        return replace(ranked, order=best_first(ranked.scored.total, last, allowed))

    def _scored(
        self, query: MixedQuery, where: Condition | None
    ) -> tuple[_Ranked, BoolArray | None]:
        """All logos in memory with their scores, in no order, and which of them are ranked."""
        block = self.block
        allowed = None if where is None else np.isin(block.ids, self.ids(where))
        scored = query.score(block)
        findable = query.findable(scored.total)
        if findable is not None:
            allowed = findable if allowed is None else allowed & findable
        return _Ranked(block, np.empty(0, np.int64), scored), allowed

    def leaves_few(self, where: Condition | None) -> bool:
        """Whether a filter leaves so few logos that all of them are compared."""
        if where is None:
            return False
        count = self._counts.get_or_make(repr(where), lambda: self.table.count(where))
        return count <= _FEW

    def _scan(self, query: MixedQuery, where: Condition | None, last: int) -> _Ranked:
        """Exact, over a table too large for memory: the best of each piece, then of these."""
        kept = []
        batches = self._logos.scan(("id", *self._compared(query), ROW_KEY), where, _ROWS)
        for block in blocks_of(batches, ROW_KEY):
            total = query.score(block).total
            best = best_first(total, last, query.findable(total))
            kept.append((block.ids[best], block.keys[best], total[best]))
        if not kept:
            return self._rank_rows(query, [], last)
        ids, keys, total = (np.concatenate(column) for column in zip(*kept, strict=True))
        order = np.lexsort((ids, -np.round(total, 6)))[:last]
        return self._rank_rows(query, keys[order].tolist(), last)

    def _approximate(self, query: MixedQuery, where: Condition | None, last: int) -> _Ranked:
        """Candidates of the approximate indices, ranked by their full vectors."""
        searches: list[Callable[[], Iterable[int]]] = []
        is_alone = len(query.strategies) == 1
        for strategy in query.strategies:
            together = strategy.candidates_together if is_alone else None
            most = CANDIDATES if together is None else max(together, _DEPTH * last)
            for view in query.views:
                prepared = view.prepared[strategy.name]
                for source in strategy.candidates_from:
                    vectors = strategy.candidate_vectors(prepared, source)
                    several = list(vectors[:, None]) if together is None else [vectors]
                    searches += [
                        partial(self._near, source.name, some, most, where, int(_LEFT * last))
                        for some in several
                    ]
                for text in strategy.candidate_words(prepared):
                    searches.append(partial(self._with_words, text, where))
        return self._rank_rows(query, sorted(set().union(*side_by_side(searches))), last)

    def _near(
        self, column: str, vectors: Float32Array, most: int, where: Condition | None, enough: int
    ) -> list[int]:
        found = self.table.nearest(
            column, vectors, most, where, probes=_PROBES, enough=min(most, enough)
        )
        return list(map(int, found))

    @cached_property
    def _written(self) -> WrittenWords:
        told = [WORDS.name] if self.has_words else []
        told += [] if self._logos.column is None else [self._logos.column]
        some = Or(tuple(Not(IsMissing(name)) for name in told))
        return WrittenWords(self._logos.read(("id", ROW_KEY, WORDS.name, REGISTER_WORDS), some))

    def _with_words(self, text: str, where: Condition | None) -> list[int]:
        """Keys of the logos whose words are most like a text."""
        allowed = None if where is None else self.ids(where)
        return self._written.nearest(text, self.word_counts, CANDIDATES, allowed)

    def _rank_rows(self, query: MixedQuery, keys: list[int], last: int) -> _Ranked:
        names = ("id", *self._compared(query), ROW_KEY)
        block = block_of(self._logos.take(keys, names), ROW_KEY)
        if not len(block):
            nothing = np.empty(0, np.int64)
            return _Ranked(block, nothing, Scored(np.empty(0, np.float32), {}, nothing))
        scored = query.score(block)
        return _Ranked(block, best_first(scored.total, last, None), scored)

    def _compared(self, query: MixedQuery) -> tuple[str, ...]:
        return query.columns(self.columns | {REGISTER_WORDS})

    def _matches(self, query: MixedQuery, ranked: _Ranked, offset: int) -> list[Match]:
        order = ranked.order[offset:]
        return self._described(query, ranked, range(offset + 1, offset + 1 + len(order)), order)

    def _described(
        self, query: MixedQuery, ranked: _Ranked, ranks: Sequence[int], order: Int64Array
    ) -> list[Match]:
        """The logos at some indices of a block, and their ranks."""
        if not len(order):
            return []
        names = ["id", "path", "part_kinds", "part_boxes", *(PREFIX + name for name in self.types)]
        names += [WORDS.name] if self.has_words else []
        taken = self._logos.take(ranked.block.keys[order].tolist(), [*names, REGISTER_WORDS])
        stored = {row["id"]: row for row in taken.to_pylist()}
        out = []
        scored = ranked.scored
        for rank, index in zip(ranks, order.tolist(), strict=True):
            row = stored[int(ranked.block.ids[index])]
            view = int(scored.view[index])
            part = query.found_part(ranked.block, index, view)
            probability = query.probability(ranked.block, index, view)
            boxes = row["part_boxes"]
            out.append(
                Match(
                    rank=rank,
                    score=round(float(scored.total[index]), 6),
                    path=row["path"],
                    id=row["id"],
                    scores={n: round(float(s[index]), 6) for n, s in scored.by_strategy.items()},
                    probability=_rounded(probability),
                    by_chance=_rounded(query.by_chance(probability, self.count)),
                    part=tuple(boxes[4 * part - 4 : 4 * part]) if part else None,
                    kind=row["part_kinds"][part - 1] if part else None,
                    words=row.get(WORDS.name),
                    register_words=row[REGISTER_WORDS],
                    words_by=query.words_by(ranked.block, index, view),
                    reasons={
                        name: round(share, 4)
                        for name, share in query.reasons(ranked.block, index, view).items()
                    },
                    turned=str(query.views[view].turn),
                    metadata={name: shown_value(row[PREFIX + name]) for name in self.types},
                )
            )
        return out


def _rounded(probability: float | None) -> float | None:
    return None if probability is None else round(probability, 4)


def check_range(k: int, offset: int) -> None:
    """Refuse a range of hits that is out of bounds.

    Raises:
        UsageError: ``k`` or ``offset`` is out of range.
    """
    if k < 1:
        raise UsageError("k", f"{k} is less than 1", "ask for at least one hit")
    if offset < 0:
        raise UsageError("offset", f"{offset} is less than 0", "give a whole number from 0")


def best_first(total: Float32Array, count: int, allowed: BoolArray | None) -> Int64Array:
    """Indices of the highest scores, best first, equal ones by index.

    Scores are equal to six places: copies of one logo differ in the last bits by where they lie in
    a product.

    Args:
        total: (N,) scores.
        count: how many indices at most.
        allowed: (N,) which may be given; None: all.
    """
    total = np.round(total, 6)
    candidates = np.arange(len(total)) if allowed is None else np.flatnonzero(allowed)
    values = total[candidates]
    if len(candidates) > count:
        least = np.partition(values, -count)[-count]
        near = values >= least
        candidates, values = candidates[near], values[near]
    order = np.lexsort((candidates, -values))[:count]
    best: Int64Array = candidates[order]
    return best


def places_of(rows: Int64Array, total: Float32Array, allowed: BoolArray | None) -> Int64Array:
    """Places from 1 of some indices in the order of :func:`best_first`.

    Args:
        rows: (M,) indices, all of them allowed.
        total: (N,) scores.
        allowed: (N,) which are ranked; None: all.
    """
    total = np.round(total, 6)
    ranked = np.arange(len(total)) if allowed is None else np.flatnonzero(allowed)
    order = ranked[np.lexsort((ranked, -total[ranked]))]
    place = np.zeros(len(total), np.int64)
    place[order] = np.arange(1, len(order) + 1)
    found: Int64Array = place[rows]
    return found
