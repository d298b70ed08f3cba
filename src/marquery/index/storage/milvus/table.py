"""The table of an index in Milvus.

Milvus has no versions, so each row says from which version on it is there, and until which. A write
adds rows of the next version, ends those that they replace, and then sets the record of the newest
version, in one small write: killed before, nothing of it is seen, and the next writer clears it
away.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from marquery.arrays import Float32Array
from marquery.errors import MarqueryError
from marquery.index.metadata.conditions import Condition, OneOf
from marquery.index.metadata.evaluating import fulfils
from marquery.index.storage.milvus.client import told
from marquery.index.storage.milvus.encoding import (
    ALIVE,
    BORN,
    DIED,
    ID,
    KEY,
    VECTOR,
    Encoding,
    is_lists_of_vectors,
    part_vectors,
)
from marquery.index.storage.milvus.expressions import columns_of, split
from marquery.index.storage.milvus.history import History, Version
from marquery.index.storage.milvus.parts import Near, PartRows, nearest_rows
from marquery.index.storage.milvus.rows import Rows
from marquery.index.storage.table import ROW_KEY, RowKeys, TableStatistics, nearest_of_all

#: Seconds that replaced versions are kept: a week, as LanceDB keeps them.
KEPT = 7 * 24 * 3600.0
# Candidates of a graph for each cluster that an index of clusters would look into.
_BREADTH = 32
_SAMPLE = 64


class MilvusTable:
    """See :class:`~marquery.index.storage.table.Table`.

    Args:
        rows: the collection.
        history: its versions.
        version: that is read.
        schema: of the newest version.
    """

    def __init__(self, rows: Rows, history: History, version: Version, schema: pa.Schema) -> None:
        self._rows, self._history = rows, history
        self._all = schema
        self._cleaned = False
        self._part_rows: dict[str, PartRows] = {}
        self._stand_at(version)

    def _stand_at(self, version: Version) -> None:
        self._version = version
        self.schema = pa.schema(list(self._all)[: version.columns])
        self._encoding = Encoding(self.schema, version.created)
        self._visible = self._rows.visible(version.number)

    @property
    def version(self) -> int:
        """Number of this version."""
        return self._version.number

    def count(self, where: Condition | None = None) -> int:
        """How many rows fulfil a condition."""
        expression, left = split(where, self._encoding.field)
        if left is None:
            return self._rows.count(f"{self._visible} and {expression}")
        return sum(len(batch) for batch in self.scan((ID,), where))

    def add(self, rows: pa.Table) -> None:
        """Append rows."""
        self._begin()
        self._insert(self._encoding.encode(rows))
        self._commit()

    def upsert(self, rows: pa.Table) -> None:
        """Write rows by their id."""
        self._begin()
        given = {row[ID]: row for row in self._encoding.encode(rows)}
        names = rows.schema.names
        stored = [row for page in self._stored(OneOf(ID, list(given))) for row in page]
        merged = [self._encoding.overlay(row, given.pop(row[ID]), names) for row in stored]
        if set(names) == set(self.schema.names):
            merged += given.values()
        self._insert(merged)
        self._end(stored)
        self._commit()

    def delete(self, where: Condition) -> None:
        """Remove rows."""
        self._begin()
        for stored in self._stored(where):
            self._end(stored)
        self._commit()

    def add_columns(self, fields: Sequence[pa.Field]) -> None:
        """Add columns of nulls: a row that has no such value is as it should be."""
        self._begin()
        self._all = pa.schema([*self.schema, *fields])
        self._version = replace(self._version, columns=len(self._all))
        self._commit()

    def scan(
        self, columns: Sequence[str], where: Condition | None = None, batch_rows: int = 65536
    ) -> Iterator[pa.RecordBatch]:
        """See :meth:`Table.scan`."""
        for rows in self._pages(columns, where):
            yield from self._decoded(rows, columns, where).to_batches(max_chunksize=batch_rows)

    def read(self, columns: Sequence[str], where: Condition | None = None) -> pa.Table:
        """Read columns of rows."""
        tables = [self._decoded(rows, columns, where) for rows in self._pages(columns, where)]
        return pa.concat_tables([self._decoded([], columns, None), *tables])

    def take(self, keys: Sequence[int], columns: Sequence[str]) -> pa.Table:
        """Read columns of some rows by their keys."""
        pages = self._rows.by_key(keys, self._fields(columns, None))
        tables = [self._decoded(rows, columns, None) for rows in pages]
        return pa.concat_tables([self._decoded([], columns, None), *tables])

    def nearest(
        self,
        column: str,
        vectors: Float32Array,
        k: int,
        where: Condition | None = None,
        *,
        probes: int,
        enough: int | None = None,
    ) -> RowKeys:
        """See :meth:`Table.nearest`; the search is by a graph, wider for more probes."""
        expression, left = split(where, self._encoding.field)
        breadth = _BREADTH * probes
        is_whole = column == self._encoding.vector
        among, filters = None, [f"{self._visible} and {expression}"]
        if where is not None and not (is_whole and left is None):
            among = [int(key) for key in self.read((ROW_KEY,), where)[ROW_KEY].to_pylist()]
            filters = [f"{KEY} in {named}" for named in _pieces(among)]
        found: list[Near] = []
        for vector in vectors:
            if is_whole:
                for some in filters:
                    found += nearest_rows(self._rows, vector, k, some, breadth)
            else:
                found += self._parts(column).nearest(vector, k, self.version, among, breadth)
        keys, cosines = np.array([n[0] for n in found], np.uint64), [n[1] for n in found]
        return nearest_of_all(keys, -np.array(cosines, np.float32), k)

    def build_index(self, column: str) -> None:
        """Whole vectors have their graph from the first row on; those of parts are put beside."""
        self._begin()
        if column != self._encoding.vector:
            parts = self._parts(column)
            parts.create(self.schema.field(column).type.value_type.list_size)
            for rows in self._pages((column,), None):
                vectors = part_vectors(self._encoding.decode(rows, (column,))[column])
                parts.insert([row[KEY] for row in rows], vectors, self.version + 1)
        indexed = tuple(sorted({*self._version.indexed, column}))
        self._version = replace(self._version, indexed=indexed)
        self._commit()

    def optimise(self, *, forget: bool = False) -> None:
        """Drop the rows of versions that are no longer kept; Milvus merges pieces by itself.

        Args:
            forget: makes no difference: a version takes room only for the rows that it replaced.
        """
        oldest = self._history.forget_before(KEPT)
        if oldest is not None:
            self._rows.forget(oldest)
            for parts in self._all_parts():
                parts.forget(oldest)

    def statistics(self) -> TableStatistics:
        """Sizes and indices; the bytes are those of some rows, times all."""
        with told(self._rows.place.address):
            some = self._rows.client.query(
                self._rows.collection, filter=self._visible, output_fields=["*"], limit=_SAMPLE
            )
        rows = self.count()
        size = sum(_size(value) for row in some for value in dict(row).values())
        return TableStatistics(
            rows, size * rows // max(len(some), 1), frozenset(self._version.indexed)
        )

    def _begin(self) -> None:
        """Before a write: see that nobody else wrote, and clear away what a killed one began."""
        newest = self._history.newest()
        if newest is not None and newest[0].number != self.version:
            raise MarqueryError(
                f"{self._rows.place.address}: another process has written to this index; run this "
                "again"
            )
        if not self._cleaned:
            self._rows.undo(self.version, self._version.next_key)
            for parts in self._all_parts():
                parts.undo(self.version, self._version.next_key)
            self._cleaned = True

    def _insert(self, rows: Sequence[dict[str, Any]]) -> None:
        first = self._version.next_key
        born = self.version + 1
        own = [
            {VECTOR: [0.0, 1.0], **row, KEY: key, BORN: born, DIED: ALIVE}
            for key, row in enumerate(rows, first)
        ]
        self._rows.insert(own)
        keys = [row[KEY] for row in own]
        for column in self._version.indexed:
            if own and column != self._encoding.vector:
                vectors = part_vectors(self._encoding.decode(own, (column,))[column])
                self._parts(column).insert(keys, vectors, born)
        self._version = replace(self._version, next_key=first + len(own))

    def _end(self, stored: Sequence[dict[str, Any]]) -> None:
        self._rows.end(stored, self.version + 1)
        for parts in self._all_parts() if stored else ():
            parts.end([row[KEY] for row in stored], self.version + 1)

    def _commit(self) -> None:
        version = replace(self._version, number=self.version + 1, written=time.time())
        self._history.set(version, self._all)
        self._stand_at(version)

    def _stored(self, where: Condition) -> Iterator[list[dict[str, Any]]]:
        """Rows that fulfil a condition, all of their fields."""
        expression, left = split(where, self._encoding.field)
        every = f"{self._visible} and {expression}"
        for rows in self._rows.pages(every, ["*"], self._version.next_key, large=True):
            yield rows if left is None else self._fulfilling(rows, left)

    def _pages(
        self, columns: Sequence[str], where: Condition | None
    ) -> Iterator[list[dict[str, Any]]]:
        expression, left = split(where, self._encoding.field)
        fields = self._fields(columns, left)
        large = self._encoding.is_large([c for c in columns if c != ROW_KEY])
        every = f"{self._visible} and {expression}"
        yield from self._rows.pages(every, fields, self._version.next_key, large)

    def _fields(self, columns: Sequence[str], left: Condition | None) -> list[str]:
        asked = {c for c in columns if c != ROW_KEY}
        asked |= set() if left is None else columns_of(left)
        return sorted({KEY, *map(self._encoding.field, asked)})

    def _decoded(
        self, rows: Sequence[dict[str, Any]], columns: Sequence[str], where: Condition | None
    ) -> pa.Table:
        left = split(where, self._encoding.field)[1]
        kept = rows if left is None else self._fulfilling(rows, left)
        plain = [c for c in columns if c != ROW_KEY]
        found = self._encoding.decode(kept, plain)
        if ROW_KEY in columns:
            keys = pa.array([row[KEY] for row in kept], pa.uint64())
            found = found.append_column(ROW_KEY, keys) if plain else pa.table({ROW_KEY: keys})
        return found.select(list(columns))

    def _fulfilling(
        self, rows: Sequence[dict[str, Any]], condition: Condition
    ) -> list[dict[str, Any]]:
        asked = sorted(columns_of(condition))
        values = self._encoding.decode(rows, asked).to_pylist()
        return [row for row, v in zip(rows, values, strict=True) if fulfils(v, condition)]

    def _parts(self, column: str) -> PartRows:
        if column not in self._part_rows:
            number = self.schema.get_field_index(column)
            self._part_rows[column] = PartRows(self._rows.place, number)
        return self._part_rows[column]

    def _all_parts(self) -> list[PartRows]:
        kinds = {name: self.schema.field(name).type for name in self._version.indexed}
        return [self._parts(name) for name, kind in kinds.items() if is_lists_of_vectors(kind)]


def _pieces(keys: Sequence[int], size: int = 4096) -> Iterator[list[int]]:
    for start in range(0, len(keys), size):
        yield list(keys[start : start + size])


def _size(value: object) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, (list, tuple, np.ndarray)):
        return sum(_size(v) if isinstance(v, str) else 4 for v in value)
    return 8
