"""One version of an index, ranked and read but never changed."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from marquery.arrays import BoolArray, Int64Array
from marquery.index.candidates import CandidateSearch
from marquery.index.match import Match, Matches
from marquery.index.metadata.conditions import Compare, Condition, IsMissing, Not, OneOf
from marquery.index.metadata.types import INTEGER_RANGE, ColumnType
from marquery.index.ranking import Ranked, best_first, places_of
from marquery.index.storage.register_words import WithRegisterWords
from marquery.index.storage.rows import metadata_types
from marquery.index.storage.table import ROW_KEY, Table
from marquery.index.strategies.base import Strategy
from marquery.index.strategies.block import Block, block_of, blocks_of, by_id
from marquery.index.strategies.known_words import REGISTER_WORDS
from marquery.index.strategies.query import MixedQuery, Scored
from marquery.index.strategies.word_overlap import WordCounts
from marquery.index.strategies.words import WORDS
from marquery.lru import LruCache

# Down to this place an approximate ranking is given; what is further down is ranked exactly.
_LAST_PLACE = 200
# Logos that a filter leaves up to which all of them are compared: an approximate index looks into
# some clusters, and few of so few lie there.
_FEW = 20_000
# Of the last filters: counts, and ids of the logos that are left.
_FILTERS_KEPT, _IDS_BYTES = 64, 32 * 2**20
# Logos that are scored at once where the table is too large for memory.
_ROWS = 8192


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
        self._told = Matches(self._logos, self.types, self.has_words, self.count)
        self._candidates = CandidateSearch(table, self._logos, self.has_words, self.ids)
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
        return self._candidates.word_counts

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
            ranked = self._rank_rows(query, self._candidates.find(query, where, last), last)
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
        return self._told.of(query, ranked, places[order].tolist(), rows[order])

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
        by_words = any(s.candidates_by_words for s in several)
        return any(s.compares_all for s in several) or not (by_words or sources & self.approximate)

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

    def _flat(self, query: MixedQuery, where: Condition | None, last: int) -> Ranked:
        ranked, allowed = self._scored(query, where)
        return replace(ranked, order=best_first(ranked.scored.total, last, allowed))

    def _scored(
        self, query: MixedQuery, where: Condition | None
    ) -> tuple[Ranked, BoolArray | None]:
        """All logos in memory with their scores, in no order, and which of them are ranked."""
        block = self.block
        allowed = None if where is None else np.isin(block.ids, self.ids(where))
        scored = query.score(block)
        findable = query.findable(scored.total)
        if findable is not None:
            allowed = findable if allowed is None else allowed & findable
        return Ranked(block, np.empty(0, np.int64), scored), allowed

    def leaves_few(self, where: Condition | None) -> bool:
        """Whether a filter leaves so few logos that all of them are compared."""
        if where is None:
            return False
        count = self._counts.get_or_make(repr(where), lambda: self.table.count(where))
        return count <= _FEW

    def _scan(self, query: MixedQuery, where: Condition | None, last: int) -> Ranked:
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

    def _rank_rows(self, query: MixedQuery, keys: list[int], last: int) -> Ranked:
        names = ("id", *self._compared(query), ROW_KEY)
        block = block_of(self._logos.take(keys, names), ROW_KEY)
        if not len(block):
            nothing = np.empty(0, np.int64)
            return Ranked(block, nothing, Scored(np.empty(0, np.float32), {}, nothing))
        scored = query.score(block)
        return Ranked(block, best_first(scored.total, last, None), scored)

    def _compared(self, query: MixedQuery) -> tuple[str, ...]:
        return query.columns(self.columns | {REGISTER_WORDS})

    def _matches(self, query: MixedQuery, ranked: Ranked, offset: int) -> list[Match]:
        order = ranked.order[offset:]
        return self._told.of(query, ranked, range(offset + 1, offset + 1 + len(order)), order)
