"""Ranking the logos of one version of an index."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from marquery.boxes import Box
from marquery.errors import UsageError
from marquery.index.metadata.columns import ColumnType, Value
from marquery.index.metadata.filters import PREFIX
from marquery.index.storage.schema import metadata_types
from marquery.index.storage.table import ann_columns
from marquery.index.strategies.block import (
    COLUMNS,
    Block,
    Float32Array,
    Int64Array,
    read_block,
    read_blocks,
)
from marquery.index.strategies.query import STRATEGIES, Query

__all__ = ["STRATEGIES", "Match", "Snapshot"]

#: Candidates that an approximate index gives for each query vector; they are ranked by their full vectors.
POOL = 500
# Down to this place an approximate ranking is given; what is further down is ranked exactly.
_LAST_PLACE = 200
# Clusters of the approximate index that are looked into.
_PROBES = 32
_ROWS = 8192


@dataclass(frozen=True)
class Match:
    """One found logo."""

    rank: int
    """From 1."""
    score: float
    """Weighted mean of ``scores``."""
    path: str
    id: int
    scores: dict[str, float]
    """Of each strategy: cosine, -1 to 1; of ``color`` and ``words`` 0 to 1."""
    probability: float | None = None
    """That both are of one mark, 0 to 1, by the cosine of the wholes; None where these were not compared or the
    encoder is not calibrated. See :class:`marquery.calibration.Calibration` for what it assumes."""
    part: Box | None = None
    """Rectangle x, y, width, height of the part that was found, in pixels; None for the whole logo."""
    kind: str | None = None
    """``words``, ``figure`` or ``shape`` of that part."""
    words: str | None = None
    """What was read in the logo; None where nothing was looked for."""
    metadata: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class _Ranked:
    """Logos of one block, best first."""

    block: Block
    order: Int64Array
    scores: dict[str, Float32Array]
    total: Float32Array


class Snapshot:
    """One version of an index's table, read but never changed."""

    def __init__(self, table: Any, flat_limit: int) -> None:
        self.table = table
        self.version = int(table.version)
        self.count = int(table.count_rows())
        self.types: dict[str, ColumnType] = metadata_types(table.schema)
        self.approximate = ann_columns(table) if self.count > flat_limit else set()
        self.is_flat = self.count <= flat_limit
        self.has_words = "words" in table.schema.names
        """Whether there is a column for words, which old versions did not write."""

    @cached_property
    def block(self) -> Block:
        """All logos, kept in memory; for indices that are searched flat."""
        columns = tuple(name for name in COLUMNS if self.has_words or name != "words")
        return read_block(self._select(None, columns).to_arrow(), columns)

    @cached_property
    def words_read(self) -> bool:
        """Whether words were looked for in any logo."""
        return self.has_words and self.table.count_rows("words IS NOT NULL") > 0

    def search(
        self, query: Query, k: int, offset: int, where: str | None, exact: bool
    ) -> list[Match]:
        """The logos from place ``offset + 1`` to ``offset + k`` of the ranking.

        Args:
            query: what to look for.
            k: how many.
            offset: places to leave out.
            where: condition of the database, or None.
            exact: compare with every logo, whatever the size of the index.
        """
        last = offset + k
        if self.is_flat:
            ranked = self._flat(query, where, last)
        elif self.compares_all(query, last, exact):
            ranked = self._scan(query, where, last)
        else:
            ranked = self._approximate(query, where, last)
        return self._matches(query, ranked, offset)

    def rows(self, ids: Sequence[int], columns: tuple[str, ...]) -> Any:
        """Arrow table of some logos, in no order."""
        listed = ", ".join(str(int(i)) for i in ids)
        return self._select(f"id IN ({listed})", columns).to_arrow()

    def _flat(self, query: Query, where: str | None, last: int) -> _Ranked:
        block = self.block
        allowed = None
        if where is not None:
            ids = self._select(where, ("id",)).to_arrow()["id"].to_numpy()
            allowed = np.isin(block.ids, ids)
        scores = query.score(block)
        total = query.mix(scores)
        admitted = query.admits(total)
        if admitted is not None:
            allowed = admitted if allowed is None else allowed & admitted
        return _Ranked(block, _best(total, last, allowed), scores, total)

    def _scan(self, query: Query, where: str | None, last: int) -> _Ranked:
        """Exact, over a table too large for memory: the best of each piece, then of these."""
        kept = []
        for block in read_blocks(self._select(where, query.columns), query.columns, _ROWS):
            total = query.mix(query.score(block))
            best = _best(total, last, query.admits(total))
            kept.append((block.ids[best], block.rows[best], total[best]))
        if not kept:
            return self._rank_rows(query, [], last)
        ids, rows, total = (np.concatenate(column) for column in zip(*kept, strict=True))
        order = np.lexsort((ids, -np.round(total, 6)))[:last]
        return self._rank_rows(query, rows[order].tolist(), last)

    def compares_all(self, query: Query, last: int, exact: bool) -> bool:
        """Whether a search down to place ``last`` compares with every logo, and not with candidates only.

        Colours have no candidates of their own; silhouettes and words are always compared with all.
        """
        if self.is_flat or exact or last > _LAST_PLACE:
            return True
        columns = set(query.columns)
        return bool(columns & {"shape", "words"}) or not columns & self.approximate

    def _approximate(self, query: Query, where: str | None, last: int) -> _Ranked:
        """Candidates of the approximate indices, ranked by their full vectors."""
        found: set[int] = set()
        for vectors, column in (
            (query.overall, "vector"),
            (query.part, "parts"),
            (query.figure, "parts"),
        ):
            for vector in [] if vectors is None else vectors:
                near = self.table.search(vector, vector_column_name=column)
                near = near.distance_type("cosine").nprobes(_PROBES).limit(POOL)
                if where is not None:
                    near = near.where(where, prefilter=True)
                answer = near.with_row_id(True).select(["id", "_distance"]).to_arrow()
                found.update(answer["_rowid"].to_pylist())
        return self._rank_rows(query, sorted(found), last)

    def _rank_rows(self, query: Query, rows: list[int], last: int) -> _Ranked:
        columns = ["id", *query.columns]
        stored = self.table.take_row_ids(rows).with_row_id().select(columns).to_arrow()
        block = read_block(stored, query.columns)
        if not len(block):
            return _Ranked(block, np.empty(0, np.int64), {}, np.empty(0, np.float32))
        scores = query.score(block)
        total = query.mix(scores)
        return _Ranked(block, _best(total, last, None), scores, total)

    def _select(self, where: str | None, columns: tuple[str, ...]) -> Any:
        query = self.table.search().select(sorted({"id", *columns})).with_row_id(True).limit(None)
        return query if where is None else query.where(where)

    def _matches(self, query: Query, ranked: _Ranked, offset: int) -> list[Match]:
        order = ranked.order[offset:]
        if not len(order):
            return []
        names = ["id", "path", "part_kinds", "part_boxes", *(PREFIX + name for name in self.types)]
        names += ["words"] if self.has_words else []
        taken = self.table.take_row_ids(ranked.block.rows[order].tolist()).select(names)
        stored = {row["id"]: row for row in taken.to_arrow().to_pylist()}
        out = []
        for rank, index in enumerate(order.tolist(), offset + 1):
            row = stored[int(ranked.block.ids[index])]
            which = query.which_part(ranked.block, index)
            boxes = row["part_boxes"]
            out.append(
                Match(
                    rank=rank,
                    score=round(float(ranked.total[index]), 6),
                    path=row["path"],
                    id=row["id"],
                    scores={name: round(float(s[index]), 6) for name, s in ranked.scores.items()},
                    part=tuple(boxes[4 * which - 4 : 4 * which]) if which else None,
                    kind=row["part_kinds"][which - 1] if which else None,
                    words=row.get("words"),
                    metadata={name: row[PREFIX + name] for name in self.types},
                )
            )
        return out


def check_range(k: int, offset: int) -> None:
    """Refuse a page that is none; raises UsageError."""
    if k < 1:
        raise UsageError("k", f"{k} is less than 1", "ask for at least one hit")
    if offset < 0:
        raise UsageError("offset", f"{offset} is less than 0", "give a whole number from 0")


def _best(total: Float32Array, count: int, allowed: Any) -> Int64Array:
    """Indices of the highest scores, best first, equal ones by index.

    Scores are equal to six places: copies of one logo differ in the last bits by where they lie in a product.
    """
    total = np.round(total, 6)
    candidates = np.arange(len(total)) if allowed is None else np.flatnonzero(allowed)
    values = total[candidates]
    if len(candidates) > count:
        least = np.partition(values, -count)[-count]
        near = values >= least
        candidates, values = candidates[near], values[near]
    order = np.lexsort((candidates, -values))[:count]
    return np.asarray(candidates[order], np.int64)
