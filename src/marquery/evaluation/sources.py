"""Embeddings from files: parquet tables and NumPy matrices, read without holding them in memory."""

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from posixpath import join, normpath
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from marquery.arrays import AnyArray, Int64Array
from marquery.errors import MarqueryError
from marquery.evaluation.archives import read_archive
from marquery.labels import group_name
from marquery.names import as_unicode, path_to_text

#: Endings of files that hold embeddings.
SUFFIXES = (".parquet", ".npy", ".npz")
_ROWS = 8192


@dataclass(frozen=True)
class EmbeddingFile:
    """Embeddings with what is known of each.

    Attributes:
        source: the file.
        vectors: (N, D) numbers, memory-mapped.
        paths: (N,) image files as the file names them, as text (:mod:`marquery.names`); empty where
            it names none.
        groups: (N,) group names, ``""`` = unlabelled; empty where the file has none.
    """

    source: Path
    vectors: AnyArray
    paths: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def rows_of(self, root: Path, paths: Sequence[str]) -> Int64Array:
        """(len(paths),) row of each file, -1 where there is none.

        Args:
            root: folder that ``paths`` are relative to. The file's own paths may be absolute,
                relative to the working folder, or relative to ``root``.
            paths: relative POSIX paths, as text.

        Raises:
            MarqueryError: the file names no paths, or one of them twice.
        """
        if not self.paths:
            raise MarqueryError(
                f"{self.source}: names no image files, so its rows cannot be told apart; "
                + _beside(self.source, "path")
            )
        # Strings, not Path.resolve: of a million files that would be minutes.
        here = path_to_text(Path.cwd())
        place = {normpath(join(here, path)): row for row, path in enumerate(self.paths)}
        if len(place) < len(self.paths):
            raise MarqueryError(f"{self.source}: names an image file twice; keep one row a file")
        known = {path: row for row, path in enumerate(self.paths)}
        base = normpath(join(here, path_to_text(root)))
        found = (place.get(join(base, path), known.get(path, -1)) for path in paths)
        return np.fromiter(found, np.int64, len(paths))


@contextmanager
def open_embeddings(source: str | os.PathLike[str]) -> Iterator[EmbeddingFile]:
    """Open a file of embeddings; what it yields holds until the block ends.

    Groups are read as :func:`marquery.labels.group_name` says: −1, null and NaN are unlabelled.

    ``.npy``: a matrix (N, D), memory-mapped; a table of the same name ending in ``.csv`` may stand
    beside it, with a column ``path`` or ``group`` or both and a row for each of the matrix.
    ``.npz``: arrays ``embeddings`` (N, D), and ``groups`` or ``paths`` or both, (N,); the names
    that other programs use are known too (:mod:`marquery.evaluation.archives`).
    ``.parquet``: columns ``embedding`` (lists of numbers, all of one length), and ``path`` or
    ``group`` or both. A parquet table is copied to a temporary matrix on disk some rows at a time,
    so that memory does not grow with it.

    Raises:
        MarqueryError: no such file, another kind of file, columns missing, or rows that do not fit.
    """
    path = Path(source)
    if path.suffix not in SUFFIXES:
        raise MarqueryError(
            f"{path}: embeddings are read from {', '.join(SUFFIXES)} files; name one of them"
        )
    if not path.is_file():
        raise MarqueryError(f"{path}: no such file; name a file of embeddings")
    if path.suffix == ".npy":
        yield _open_matrix(path)
        return
    if path.suffix == ".npz":
        named = read_archive(path)
        paths, groups = map(_path, named.paths), map(group_name, named.groups)
        yield EmbeddingFile(path, named.vectors, tuple(paths), tuple(groups))
        return
    with TemporaryDirectory(prefix="marquery-") as folder:
        yield _open_table(path, Path(folder) / "vectors.npy")


