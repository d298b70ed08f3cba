"""The table of an index in LanceDB, embedded."""

import re
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from marquery.arrays import Float32Array
from marquery.elsewhere import unreachable
from marquery.errors import MarqueryError, NotThereError
from marquery.extras import need
from marquery.files import unwritable
from marquery.forks import need_threads
from marquery.index.metadata.conditions import Condition
from marquery.index.storage.lance_filters import to_sql
from marquery.index.storage.lance_nearest import NearestRows, is_of_lists
from marquery.index.storage.light_lancedb import import_lancedb
from marquery.index.storage.table import ROW_KEY, RowKeys, TableStatistics
from marquery.names import as_unicode

#: Of the table.
NAME = "logos"
# A time of change that lies so far back stays as it is if nothing changes; clocks of file systems
# are coarse, some of whole seconds.
_SETTLED_NS = 3 * 10**9
# Bits a dimension of the vectors of lists, which are short: by one bit each, a thousand rows have
# to be compared in full so that the nearest ten are among them; by four, a hundred.
_LIST_BITS = 4
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class LanceStore:
    """A folder ``logos.lance`` within the folder of the index.

    Raises:
        MissingExtraError: LanceDB is not installed.
        MarqueryError: LanceDB cannot use the place.
    """

    def __init__(self, folder: Path) -> None:
        need("an index", "lancedb")
        place = str(folder.absolute())
        if as_unicode(place) != place or _CONTROL.search(place):
            raise MarqueryError(
                f"{folder}: the name is not UTF-8 without control characters, as LanceDB needs it; "
                "choose another place"
            )
        self.folder = folder
        self.files = None

    def open(self, version: int | None = None) -> "LanceTable | None":
        """See :meth:`TableStore.open`.

        Raises:
            NotThereError: there is no such version.
        """
        if not (self.folder / f"{NAME}.lance" / "_versions").is_dir():
            return None
        place = self.folder / f"{NAME}.lance"
        with _told(place):
            table = self._connect().open_table(NAME)
        return LanceTable(at_version(table, version, self.folder), place)

    def create(self, rows: pa.Table) -> "LanceTable":
        """See :meth:`TableStore.create`."""
        place = self.folder / f"{NAME}.lance"
        with _told(place, written=True):
            return LanceTable(self._connect().create_table(NAME, rows), place)

    def stamp(self) -> object | None:
        """See :meth:`TableStore.stamp`: of the folder to which each version adds a file.

        Two changes within one tick of the clock leave one time: a time counts once it is past.
        """
        try:
            state = (self.folder / f"{NAME}.lance" / "_versions").stat()
        except OSError:
            return None
        age = time.time_ns() - state.st_mtime_ns
        return (state.st_ino, state.st_mtime_ns) if age > _SETTLED_NS else None

    def _connect(self) -> Any:
        need_threads()
        return import_lancedb().connect(str(self.folder))


def at_version(table: Any, version: int | None, place: object) -> Any:
    """A table of LanceDB, put to a version.

    Args:
        table: at its newest version.
        version: None: the newest.
        place: of the index, to be named in an error.

    Raises:
        NotThereError: there is no such version.
    """
    if version is None:
        return table
    try:
        if not 0 < version < 2**63:
            raise ValueError
        table.checkout(version)
    except (ValueError, RuntimeError) as error:
        raise NotThereError(
            "version", f"{place} has no version {str(version)[:20]}", f"it is at {table.version}"
        ) from error
    return table


