"""What is asked of the table as a whole: which files it knows, rows to copy, its approximate index."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from marquery.index.storage.reading import Drawing, Stamp
from marquery.index.storage.schema import Row
from marquery.index.strategies.palette import COLORS
from marquery.index.strategies.parts import Part

#: Columns with vectors that an approximate index finds neighbours in.
ANN_COLUMNS = ("vector", "parts")
_BATCH = 65536


@dataclass(frozen=True)
class Known:
    """What is stored of a file."""

    id: int
    stamp: Stamp
    sha256: str
    has_words: bool
    """Whether words were looked for."""


def known_files(table: Any) -> dict[str, Known]:
    """All files of a table by path; ``table`` is None where nothing was added yet."""
    known: dict[str, Known] = {}
    if table is None:
        return known
    columns = ["id", "path", "size", "modified", "sha256"]
    read = ["words"] if "words" in table.schema.names else []
    for batch in table.search().select(columns + read).limit(None).to_batches(_BATCH):
        values = [batch.column(name).to_pylist() for name in columns]
        has = batch.column("words").is_valid().to_pylist() if read else [False] * len(batch)
        for number, path, size, modified, digest, words in zip(*values, has, strict=True):
            known[path] = Known(number, Stamp(size, modified), digest, words)
    return known


def stored_rows(table: Any, ids: Sequence[int]) -> list[Row]:
    """Rows as they were written, without their metadata and squares, in no order."""
    if table is None or not ids:
        return []
    query = table.search().where(f"id IN ({', '.join(map(str, ids))})").limit(None)
    return [_to_row(stored) for stored in query.to_arrow().to_pylist()]


def ann_columns(table: Any) -> set[str]:
    """The columns that have an approximate index."""
    return {column for index in table.list_indices() for column in index.columns} & set(ANN_COLUMNS)


def build_ann(table: Any, flat_limit: int) -> bool:
    """Build approximate indices where the table is larger than ``flat_limit`` and has none.

    IVF with RaBitQ codes: one bit a dimension, found candidates are compared again by their full vectors.

    Returns:
        Whether any was built.
    """
    from lancedb.index import IvfRq

    if table.count_rows() <= flat_limit:
        return False
    missing = [name for name in ANN_COLUMNS if name not in ann_columns(table)]
    for name in missing:
        table.create_index(name, config=IvfRq(distance_type="cosine"))
    return bool(missing)


def _to_row(stored: dict[str, Any]) -> Row:
    boxes = np.array(stored["part_boxes"], dtype=np.int64).reshape(-1, 4).tolist()
    parts = [
        Part(kind, (x, y, w, h), ())
        for kind, (x, y, w, h) in zip(stored["part_kinds"], boxes, strict=True)
    ]
    drawing = Drawing(
        path=stored["path"],
        stamp=Stamp(stored["size"], stored["modified"]),
        sha256=stored["sha256"],
        size=(stored["width"], stored["height"]),
        thumbnail=stored["thumbnail"],
        colors=np.array(stored["colors"], np.float32).reshape(COLORS, 4),
        parts=parts,
        squares=[],
        words=stored.get("words"),
    )
    return Row(
        id=stored["id"],
        drawing=drawing,
        vector=np.array(stored["vector"], np.float32),
        shape=np.array(stored["shape"], np.float32),
        parts=np.array(stored["parts"], np.float32),
    )
