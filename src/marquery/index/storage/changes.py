"""Changing columns of logos that are stored, without embedding them again."""

from collections.abc import Container, Iterable, Mapping
from typing import Any

import pyarrow as pa

from marquery.encoder.threaded_map import map_images
from marquery.errors import ImageError
from marquery.images import load_image
from marquery.index.metadata.columns import Metadata
from marquery.index.metadata.filters import PREFIX
from marquery.index.metadata.types import merge_types
from marquery.index.storage.rows import metadata_field, metadata_types
from marquery.index.storage.table import Table
from marquery.index.strategies.analysis import LogoAnalysis
from marquery.index.strategies.columns import StoredColumn, VectorSizes
from marquery.index.strategies.words import WORDS
from marquery.names import source_of


def add_metadata_columns(table: Table, metadata: Metadata) -> None:
    """Give a table the metadata columns that it lacks."""
    old = metadata_types(table.schema)
    merged = merge_types(old, metadata.types)
    fields = [metadata_field(n, kind) for n, kind in merged.items() if n not in old]
    if fields:
        table.add_columns(fields)


def add_optional_columns(
    table: Table | None, columns: Iterable[StoredColumn[Any]], sizes: VectorSizes
) -> None:
    """Give a table of an older version the columns that may be null; None is no table yet.

    Args:
        table: changed in place; None: there is no table yet.
        columns: of the strategies.
        sizes: lengths of the vector columns.
    """
    if table is None:
        return
    there = table.schema.names
    fields = [c.field(sizes) for c in columns if c.optional and c.name not in there]
    if fields:
        table.add_columns(fields)


def build_missing_indices(
    table: Table, columns: Iterable[StoredColumn[Any]], flat_limit: int
) -> None:
    """Build the approximate indices that a table of more than ``flat_limit`` rows lacks.

    Args:
        table: changed in place.
        columns: of the strategies; those with vectors get an index.
        flat_limit: rows up to which all vectors are compared without an index.
    """
    if table.count() <= flat_limit:
        return
    indexed = table.statistics().indexed
    for column in columns:
        if column.approximate and column.name not in indexed:
            table.build_index(column.name)


def describe(table: Table, paths: Container[str], metadata: Metadata, many: int) -> int:
    """Bring the metadata of some logos up to date; how many it changed.

    Args:
        table: of the index.
        paths: which logos.
        metadata: what is said of them.
        many: rows that are written at once.
    """
    types = metadata_types(table.schema)
    names = [metadata_field(name, kind) for name, kind in types.items() if name in metadata.types]
    columns = ["id", "path", *(n.name for n in names)]
    changed = []
    for batch in table.scan(columns):
        for row in batch.to_pylist():
            if row["path"] not in paths:
                continue
            values = metadata.values(row["path"], {n: types[n] for n in metadata.types})
            new = {n.name: values[n.name.removeprefix(PREFIX)] for n in names}
            if any(row[name] != value for name, value in new.items()):
                changed.append({"id": row["id"], **new})
    schema = pa.schema([pa.field("id", pa.int64()), *names])
    for start in range(0, len(changed), many):
        table.upsert(pa.Table.from_pylist(changed[start : start + many], schema=schema))
    return len(changed)


def fill_words(table: Table, ids: Mapping[str, int]) -> int:
    """Read the words of files that are stored under these ids; how many could be read."""
    words = map_images(list(ids), _words_of, ahead=64)
    read = zip(ids.values(), words, strict=True)
    found = [{"id": number, WORDS.name: text} for number, text in read if text is not None]
    if found:
        schema = pa.schema([pa.field("id", pa.int64()), pa.field(WORDS.name, pa.string())])
        table.upsert(pa.Table.from_pylist(found, schema=schema))
    return len(found)


def _words_of(path: str) -> str | None:
    try:
        return WORDS.note(LogoAnalysis(load_image(source_of(path))))
    except ImageError:  # it went away or broke after it was indexed
        return None
