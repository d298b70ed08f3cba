"""Rows of an index as Milvus holds them.

Not every Milvus knows nulls, two vectors a collection, or fields that are added later. So the
first vector is a field of its own; other values that are only read (small vectors, pictures,
boxes) are text in base 64; and what filters ask for (text, numbers, lists of text) is in the
dynamic field, under ``c0``, ``c1`` and so on by the place of the column: a null is not there.
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

#: Fields that every row has: its key, the first version that holds it, the first that does not.
KEY, BORN, DIED, ID = "key", "born", "died", "id"
VECTOR = "vector"
#: ``died`` of a row that is not replaced or removed.
ALIVE = 2**62
#: Bytes that Milvus holds in a field of text.
LONGEST_TEXT = 65_535
#: First member of every stored list: an empty list is told from none.
_LIST_MARK = "\x01"


class Encoding:
    """How the columns of a table are stored.

    Args:
        schema: of the table.
        created: how many of its columns it was made with; later ones are dynamic, whatever their
            type.
    """

    def __init__(self, schema: pa.Schema, created: int) -> None:
        self.schema = schema
        self.vector = _first_vector(schema, created)
        self.dim = 2 if self.vector is None else schema.field(self.vector).type.list_size
        self._fields: dict[str, str] = {}
        for number, field in enumerate(schema):
            if field.name in (ID, self.vector):
                self._fields[field.name] = ID if field.name == ID else VECTOR
            elif not is_filterable(field.type) and number < created:
                self._fields[field.name] = f"b{number}"
            else:
                self._fields[field.name] = f"c{number}"

    @property
    def text_fields(self) -> list[str]:
        """Fields of base 64 that the collection is made with."""
        return [name for name in self._fields.values() if name.startswith("b")]

    def field(self, column: str) -> str:
        """Name in Milvus of a column."""
        return self._fields[column]

    def is_large(self, columns: Sequence[str]) -> bool:
        """Whether rows of these columns take kilobytes."""
        return any(self._fields[c] == VECTOR or self._fields[c].startswith("b") for c in columns)

    def encode(self, rows: pa.Table) -> list[dict[str, Any]]:
        """Rows, or some columns of them, but for key and versions."""
        out: list[dict[str, Any]] = [{} for _ in range(len(rows))]
        for name in rows.schema.names:
            field, kind = self._fields[name], self.schema.field(name).type
            column = rows[name]
            if field == VECTOR:
                vectors = _flat(column).reshape(-1, kind.list_size)
                for row, vector in zip(out, vectors, strict=True):
                    row[VECTOR] = vector
            elif field == ID:
                for row, value in zip(out, column.to_pylist(), strict=True):
                    row[ID] = value
            elif is_filterable(kind):
                for row, value in zip(out, column.to_pylist(), strict=True):
                    if value is not None:
                        row[field] = _stored(value)
            else:
                for row, text in zip(out, _to_text(column, kind), strict=True):
                    row[field] = text
        return out

    def overlay(
        self, row: Mapping[str, Any], changed: Mapping[str, Any], columns: Sequence[str]
    ) -> dict[str, Any]:
        """A stored row with some columns replaced.

        Args:
            row: as Milvus gave it.
            changed: of :meth:`encode`; a column that it has not is null then.
            columns: which are replaced.
        """
        replaced = {self._fields[name] for name in columns}
        return {**{k: v for k, v in row.items() if k not in replaced}, **changed}

    def decode(self, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pa.Table:
        """Rows of Milvus as Arrow."""
        arrays = [self._array(rows, name) for name in columns]
        fields = [self.schema.field(name) for name in columns]
        return pa.Table.from_arrays(arrays, schema=pa.schema(fields))

    def _array(self, rows: Sequence[Mapping[str, Any]], name: str) -> pa.Array:
        field, kind = self._fields[name], self.schema.field(name).type
        if field == VECTOR:
            whole = np.array([row[VECTOR] for row in rows], np.float32).reshape(-1)
            return pa.FixedSizeListArray.from_arrays(pa.array(whole), kind.list_size)
        values = [row.get(field) for row in rows]
        if field == ID:
            return pa.array(values, kind)
        if is_filterable(kind):
            plain: list[Any] = [v[1:] if isinstance(v, list) else v for v in values]
            if pa.types.is_floating(kind):  # JSON keeps no difference of 1.0 and 1
                plain = [None if v is None else float(v) for v in plain]
            elif pa.types.is_date(kind):
                plain = [None if v is None else date.fromisoformat(v) for v in plain]
            return pa.array(plain, kind)
        return _from_text([v or "" for v in values], kind)


def part_vectors(column: Any) -> list[np.ndarray[Any, Any]]:
    """Vectors of a column of lists of vectors, float32 (P, d) of each row."""
    return [
        np.asarray(value, np.float32) for value in _by_row(column, column.type.value_type.list_size)
    ]


def is_filterable(kind: pa.DataType) -> bool:
    """Whether values of a type can be asked for in a filter."""
    if pa.types.is_list(kind):
        return bool(pa.types.is_string(kind.value_type))
    tests = (
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_string,
        pa.types.is_date,
    )
    return any(test(kind) for test in tests)


def is_lists_of_vectors(kind: pa.DataType) -> bool:
    """Whether a column holds several vectors a row."""
    return bool(pa.types.is_list(kind) and pa.types.is_fixed_size_list(kind.value_type))


def _stored(value: Any) -> Any:
    """A value as JSON has it: dates as ISO writes them, which are ordered as they are."""
    if isinstance(value, list):
        return [_LIST_MARK, *value]
    return value.isoformat() if isinstance(value, date) else value


def _first_vector(schema: pa.Schema, created: int) -> str | None:
    for field in list(schema)[:created]:
        kind = field.type
        if pa.types.is_fixed_size_list(kind) and pa.types.is_float32(kind.value_type):
            return str(field.name)
    return None


def _flat(column: Any) -> Any:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return whole.flatten().to_numpy(zero_copy_only=False)


def _by_row(column: Any, dim: int) -> list[Any]:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    vectors = _flat(whole.flatten()).reshape(-1, dim)
    ends = np.cumsum([0, *np.asarray(whole.value_lengths().fill_null(0))])
    return [vectors[a:b] for a, b in pairwise(ends.tolist())]


def _to_text(column: Any, kind: pa.DataType) -> list[str]:
    """Values as base 64 after a ``=``; a null is the empty text."""
    valid = column.is_valid().to_pylist()
    if pa.types.is_binary(kind):
        raw = [b"" if v is None else v for v in column.to_pylist()]
    elif is_lists_of_vectors(kind):
        raw = [v.tobytes() for v in _by_row(column, kind.value_type.list_size)]
    else:
        dtype = kind.value_type.to_pandas_dtype()
        raw = [np.asarray([] if v is None else v, dtype).tobytes() for v in column.to_pylist()]
    return [
        "=" + base64.b64encode(content).decode() if there else ""
        for content, there in zip(raw, valid, strict=True)
    ]


def _from_text(values: Sequence[str], kind: pa.DataType) -> pa.Array:
    raw = [base64.b64decode(text[1:]) if text else None for text in values]
    if pa.types.is_binary(kind):
        return pa.array(raw, kind)
    inner, width = kind.value_type, 1
    if is_lists_of_vectors(kind):
        inner, width = kind.value_type.value_type, kind.value_type.list_size
    dtype = np.dtype(inner.to_pandas_dtype())
    flat = pa.array(np.frombuffer(b"".join(r or b"" for r in raw), dtype), inner)
    missing = pa.array([r is None for r in raw], pa.bool_())
    if pa.types.is_fixed_size_list(kind):
        # A null takes its place among the values, too.
        size = kind.list_size
        filled = b"".join(r if r is not None else bytes(dtype.itemsize * size) for r in raw)
        flat = pa.array(np.frombuffer(filled, dtype), inner)
        return pa.FixedSizeListArray.from_arrays(flat, size, mask=missing)
    counts = [len(r or b"") // (dtype.itemsize * width) for r in raw]
    ends = pa.array(np.cumsum([0, *counts]).astype(np.int32))
    content = pa.FixedSizeListArray.from_arrays(flat, width) if is_lists_of_vectors(kind) else flat
    return pa.ListArray.from_arrays(ends, content, type=kind, mask=missing)
