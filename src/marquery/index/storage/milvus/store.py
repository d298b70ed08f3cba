"""Where Milvus keeps the table of one index."""

import time

import pyarrow as pa

from marquery.errors import NotThereError
from marquery.index.storage.milvus.client import MilvusPlace, connect, new_schema, told, types
from marquery.index.storage.milvus.encoding import (
    BORN,
    DIED,
    ID,
    KEY,
    LONGEST_TEXT,
    VECTOR,
    Encoding,
)
from marquery.index.storage.milvus.files import MilvusFiles
from marquery.index.storage.milvus.history import History, Version
from marquery.index.storage.milvus.parts import graph_index
from marquery.index.storage.milvus.rows import Rows
from marquery.index.storage.milvus.table import MilvusTable


class MilvusStore:
    """A collection for the logos, one for the vectors of their parts, and one for small files.

    Args:
        address: ``milvus://HOST:PORT/NAME`` or ``milvus-lite:PATH.db``.

    Raises:
        UsageError: it is no such address.
        MissingExtraError: the client is not installed.
        MarqueryError: the server cannot be reached.
    """

    def __init__(self, address: str) -> None:
        self._place = MilvusPlace.parse(address)
        connect(self._place)
        self.files = MilvusFiles(self._place)
        self._history = History(self.files, address)

    def open(self, version: int | None = None) -> MilvusTable | None:
        """See :meth:`TableStore.open`.

        Raises:
            NotThereError: there is no such version.
        """
        newest = self._history.newest()
        if newest is None:
            return None
        wanted = newest[0] if version is None else self._history.at(version)
        if wanted is None or wanted.number > newest[0].number:
            raise NotThereError(
                "version",
                f"{self._place.address} has no version {str(version)[:20]}",
                f"it is at {newest[0].number}",
            )
        rows = Rows(self._place, self._place.name)
        return MilvusTable(rows, self._history, wanted, newest[1])

    def stamp(self) -> None:
        """See :meth:`TableStore.stamp`: only the store knows."""

    def create(self, rows: pa.Table) -> MilvusTable:
        """See :meth:`TableStore.create`."""
        encoding = Encoding(rows.schema, len(rows.schema))
        self._make(encoding)
        columns = len(rows.schema)
        # Version 0 has no rows and is never seen; the first rows are version 1.
        nothing = Version(0, columns, columns, (), 0, time.time())
        stored = Rows(self._place, self._place.name)
        table = MilvusTable(stored, self._history, nothing, rows.schema)
        table.add(rows)
        return table

    def _make(self, encoding: Encoding) -> None:
        place = self._place
        with told(place.address):
            client = connect(place)
            if client.has_collection(place.name):  # of a writer that was killed
                client.drop_collection(place.name)
            schema, kinds = new_schema(), types()
            schema.add_field(KEY, kinds.INT64, is_primary=True)
            for field in (BORN, DIED, ID):
                schema.add_field(field, kinds.INT64)
            schema.add_field(VECTOR, kinds.FLOAT_VECTOR, dim=encoding.dim)
            for field in encoding.text_fields:
                schema.add_field(field, kinds.VARCHAR, max_length=LONGEST_TEXT)
            client.create_collection(
                place.name,
                schema=schema,
                index_params=graph_index(client),
                consistency_level="Strong",
            )
