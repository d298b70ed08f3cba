"""Stored logos as arrays, to be scored many at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from marquery.arrays import Int64Array
from marquery.index.strategies.columns import Loaded, StoredColumn

Reader = Callable[[Sequence[str]], pa.Table]


class Block:
    """N logos by ascending id. Columns are read and brought into their form when they are first
    asked for.

    Args:
        ids: (N,) ascending.
        keys: (N,) where the table keeps each logo.
        read: gives the named columns of these logos, in this order.
    """

    def __init__(self, ids: Int64Array, keys: npt.NDArray[np.uint64], read: Reader) -> None:
        self.ids = ids
        self.keys = keys
        self._read = read
        self._loaded: dict[str, Any] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def column(self, column: StoredColumn[Loaded]) -> Loaded:
        """The values of a column."""
        if column.name not in self._loaded:
            self._loaded[column.name] = column.load(self._read(column.reads or (column.name,)))
        return cast(Loaded, self._loaded[column.name])


def block_of(stored: pa.Table, key: str) -> Block:
    """A block of rows in memory.

    Args:
        stored: with the columns ``id`` and ``key``, and those that will be asked for; columns of
            a block that no table stores may be left out.
        key: name of the column that says where the table keeps each row.
    """
    ordered = by_id(stored)
    return Block(
        ordered["id"].to_numpy().astype(np.int64, copy=False),
        ordered[key].to_numpy(),
        lambda names: ordered.select([name for name in names if name in ordered.column_names]),
    )


def by_id(stored: pa.Table) -> pa.Table:
    """The same rows by ascending id."""
    ids = stored["id"].to_numpy()
    order = np.argsort(ids, kind="stable")
    if np.array_equal(order, np.arange(len(ids))):
        return stored
    return stored.take(pa.array(order))


def blocks_of(batches: Iterable[pa.RecordBatch], key: str) -> Iterator[Block]:
    """A block of each batch that is not empty."""
    for batch in batches:
        if len(batch):
            yield block_of(pa.Table.from_batches([batch]), key)
