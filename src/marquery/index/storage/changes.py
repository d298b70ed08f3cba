"""Changing columns of logos that are stored, without embedding them again."""

from collections.abc import Container, Mapping
from typing import Any

import pyarrow as pa

from marquery.encoder.loading import map_images
from marquery.errors import ImageError
from marquery.images import load_image
from marquery.index.metadata.columns import Metadata, merge_types
from marquery.index.metadata.filters import PREFIX
from marquery.index.storage.reading import take_apart
from marquery.index.storage.schema import metadata_field, metadata_types, words_field
from marquery.index.strategies.ocr import read_words

_BATCH = 65536


def merge(table: Any, content: Any) -> None:
    """Write columns of stored rows, matched by id."""
    table.merge_insert("id").when_matched_update_all().execute(content)


def add_columns(table: Any, metadata: Metadata) -> None:
    """Give a table the metadata columns that it has not."""
    old = metadata_types(table.schema)
    merged = merge_types(old, metadata.types, "--meta")
    fields = [metadata_field(n, kind) for n, kind in merged.items() if n not in old]
    if fields:
        table.add_columns(fields)


def add_words_column(table: Any) -> None:
    """Tables written by versions that read no words have no column for them; None is no table yet."""
    if table is not None and "words" not in table.schema.names:
        table.add_columns([words_field()])


def describe(table: Any, paths: Container[str], metadata: Metadata, many: int) -> int:
    """Bring the metadata of some logos up to date, ``many`` at a time; how many it changed."""
    types = metadata_types(table.schema)
    names = [metadata_field(name, kind) for name, kind in types.items() if name in metadata.types]
    columns = ["id", "path", *(n.name for n in names)]
    changed = []
    for batch in table.search().select(columns).limit(None).to_batches(_BATCH):
        for row in batch.to_pylist():
            if row["path"] not in paths:
                continue
            values = metadata.values(row["path"], {n: types[n] for n in metadata.types})
            new = {n.name: values[n.name.removeprefix(PREFIX)] for n in names}
            if any(row[name] != value for name, value in new.items()):
                changed.append({"id": row["id"], **new})
    schema = pa.schema([pa.field("id", pa.int64()), *names])
    for start in range(0, len(changed), many):
        merge(table, pa.Table.from_pylist(changed[start : start + many], schema=schema))
    return len(changed)


def fill_words(table: Any, ids: Mapping[str, int]) -> int:
    """Read the words of files that are stored under these ids; how many could be read."""
    words = map_images(list(ids), _words_of, ahead=64)
    read = zip(ids.values(), words, strict=True)
    found = [{"id": number, "words": text} for number, text in read if text is not None]
    if found:
        schema = pa.schema([pa.field("id", pa.int64()), words_field()])
        merge(table, pa.Table.from_pylist(found, schema=schema))
    return len(found)


def _words_of(path: str) -> str | None:
    try:
        pixels, _, found = take_apart(load_image(path))
    except ImageError:  # it went away or broke after it was indexed
        return None
    return read_words(pixels, found)
