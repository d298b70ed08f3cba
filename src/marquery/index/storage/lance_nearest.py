"""Rows near to vectors in LanceDB, among those that a filter leaves."""

from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa

from marquery.arrays import Float32Array
from marquery.cores import side_by_side
from marquery.index.metadata.conditions import Condition
from marquery.index.storage.lance_filters import to_sql
from marquery.index.storage.table import ROW_KEY, RowKeys, nearest_of_all
from marquery.lru import LruCache

# Rows that are asked for by a column of lists, at most. LanceDB looks for ten times as many
# vectors, and takes more than 8,192 for the answers to several vectors, whose distances it adds up.
_MOST_LISTS = 800
# Likewise by a column of vectors: more take longer than to compare what the filter leaves.
_MOST = 50_000
# Keys of the last filters, bytes.
_KEPT_BYTES = 32 * 2**20
_KEPT = 64


class NearestRows:
    """Searches in the approximate indices of a table.

    LanceDB evaluates a filter anew for each vector, and compares more slowly under one. So where
    enough of its answers fulfil the filter, it is asked for more of them without it, and those that
    do not are left out.

    Args:
        table: of LanceDB.
        keys_of: gives the keys of the rows that fulfil a condition, at the version at which the
            table stands.
    """

    def __init__(self, table: Any, keys_of: Callable[[Condition], RowKeys]) -> None:
        self._table = table
        self._keys_of = keys_of
        self._lock = Lock()
        self._kept = LruCache[tuple[int, str], RowKeys](
            _KEPT, _KEPT_BYTES, lambda keys: keys.nbytes
        )

    def search(
        self,
        column: str,
        vectors: Float32Array,
        k: int,
        where: Condition | None,
        *,
        probes: int,
        enough: int,
    ) -> RowKeys:
        """See :meth:`marquery.index.storage.table.Table.nearest`.

        Args:
            column: with an approximate index.
            vectors: float32 (Q, D).
            k: how many at most.
            where: only rows that fulfil it.
            probes: clusters that are looked into.
            enough: rows near to one vector that suffice where a filter is given.
        """
        limit = _MOST_LISTS if is_of_lists(self._table.schema.field(column)) else _MOST
        most = min(k, limit)
        if where is None:
            return nearest_of_all(*self._near(column, vectors, most, None, probes), k)
        left = self._left(where)
        rows = int(self._table.count_rows())
        asked = answers_to_ask(most, min(most, enough), len(left), rows, limit)
        if asked is None:
            return nearest_of_all(*self._near(column, vectors, most, to_sql(where), probes), k)
        keys, distances = self._near(column, vectors, asked, None, probes)
        kept = left[np.minimum(np.searchsorted(left, keys), len(left) - 1)] == keys
        return nearest_of_all(keys[kept], distances[kept], k)

    def _near(
        self, column: str, vectors: Float32Array, most: int, where: str | None, probes: int
    ) -> tuple[RowKeys, Float32Array]:
        """Keys and distances of what is near to each vector; several are looked for side by
        side.
        """

        def near(vector: Float32Array) -> pa.Table:
            query = self._table.search(vector, vector_column_name=column)
            query = query.distance_type("cosine").nprobes(probes).limit(most)
            if where is not None:
                query = query.where(where, prefilter=True)
            return query.with_row_id(True).select(["_distance"]).to_arrow()

        answers = pa.concat_tables(side_by_side([partial(near, vector) for vector in vectors]))
        keys = np.asarray(answers[ROW_KEY].to_numpy(), np.uint64)
        return keys, np.asarray(answers["_distance"].to_numpy(), np.float32)

    def _left(self, where: Condition) -> RowKeys:
        """Keys of the rows that fulfil a condition, ascending."""
        # Pages of one search have one filter, and so have its parts, each in a thread of its own.
        with self._lock:
            key = int(self._table.version), repr(where)
            return self._kept.get_or_make(key, lambda: np.sort(self._keys_of(where)))


def answers_to_ask(wanted: int, enough: int, left: int, rows: int, most: int) -> int | None:
    """How many answers to ask for so that some of them fulfil a filter.

    Args:
        wanted: answers that fulfil it.
        enough: how many of them suffice, at most ``wanted``.
        left: rows that fulfil the filter.
        rows: of the table.
        most: answers that can be asked for.

    Returns:
        ``wanted`` of the filter's share, ``most`` if that gives enough; None: too few rows fulfil
        the filter.
    """
    if not left or most * left < enough * rows:
        return None
    return min(most, -(-wanted * rows // left))


def is_of_lists(field: pa.Field) -> bool:
    """Whether a column holds several vectors a row."""
    kind = field.type
    return bool(pa.types.is_list(kind) and pa.types.is_fixed_size_list(kind.value_type))
