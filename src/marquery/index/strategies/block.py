"""Stored logos as arrays, to be scored many at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from marquery.index.storage.schema import matrix
from marquery.index.strategies.palette import COLORS, Palettes
from marquery.index.strategies.wording import Texts, plain

Float32Array = npt.NDArray[np.float32]
Int64Array = npt.NDArray[np.int64]

#: Columns that a block is made of.
COLUMNS = ("id", "vector", "shape", "parts", "part_kinds", "colors", "words")
# Silhouettes or parts of more bytes stay float16 in memory and are widened when they are compared.
_WIDENED_BYTES = 512 * 2**20
_ROWS = 16384


@dataclass(frozen=True)
class Block:
    """N logos with M part vectors in all, by ascending id. Columns that were not asked for are empty."""

    ids: Int64Array
    rows: npt.NDArray[np.uint64]
    """Where the table keeps each logo."""
    vector: Float32Array
    """(N, D) of whole logos."""
    shape: npt.NDArray[Any]
    """(N, d) of silhouettes, float32 or float16."""
    parts: npt.NDArray[Any]
    """(M, d), float32 or float16: of each logo the whole first, then its parts."""
    starts: Int64Array
    """(N,): row in ``parts`` of each logo's first vector."""
    is_words: npt.NDArray[np.bool_]
    """(M,): the part is writing."""
    colors: Float32Array
    """(N, 5, 4), see :func:`marquery.index.strategies.palette.dominant_colors`."""
    words: list[str | None]
    """(N,), as they were read."""

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def no_figure(self) -> npt.NDArray[np.bool_]:
        """(M,): writing, and wholes that hold some; what a search for figures passes over."""
        out = self.is_words.copy()
        if len(self.starts):
            out[self.starts] = np.logical_or.reduceat(self.is_words, self.starts)
        return out

    @cached_property
    def texts(self) -> Texts:
        """The words, as they are compared."""
        return Texts([plain(text or "") for text in self.words])

    @cached_property
    def palettes(self) -> Palettes:
        """The colours, as they are compared."""
        return Palettes(self.colors)

    def best_parts(
        self, queries: Float32Array, passed_over: npt.NDArray[np.bool_] | None = None
    ) -> Float32Array:
        """(Q, N): the highest cosine of each query (Q, d) with any part of each logo."""
        similar = np.empty((len(queries), len(self.parts)), np.float32)
        for start in range(0, len(self.parts), _ROWS):
            some = slice(start, start + _ROWS)
            similar[:, some] = queries @ self.parts[some].astype(np.float32, copy=False).T
        if passed_over is not None:
            similar[:, passed_over] = -1
        best: Float32Array = np.maximum.reduceat(similar, self.starts, axis=1)
        return best

    def which_part(
        self,
        index: int,
        queries: Float32Array,
        passed_over: npt.NDArray[np.bool_] | None = None,
    ) -> int:
        """Of one logo the part nearest to any of the queries: 0 the whole, 1 its first part, and so on."""
        end = self.starts[index + 1] if index + 1 < len(self) else len(self.parts)
        some = slice(int(self.starts[index]), int(end))
        similar = queries @ self.parts[some].astype(np.float32, copy=False).T
        if passed_over is not None:
            similar[:, passed_over[some]] = -1
        return int(similar.max(axis=0).argmax())


def read_block(stored: Any, columns: tuple[str, ...] = COLUMNS) -> Block:
    """A block of an Arrow table that has ``_rowid``, ``id`` and the columns asked for."""
    ids = stored["id"].to_numpy().astype(np.int64, copy=False)
    order = np.argsort(ids, kind="stable")
    if not np.array_equal(order, np.arange(len(ids))):
        stored = stored.take(pa.array(order))
        ids = ids[order]
    empty = np.empty((len(ids), 0), np.float32)
    parts, starts, is_words = _parts(stored, columns)
    return Block(
        ids=ids,
        rows=stored["_rowid"].to_numpy(),
        vector=matrix(stored["vector"]) if "vector" in columns else empty,
        shape=_widened(matrix(stored["shape"])) if "shape" in columns else empty,
        parts=parts,
        starts=starts,
        is_words=is_words,
        colors=(
            matrix(stored["colors"]).reshape(-1, COLORS, 4)
            if "colors" in columns
            else empty.reshape(len(ids), 0, 0)
        ),
        words=stored["words"].to_pylist() if "words" in columns else [],
    )


def read_blocks(query: Any, columns: tuple[str, ...], rows: int) -> Iterator[Block]:
    """Blocks of the rows that a query gives, so many at a time."""
    for batch in query.to_batches(rows):
        if len(batch):
            yield read_block(pa.Table.from_batches([batch]), columns)


def _parts(
    stored: Any, columns: tuple[str, ...]
) -> tuple[npt.NDArray[Any], Int64Array, npt.NDArray[np.bool_]]:
    if "parts" not in columns:
        return np.empty((0, 0), np.float32), np.empty(0, np.int64), np.empty(0, np.bool_)
    lists = stored["parts"].combine_chunks()
    vectors = _widened(matrix(lists.flatten()))
    counts = np.asarray(lists.value_lengths()).astype(np.int64)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)[:-1]])[: len(counts)]
    kinds = stored["part_kinds"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    is_words = np.zeros(len(vectors), np.bool_)
    is_part = np.ones(len(vectors), np.bool_)
    is_part[starts] = False
    is_words[is_part] = kinds == "words"
    return vectors, starts, is_words


def _widened(vectors: npt.NDArray[np.float16]) -> npt.NDArray[Any]:
    return vectors.astype(np.float32) if vectors.size * 4 <= _WIDENED_BYTES else vectors
