"""The rows of an index: one a logo, its parts within it, so that a logo is written whole or not at
all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from marquery.arrays import Float32Array
from marquery.files import Stamp
from marquery.index.metadata.conditions import OneOf
from marquery.index.metadata.filters import PREFIX
from marquery.index.metadata.types import ColumnType
from marquery.index.storage.reading import ReadLogo, StoredFile
from marquery.index.storage.table import Table
from marquery.index.strategies.columns import StoredColumn, VectorSizes
from marquery.index.strategies.projection import Projection

_ARROW: dict[ColumnType, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
    "list": pa.list_(pa.string()),
}
#: What every index stores of a file, whatever its strategies.
_FILE_FIELDS = (
    pa.field("id", pa.int64()),
    pa.field("path", pa.string()),
    pa.field("size", pa.int64()),
    pa.field("modified", pa.int64()),
    pa.field("sha256", pa.string()),
    pa.field("width", pa.int32()),
    pa.field("height", pa.int32()),
    pa.field("thumbnail", pa.binary()),
)


@dataclass(frozen=True)
class Row:
    """A logo as it is stored, but for its metadata."""

    id: int
    file: StoredFile
    values: Mapping[str, Any]
    """Column of a strategy -> its value."""


def make_row(
    number: int,
    logo: ReadLogo,
    vectors: Float32Array,
    columns: Sequence[StoredColumn[Any]],
    projection: Projection,
) -> Row:
    """A row from a logo that was read and embedded.

    Args:
        number: its id.
        logo: as it was read for these columns; those for which it was not are null.
        vectors: (P, D), the embeddings of its squares.
        columns: what is stored.
        projection: of the index.
    """
    values: dict[str, Any] = {}
    start = 0
    for column in columns:
        stop = start + logo.counts.get(column.name, 0)
        note = logo.notes.get(column.name)
        values[column.name] = column.value(note, vectors[start:stop], projection)
        start = stop
    return Row(number, logo.file, values)


def table_schema(columns: Iterable[StoredColumn[Any]], sizes: VectorSizes) -> pa.Schema:
    """The table of a new index, without metadata.

    Args:
        columns: of the strategies.
        sizes: lengths of the vectors.
    """
    return pa.schema([*_FILE_FIELDS, *(column.field(sizes) for column in columns)])


def metadata_field(name: str, kind: ColumnType) -> pa.Field:
    """The field that stores a metadata column."""
    return pa.field(PREFIX + name, _ARROW[kind])


def metadata_types(schema: pa.Schema) -> dict[str, ColumnType]:
    """The metadata columns of a table, by the names that users give them."""
    by_type = {str(arrow): kind for kind, arrow in _ARROW.items()}
    return {
        field.name.removeprefix(PREFIX): by_type[str(field.type)]
        for field in schema
        if field.name.startswith(PREFIX)
    }


def without_metadata(schema: pa.Schema) -> pa.Schema:
    """The columns that are not metadata."""
    return pa.schema([field for field in schema if not field.name.startswith(PREFIX)])


def to_table(
    rows: Sequence[Row],
    schema: pa.Schema,
    columns: Iterable[StoredColumn[Any]],
    metadata: Mapping[str, Mapping[str, Any]] | None = None,
) -> pa.Table:
    """Rows as an Arrow table.

    Args:
        rows: at least one.
        schema: what is to be written; columns of which nothing is known are null.
        columns: of the strategies.
        metadata: path -> column -> value; what is not there is null.
    """
    by_name = {column.name: column for column in columns}
    told = metadata or {}
    files = [row.file for row in rows]
    plain: dict[str, list[Any]] = {
        "id": [row.id for row in rows],
        "path": [f.path for f in files],
        "size": [f.stamp.size for f in files],
        "modified": [f.stamp.modified for f in files],
        "sha256": [f.sha256 for f in files],
        "width": [f.size[0] for f in files],
        "height": [f.size[1] for f in files],
        "thumbnail": [f.thumbnail for f in files],
    }

    def array(field: pa.Field) -> pa.Array:
        if field.name in plain:
            return pa.array(plain[field.name], field.type)
        if field.name in by_name:
            values = [row.values.get(field.name) for row in rows]
            return by_name[field.name].to_arrow(values, field)
        name = field.name.removeprefix(PREFIX)
        return pa.array([(told.get(f.path) or {}).get(name) for f in files], field.type)

    return pa.Table.from_arrays([array(field) for field in schema], schema=schema)


def stored_rows(
    table: Table | None, ids: Sequence[int], columns: Iterable[StoredColumn[Any]]
) -> list[Row]:
    """Rows as they were written, without their metadata, in no order.

    Args:
        table: None where nothing was added yet.
        ids: which.
        columns: of the strategies.
    """
    if table is None or not ids:
        return []
    names = [c.name for c in columns if c.name in table.schema.names]
    stored = table.read([*(f.name for f in _FILE_FIELDS), *names], OneOf("id", list(ids)))
    return [
        Row(
            id=row["id"],
            file=StoredFile(
                path=row["path"],
                stamp=Stamp(row["size"], row["modified"]),
                sha256=row["sha256"],
                size=(row["width"], row["height"]),
                thumbnail=row["thumbnail"],
            ),
            values={name: row[name] for name in names},
        )
        for row in stored.to_pylist()
    ]