class LanceTable:
    """See :class:`~marquery.index.storage.table.Table`.

    Args:
        table: of LanceDB.
        place: its folder or address, to be named in errors.
    """

    def __init__(self, table: Any, place: Path | str) -> None:
        self._table = table
        self._place = place
        self._nearest = NearestRows(table, self._keys)

    @property
    def version(self) -> int:
        """Number of this version."""
        return int(self._table.version)

    @property
    def schema(self) -> pa.Schema:
        """Names and types of the columns."""
        return self._table.schema

    def count(self, where: Condition | None = None) -> int:
        """How many rows fulfil a condition."""
        with _told(self._place):
            return int(self._table.count_rows(None if where is None else to_sql(where)))

    def add(self, rows: pa.Table) -> None:
        """Append rows."""
        with _told(self._place, written=True):
            self._table.add(rows)

    def upsert(self, rows: pa.Table) -> None:
        """Write rows by their id."""
        merge = self._table.merge_insert("id").when_matched_update_all()
        if set(rows.schema.names) == set(self.schema.names):
            merge = merge.when_not_matched_insert_all()
        with _told(self._place, written=True):
            merge.execute(rows)

    def delete(self, where: Condition) -> None:
        """Remove rows."""
        with _told(self._place, written=True):
            self._table.delete(to_sql(where))

    def add_columns(self, fields: Sequence[pa.Field]) -> None:
        """Add columns of nulls."""
        with _told(self._place, written=True):
            self._table.add_columns(list(fields))

    def scan(
        self, columns: Sequence[str], where: Condition | None = None, batch_rows: int = 65536
    ) -> Iterator[pa.RecordBatch]:
        """See :meth:`Table.scan`."""
        with _told(self._place):
            yield from self._query(columns, where).to_batches(batch_rows)

    def read(self, columns: Sequence[str], where: Condition | None = None) -> pa.Table:
        """Read columns of rows."""
        with _told(self._place):
            return self._query(columns, where).to_arrow()

    def take(self, keys: Sequence[int], columns: Sequence[str]) -> pa.Table:
        """Read columns of some rows by their keys."""
        query = self._table.take_row_ids(list(keys))
        if ROW_KEY in columns:
            query = query.with_row_id()
        with _told(self._place):
            return query.select([name for name in columns if name != ROW_KEY]).to_arrow()

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
        """See :meth:`Table.nearest`."""
        with _told(self._place):
            return self._nearest.search(
                column, vectors, k, where, probes=probes, enough=k if enough is None else enough
            )

    def build_index(self, column: str) -> None:
        """IVF with RaBitQ codes; what it finds is to be compared again in full."""
        from lancedb.index import IvfRq

        config = IvfRq(distance_type="cosine", num_bits=self._bits(column))
        with _told(self._place, written=True):
            self._table.create_index(column, config=config)

    def optimise(self, *, forget: bool = False) -> None:
        """Merge small pieces, bring indices up to date. By default older versions go after seven
        days.
        """
        with _told(self._place, written=True), warnings.catch_warnings():
            # That readers of an older version fail is for the caller to know.
            warnings.filterwarnings("ignore", "optimize\\(cleanup_older_than=0", UserWarning)
            self._table.optimize(cleanup_older_than=timedelta(0) if forget else None)

    def statistics(self) -> TableStatistics:
        """Sizes and indices, from the table's own bookkeeping."""
        with _told(self._place):
            told = self._table.stats()
            indices = self._table.list_indices()
        # One of other codes does not find what is asked of it, and is to be built anew.
        indexed = {
            column
            for index in indices
            for column in index.columns
            if _bits_of(index) in (None, self._bits(column))
        }
        return TableStatistics(int(told["num_rows"]), int(told["total_bytes"]), frozenset(indexed))

    def _keys(self, where: Condition) -> RowKeys:
        keys: RowKeys = self.read((ROW_KEY,), where)[ROW_KEY].to_numpy()
        return keys

    def _bits(self, column: str) -> int:
        """Of the code of a dimension."""
        return _LIST_BITS if is_of_lists(self.schema.field(column)) else 1

    def _query(self, columns: Sequence[str], where: Condition | None) -> Any:
        stored = [name for name in columns if name != ROW_KEY]
        # LanceDB takes no names for all of them.
        query = self._table.search().select(stored or [ROW_KEY])
        if ROW_KEY in columns:
            query = query.with_row_id(True)
        query = query.limit(None)
        return query if where is None else query.where(to_sql(where))


def _bits_of(index: Any) -> int | None:
    """Bits a dimension, by which an approximate index was built; None where LanceDB is silent."""
    details = getattr(index, "index_details", None) or {}
    bits: int | None = (details.get("compression") or {}).get("num_bits")
    return bits


@contextmanager
def _told(place: Path | str, written: bool = False) -> Iterator[None]:
    """Turn what LanceDB says of a disk or of a damaged file into one sentence.

    Args:
        place: folder of the table.
        written: whether it is written meanwhile.

    Raises:
        MarqueryError: the table cannot be written, or is damaged.
    """
    try:
        yield
    except (MarqueryError, KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:
        # What goes wrong in Rust is an OSError, RuntimeError or ValueError, or, where it panics, a
        # class of its own that is no Exception.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        if isinstance(place, str):
            raise unreachable(place, error) from error
        if written:
            raise unwritable(place, error) from error
        said = " ".join(str(error).split())[:200]
        raise MarqueryError(
            f"{place}: the index is damaged ({said}); put it back from a copy, or build it again "
            "in a new folder"
        ) from error
