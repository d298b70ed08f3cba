"""The table of an index in LanceDB on object storage.

Each version is a manifest that is put only where none of its number is, so that of two writers one
fails and readers never see half a version. Who may write is told by the shared files.
"""

import os
import re
from typing import Any

import pyarrow as pa

from marquery.errors import UsageError
from marquery.extras import need
from marquery.forks import need_threads
from marquery.index.storage.lance import NAME, LanceTable, at_version
from marquery.index.storage.light_lancedb import import_lancedb
from marquery.index.storage.object_files import ObjectFiles, told

_ADDRESS = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_.=-]+)+")


class LanceObjectStore:
    """``logos.lance`` below an address.

    Args:
        address: ``s3://BUCKET/PREFIX``.

    Raises:
        UsageError: it is no such address.
        MissingExtraError: LanceDB or s3fs is not installed.
    """

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")
        if not _ADDRESS.fullmatch(self._address):
            raise UsageError(
                "store",
                f"{address} is no address in object storage",
                "give s3://BUCKET/PREFIX, the prefix of letters, digits, _ . = - and /",
            )
        need("an index", "lancedb")
        self.files = ObjectFiles(self._address)

    def open(self, version: int | None = None) -> LanceTable | None:
        """See :meth:`TableStore.open`.

        Raises:
            NotThereError: there is no such version.
        """
        with told(self._address):
            database = self._connect()
            if NAME not in database.list_tables().tables:
                return None
            table = database.open_table(NAME)
        return LanceTable(at_version(table, version, self._address), self._address)

    def stamp(self) -> None:
        """See :meth:`TableStore.stamp`: only the store knows."""

    def create(self, rows: pa.Table) -> LanceTable:
        """See :meth:`TableStore.create`."""
        with told(self._address):
            return LanceTable(self._connect().create_table(NAME, rows), self._address)

    def _connect(self) -> Any:
        need_threads()
        return import_lancedb().connect(self._address, storage_options=storage_options())


def storage_options() -> dict[str, str]:
    """What LanceDB has to be told of a service that is not Amazon's; it reads credentials itself,
    from the same environment as s3fs.
    """
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if not endpoint:
        return {}
    plain = endpoint.startswith("http://")
    return {"aws_endpoint": endpoint, "allow_http": "true" if plain else "false"}
