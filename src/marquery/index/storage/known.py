"""Which files an index knows."""

from dataclasses import dataclass

from marquery.files import Stamp
from marquery.index.storage.table import Table
from marquery.index.strategies.words import WORDS


@dataclass(frozen=True)
class Known:
    """What is stored of a file."""

    id: int
    stamp: Stamp
    sha256: str
    has_words: bool
    """Whether words were looked for."""


def known_files(table: Table | None) -> dict[str, Known]:
    """All files of a table by path; ``table`` is None where nothing was added yet."""
    known: dict[str, Known] = {}
    if table is None:
        return known
    columns = ["id", "path", "size", "modified", "sha256"]
    read = [WORDS.name] if WORDS.name in table.schema.names else []
    for batch in table.scan(columns + read):
        values = [batch.column(name).to_pylist() for name in columns]
        has = batch.column(WORDS.name).is_valid().to_pylist() if read else [False] * len(batch)
        for number, path, size, modified, digest, words in zip(*values, has, strict=True):
            known[path] = Known(number, Stamp(size, modified), digest, words)
    return known