def _open_matrix(path: Path) -> EmbeddingFile:
    try:
        vectors = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise MarqueryError(
            f"{path}: not a readable .npy matrix ({error}); save it again with numpy.save"
        ) from error
    if vectors.ndim != 2:
        raise MarqueryError(f"{path}: has shape {vectors.shape}; give a matrix (items, dim)")
    beside = path.with_suffix(".csv")
    if not beside.is_file():
        return EmbeddingFile(path, vectors)
    try:
        with beside.open(newline="", encoding="utf-8-sig") as stream:
            header, *rows = [line or [""] for line in csv.reader(stream)] or [[]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MarqueryError(
            f"{beside}: not a readable table ({error}); save it as UTF-8 CSV"
        ) from error
    if len(rows) != len(vectors):
        raise MarqueryError(
            f"{beside}: {len(rows):,} rows for the {len(vectors):,} of {path.name}; write one each"
        )
    if not {"path", "group"} & set(header):
        raise MarqueryError(f"{beside}: has neither a column path nor a column group; add one")
    uneven = next((n for n, row in enumerate(rows, 2) if len(row) != len(header)), None)
    if uneven is not None:
        raise MarqueryError(
            f"{beside}: line {uneven} has another number of columns than the first; "
            "write as many on each line"
        )
    columns = zip(*rows, strict=True) if rows else ((),) * len(header)
    named = dict(zip(header, columns, strict=True))
    groups = tuple(map(group_name, named.get("group", ())))
    return EmbeddingFile(path, vectors, named.get("path", ()), groups)


def _path(value: object) -> str:
    """A path of a table as text; some store the bytes of names."""
    if isinstance(value, bytes):
        return path_to_text(os.fsdecode(value))
    return "" if value is None else as_unicode(str(value))


# How the cells of a column are read.
_READ: dict[str, Callable[[object], str]] = {"path": _path, "group": group_name}


def _open_table(path: Path, scratch: Path) -> EmbeddingFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path)
        columns = set(table.schema_arrow.names)
        if "embedding" not in columns:
            raise MarqueryError(f"{path}: has no column embedding; embed the logos again")
        texts: dict[str, list[str]] = {name: [] for name in ("path", "group") if name in columns}
        out: AnyArray | None = None
        start = 0
        for batch in table.iter_batches(_ROWS, columns=["embedding", *texts]):
            rows = _matrix(path, batch.column("embedding"), start)
            if out is None:
                shape = (table.metadata.num_rows, rows.shape[1])
                out = np.lib.format.open_memmap(scratch, "w+", rows.dtype, shape)
            if rows.shape[1] != out.shape[1]:
                raise _uneven(path, start)
            out[start : start + len(rows)] = rows
            start += len(rows)
            for name, values in texts.items():
                values.extend(map(_READ[name], batch.column(name).to_pylist()))
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise MarqueryError(
            f"{path}: not a readable parquet table ({reason}); embed the logos again"
        ) from error
    if out is None:
        raise MarqueryError(f"{path}: holds no rows; embed some logos")
    named = {name: tuple(values) for name, values in texts.items()}
    return EmbeddingFile(path, out, named.get("path", ()), named.get("group", ()))


def _matrix(path: Path, column: Any, start: int) -> AnyArray:
    """A column of lists as a matrix of shape (rows, D)."""
    if column.null_count:
        raise MarqueryError(f"{path}: a row after row {start:,} has no embedding; leave it out")
    try:
        flat = column.flatten().to_numpy(zero_copy_only=False)
    except AttributeError as error:
        raise _no_numbers(path) from error
    if flat.dtype.kind not in "fiu":
        raise _no_numbers(path)
    if len(flat) % len(column):
        raise _uneven(path, start)
    width = len(flat) // len(column)
    lengths = column.value_lengths().to_numpy(zero_copy_only=False)
    if (lengths != width).any():
        raise _uneven(path, start)
    rows: AnyArray = flat.reshape(len(column), width)
    return rows


def _no_numbers(path: Path) -> MarqueryError:
    return MarqueryError(
        f"{path}: the column embedding holds no lists of numbers; embed the logos again"
    )


def _uneven(path: Path, start: int) -> MarqueryError:
    return MarqueryError(
        f"{path}: embeddings of several lengths, the first after row {start:,}; "
        "embed all with one model"
    )


def _beside(source: Path, column: str) -> str:
    """What to do about a column that is not there."""
    if source.suffix == ".parquet":
        return f"add a column {column}"
    if source.suffix == ".npz":
        return f"add an array {column}s"
    return f"write {source.with_suffix('.csv').name} beside it with a column {column}"


def need_groups(file: EmbeddingFile) -> tuple[str, ...]:
    """The groups of a file.

    Raises:
        MarqueryError: it has none.
    """
    if not file.groups:
        raise MarqueryError(
            f"{file.source}: names no groups; "
            + _beside(file.source, "group")
            + ", or name the data set that the files are of"
        )
    return file.groups
