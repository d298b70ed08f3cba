"""The contract between an index and the vector store that holds its rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from marquery.arrays import Float32Array
from marquery.index.metadata.conditions import Condition
from marquery.index.storage.shared_files import SharedFiles

#: A column that every answer may hold beside the stored ones: where the store keeps the row in this
#: version, uint64.
ROW_KEY = "_rowid"
RowKeys = npt.NDArray[np.uint64]

#: Vector stores by name: where the class is that opens them. A store is one class and one line
#: here. One that keeps its table in the folder of the index is made with that folder.
STORES: dict[str, str] = {"lance": "marquery.index.storage.lance:LanceStore"}
#: Likewise those that keep it elsewhere, by how an address begins, with which they are made.
DISTANT_STORES: dict[str, str] = {
    "s3": "marquery.index.storage.lance_objects:LanceObjectStore",
    "milvus": "marquery.index.storage.milvus.store:MilvusStore",
    "milvus-lite": "marquery.index.storage.milvus.store:MilvusStore",
}


@dataclass(frozen=True)
class TableStatistics:
    """What a store tells of a table without reading its rows."""

    rows: int
    bytes: int
    """Taken by this version; older versions that are kept are not counted."""
    indexed: frozenset[str]
    """Columns with an approximate index."""


class Table(Protocol):
    """One version of the rows of an index, one row a logo, with the key ``id``.

    Writing methods end when the change is whole and will be seen by whoever opens the table
    afterwards; killed before, the table is as it was. The handle that wrote then stands at the new
    version. Other handles stay at the version at which they were opened, whatever is written. One
    process writes at a time, which the caller sees to.
    """

    @property
    def version(self) -> int:
        """Number of this version, from 1; every write makes a higher one."""
        ...

    @property
    def schema(self) -> pa.Schema:
        """Names and types of the columns."""
        ...

    def count(self, where: Condition | None = None) -> int:
        """How many rows fulfil a condition; all without one."""
        ...

    def add(self, rows: pa.Table) -> None:
        """Append rows whose ids are not stored; ``rows`` has every column of the table."""
        ...

    def upsert(self, rows: pa.Table) -> None:
        """Write rows by their id.

        Rows that are stored get the given columns and keep their others. Where ``rows`` has every
        column of the table, rows that are not stored are added; else they are passed over.
        """
        ...

    def delete(self, where: Condition) -> None:
        """Remove the rows that fulfil a condition."""
        ...

    def add_columns(self, fields: Sequence[pa.Field]) -> None:
        """Add columns, null in every row."""
        ...

    def scan(
        self, columns: Sequence[str], where: Condition | None = None, batch_rows: int = 65536
    ) -> Iterator[pa.RecordBatch]:
        """Read columns batch by batch, in constant memory.

        Args:
            columns: stored columns, and :data:`ROW_KEY` if wanted.
            where: only rows that fulfil it.
            batch_rows: rows a batch at most.
        """
        ...

    def read(self, columns: Sequence[str], where: Condition | None = None) -> pa.Table:
        """Read columns of all rows that fulfil a condition, in no order."""
        ...

    def take(self, keys: Sequence[int], columns: Sequence[str]) -> pa.Table:
        """Read columns of some rows by their :data:`ROW_KEY` in this version, in no order."""
        ...

    def nearest(
        self,
        column: str,
        vectors: Float32Array,
        k: int,
        where: Condition | None = None,
        *,
        probes: int,
        enough: int | None = None,
    ) -> RowKeys:
        """Keys of the rows that are nearest to any of several vectors by cosine, found by the
        approximate index of a column.

        Args:
            column: one of :attr:`TableStatistics.indexed`; in a column of lists of vectors the
                nearest one counts.
            vectors: float32 (Q, D), Q >= 1.
            k: how many at most.
            where: only rows that fulfil it; they are chosen before the search, not after.
            probes: clusters of the index that are looked into; more find more and take longer.
            enough: with a filter, so many rows near to each vector suffice, which a store may find
                sooner; None: k.

        Returns:
            At most k keys, in no order.
        """
        ...

    def build_index(self, column: str) -> None:
        """Build an approximate index by cosine on a column of vectors, or of lists of vectors."""
        ...

    def optimise(self, *, forget: bool = False) -> None:
        """Merge small pieces and bring approximate indices up to date; rows stay the same.

        Args:
            forget: drop older versions at once, where they take room of their own.
        """
        ...

    def statistics(self) -> TableStatistics:
        """Sizes and indices, without reading rows."""
        ...


def nearest_of_all(keys: RowKeys, distances: Float32Array, k: int) -> RowKeys:
    """What several searches found, brought together: at most k keys, each by its least distance.

    Args:
        keys: uint64 (N,), a key may be there several times.
        distances: (N,).
        k: how many at most.
    """
    ordered = keys[np.argsort(distances, kind="stable")]
    _, first = np.unique(ordered, return_index=True)
    return ordered[np.sort(first)[:k]]


class TableStore(Protocol):
    """Where a store keeps the table of one index."""

    @property
    def files(self) -> SharedFiles | None:
        """Where the other files of the index are kept beside the table; None if they are where the
        folder is.
        """
        ...

    def open(self, version: int | None = None) -> Table | None:
        """The table at its newest version, or at another; None if nothing was added yet.

        Raises:
            NotThereError: there is no such version.
        """
        ...

    def create(self, rows: pa.Table) -> Table:
        """Make the table from its first rows."""
        ...

    def stamp(self) -> object | None:
        """What is never the same after a change, and costs next to nothing to ask for; None where
        only opening the table tells.
        """
        ...


def open_store(name: str, folder: Path) -> TableStore:
    """The store of an index.

    Args:
        name: a key of :data:`STORES`, or the address of a store that is elsewhere.
        folder: of the index.

    Raises:
        UsageError: the address is none.
        MarqueryError: what the store needs is not installed, or it cannot be reached.
    """
    if name in STORES:
        return cast(Callable[[Path], TableStore], _named(STORES[name]))(folder)
    return cast(Callable[[str], TableStore], _named(DISTANT_STORES[_scheme(name)]))(name)


def is_address(place: object) -> bool:
    """Whether a place is the address of a store that is elsewhere, and not a folder.

    >>> is_address("milvus-lite:marks.db"), is_address("marks"), is_address("c:/marks")
    (True, False, False)
    """
    return isinstance(place, str) and _scheme(place) in DISTANT_STORES


def whole_address(address: str) -> str:
    """An address that means the same in every folder."""
    scheme, _, rest = address.partition(":")
    if scheme == "milvus-lite":
        return f"{scheme}:{Path(rest).absolute()}"
    return address.rstrip("/")


def is_store(name: str) -> bool:
    """Whether this version knows the store of an index."""
    return name in STORES or is_address(name)


def _scheme(address: str) -> str:
    return address.partition(":")[0] if ":" in address else ""


def _named(home: str) -> object:
    module, _, attribute = home.partition(":")
    return getattr(import_module(module), attribute)
