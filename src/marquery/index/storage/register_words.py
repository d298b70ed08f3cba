"""Reading a table with the words of a register: those of one of its metadata columns, as text
under one name, whatever the column is called and of what type it is.
"""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from marquery.index.metadata.conditions import Condition
from marquery.index.metadata.filters import PREFIX
from marquery.index.storage.table import Table
from marquery.index.strategies.known_words import REGISTER_WORDS
from marquery.index.strategies.words import WORDS


class WithRegisterWords:
    """The rows of a table, read with the column :data:`REGISTER_WORDS`; in a table of an old
    version, that has no words, these are null.

    Args:
        table: at one version.
        column: of the metadata; None, or one that the table has not: all are null.
    """

    def __init__(self, table: Table, column: str | None) -> None:
        self._table = table
        there = table.schema.names
        name = PREFIX + (column or "")
        #: The column of the table, where it has one.
        self.column = name if column and name in there else None
        # What is read for a name that the table does not have; None: nulls.
        self._instead = {REGISTER_WORDS: self.column}
        if WORDS.name not in there:
            self._instead[WORDS.name] = None

    def read(self, columns: Sequence[str], where: Condition | None = None) -> pa.Table:
        """See :meth:`marquery.index.storage.table.Table.read`."""
        return self._put(self._table.read(self._asked(columns), where), columns)

    def take(self, keys: Sequence[int], columns: Sequence[str]) -> pa.Table:
        """See :meth:`marquery.index.storage.table.Table.take`."""
        return self._put(self._table.take(keys, self._asked(columns)), columns)

    def scan(
        self, columns: Sequence[str], where: Condition | None = None, batch_rows: int = 65536
    ) -> Iterator[pa.RecordBatch]:
        """See :meth:`marquery.index.storage.table.Table.scan`.

        Args:
            columns: stored ones, and :data:`REGISTER_WORDS` if wanted.
            where: only rows that fulfil it.
            batch_rows: rows a batch at most.
        """
        for batch in self._table.scan(self._asked(columns), where, batch_rows):
            yield from self._put(pa.Table.from_batches([batch]), columns).to_batches()

    def _asked(self, columns: Sequence[str]) -> list[str]:
        named = (self._instead.get(name, name) for name in columns)
        return list(dict.fromkeys(name for name in named if name is not None))

    def _put(self, found: pa.Table, columns: Sequence[str]) -> pa.Table:
        def column(name: str) -> pa.ChunkedArray | pa.Array:
            if name not in self._instead:
                return found[name]
            stored = self._instead[name]
            return pa.nulls(len(found), pa.string()) if stored is None else _as_text(found[stored])

        if self._instead.keys().isdisjoint(columns):
            return found
        return pa.table({name: column(name) for name in columns})


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_list(column.type):
        return pc.binary_join(column, " ")
    return pc.cast(column, pa.string())
