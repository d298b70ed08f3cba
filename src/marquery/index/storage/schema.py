"""The table of an index: one row a logo, its parts within the row, so that a row is written whole or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from marquery.index.metadata.columns import ColumnType
from marquery.index.metadata.filters import PREFIX
from marquery.index.storage.reading import Drawing
from marquery.index.strategies.palette import COLORS

Float32Array = npt.NDArray[np.float32]

_COLOR_VALUES = 4 * COLORS
_ARROW: dict[ColumnType, Any] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "list": pa.list_(pa.string()),
}


@dataclass(frozen=True)
class Row:
    """A logo as it is stored, but for its metadata."""

    id: int
    drawing: Drawing
    vector: Float32Array
    """(D,) of the whole logo, unit length."""
    shape: Float32Array
    """(d,) of its silhouette, projected."""
    parts: Float32Array
    """(1 + P, d): the whole cut out and each part, projected."""


def table_schema(dim: int, part_dim: int) -> Any:
    """Columns of the table.

    Args:
        dim: of whole vectors (float32).
        part_dim: of silhouettes and part vectors (float16); the first of ``parts`` is the whole logo, cut out like them.
    """
    half = pa.float16()
    return pa.schema(
        [
            pa.field("id", pa.int64()),
            pa.field("path", pa.string()),
            pa.field("size", pa.int64()),
            pa.field("modified", pa.int64()),
            pa.field("sha256", pa.string()),
            pa.field("width", pa.int32()),
            pa.field("height", pa.int32()),
            pa.field("thumbnail", pa.binary()),
            pa.field("vector", pa.list_(pa.float32(), dim)),
            pa.field("shape", pa.list_(half, part_dim)),
            pa.field("parts", pa.list_(pa.list_(half, part_dim))),
            pa.field("part_kinds", pa.list_(pa.string())),
            pa.field("part_boxes", pa.list_(pa.int32())),
            pa.field("colors", pa.list_(pa.float32(), _COLOR_VALUES)),
            words_field(),
        ]
    )


def words_field() -> Any:
    """The field of the words that were read; null where none were looked for."""
    return pa.field("words", pa.string())


def metadata_field(name: str, kind: ColumnType) -> Any:
    """The field that stores a metadata column."""
    return pa.field(PREFIX + name, _ARROW[kind])


def metadata_types(schema: Any) -> dict[str, ColumnType]:
    """The metadata columns of a table, by the names that users give them."""
    by_type = {str(arrow): kind for kind, arrow in _ARROW.items()}
    return {
        field.name.removeprefix(PREFIX): by_type[str(field.type)]
        for field in schema
        if field.name.startswith(PREFIX)
    }


def to_table(
    rows: Sequence[Row],
    schema: Any,
    metadata: Mapping[str, Mapping[str, Any]] | None = None,
) -> Any:
    """Rows as an Arrow table.

    Args:
        rows: any number.
        schema: of :func:`table_schema`, with metadata columns if they are to be written.
        metadata: path -> column -> value; what is not there is null.
    """
    drawings = [row.drawing for row in rows]
    boxes = [[v for part in d.parts for v in part.box] for d in drawings]
    values: dict[str, Any] = {
        "id": [row.id for row in rows],
        "path": [d.path for d in drawings],
        "size": [d.stamp.size for d in drawings],
        "modified": [d.stamp.modified for d in drawings],
        "sha256": [d.sha256 for d in drawings],
        "width": [d.size[0] for d in drawings],
        "height": [d.size[1] for d in drawings],
        "thumbnail": [d.thumbnail for d in drawings],
        "vector": _fixed(np.stack([row.vector for row in rows]), np.float32),
        "shape": _fixed(np.stack([row.shape for row in rows]), np.float16),
        "parts": pa.ListArray.from_arrays(
            pa.array(np.cumsum([0, *(len(row.parts) for row in rows)]), pa.int32()),
            _fixed(np.concatenate([row.parts for row in rows]), np.float16),
        ),
        "part_kinds": [[part.kind for part in d.parts] for d in drawings],
        "part_boxes": boxes,
        "words": [d.words for d in drawings],
        "colors": _fixed(np.stack([d.colors.reshape(-1) for d in drawings]), np.float32),
    }
    for field in schema:
        if field.name.startswith(PREFIX):
            name = field.name.removeprefix(PREFIX)
            values[field.name] = [((metadata or {}).get(d.path) or {}).get(name) for d in drawings]
    columns = [
        v if isinstance(v := values[field.name], pa.Array) else pa.array(v, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def matrix(column: Any) -> Any:
    """A column of fixed-size lists as an array of shape (N, D), without a copy where it lies in one piece."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    values = whole.flatten().to_numpy(zero_copy_only=False)
    return values.reshape(-1, whole.type.list_size)


def _fixed(values: npt.NDArray[Any], dtype: type) -> Any:
    flat = pa.array(np.ascontiguousarray(values, dtype).reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, values.shape[1])
