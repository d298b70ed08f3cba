"""The parts of stored logos: their vectors, kinds and boxes. The strategies ``part`` and ``figure``
share them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from marquery.arrays import AnyArray, BoolArray, Float32Array, Int64Array
from marquery.encoder.sources import Source
from marquery.index.strategies.analysis import LogoAnalysis
from marquery.index.strategies.columns import (
    StoredColumn,
    VectorSizes,
    fixed_lists,
    vectors_of,
    widened,
)
from marquery.index.strategies.cutting import cut_all, cut_part
from marquery.index.strategies.products import dot_products
from marquery.index.strategies.projection import Projection


@dataclass(frozen=True)
class PartVectors:
    """The parts of N logos, M in all."""

    vectors: AnyArray
    """(M, d), float32 or float16: of each logo the whole first, then its parts."""
    starts: Int64Array
    """(N,): row in ``vectors`` of each logo's whole."""

    def best(self, queries: Float32Array, passed_over: BoolArray | None = None) -> Float32Array:
        """(Q, N): the highest cosine of each query (Q, d) with any part of each logo."""
        similar = dot_products(self.vectors, queries)
        if passed_over is not None:
            similar[:, passed_over] = -1
        best: Float32Array = np.maximum.reduceat(similar, self.starts, axis=1)
        return best

    def compared(self, queries: Float32Array) -> tuple[Float32Array, Float32Array]:
        """(Q, N) each: the highest cosine of each query (Q, d) with any part of each logo, and that
        with its whole.
        """
        similar = dot_products(self.vectors, queries)
        best: Float32Array = np.maximum.reduceat(similar, self.starts, axis=1)
        return best, similar[:, self.starts]

    def nearest(
        self, index: int, queries: Float32Array, passed_over: BoolArray | None = None
    ) -> int:
        """Of one logo the part nearest to any of the queries: 0 the whole, 1 its first part, and so
        on.

        Args:
            index: which logo.
            queries: float32 (Q, d), of length 1.
            passed_over: bool, parts that are not compared.
        """
        last = index + 1 == len(self.starts)
        some = slice(
            int(self.starts[index]),
            len(self.vectors) if last else int(self.starts[index + 1]),
        )
        similar = queries @ self.vectors[some].astype(np.float32, copy=False).T
        if passed_over is not None:
            similar[:, passed_over[some]] = -1
        return int(similar.max(axis=0).argmax())


class PartColumn(StoredColumn[PartVectors]):
    """Embeddings of the whole logo, cut out, and of its parts, projected, float16."""

    name = "parts"
    order = 20
    approximate = True
    has_several = True
    compresses = True

    def field(self, sizes: VectorSizes) -> pa.Field:
        """Lists of vectors of float16."""
        return pa.field(self.name, pa.list_(pa.list_(pa.float16(), sizes.projected)))

    def pictures(self, logo: LogoAnalysis) -> Sequence[Source]:
        """The whole cut out, then each part."""
        found = logo.segmentation
        cuts = (cut_part(logo.pixels, found, part.labels) for part in logo.parts)
        return [cut_all(logo.pixels, found), *cuts]

    def value(self, note: Any, vectors: Float32Array, projection: Projection) -> Any:
        """(1 + P, d)."""
        return projection(vectors)

    def to_arrow(self, values: Sequence[Any], field: pa.Field) -> pa.Array:
        """Lists of lists of d values."""
        ends = np.cumsum([0, *map(len, values)])
        return pa.ListArray.from_arrays(
            pa.array(ends, pa.int32()), fixed_lists(np.concatenate(values), np.float16)
        )

    def load(self, stored: pa.Table) -> PartVectors:
        """All vectors, and where each logo's begin."""
        lists = stored[self.name].combine_chunks()
        vectors = widened(vectors_of(lists.flatten()))
        counts = np.asarray(lists.value_lengths()).astype(np.int64)
        return PartVectors(vectors, _starts(counts))


class PartKinds(StoredColumn[BoolArray]):
    """``words``, ``figure`` or ``shape`` of each part."""

    name = "part_kinds"
    order = 21

    def field(self, sizes: VectorSizes) -> pa.Field:
        """Lists of text."""
        return pa.field(self.name, pa.list_(pa.string()))

    def note(self, logo: LogoAnalysis) -> Any:
        """One kind a part."""
        return [part.kind for part in logo.parts]

    def load(self, stored: pa.Table) -> BoolArray:
        """(M,) of the vectors of :class:`PartVectors` those of writing, and of wholes that hold
        some: what a search for figures passes over.
        """
        kinds = stored[self.name].combine_chunks()
        counts = 1 + np.asarray(kinds.value_lengths()).astype(np.int64)
        starts = _starts(counts)
        is_part = np.ones(int(counts.sum()), np.bool_)
        is_part[starts] = False
        passed_over = np.zeros(len(is_part), np.bool_)
        passed_over[is_part] = kinds.flatten().to_numpy(zero_copy_only=False) == "words"
        if len(starts):
            passed_over[starts] = np.logical_or.reduceat(passed_over, starts)
        return passed_over


def _starts(counts: Int64Array) -> Int64Array:
    """(N,): where each of N lists begins that stand one after another."""
    starts: Int64Array = np.cumsum(counts) - counts
    return starts


class PartBoxes(StoredColumn[list[Any]]):
    """x, y, width, height of each part, one after another, in pixels of the file."""

    name = "part_boxes"
    order = 22

    def field(self, sizes: VectorSizes) -> pa.Field:
        """Lists of numbers, four a part."""
        return pa.field(self.name, pa.list_(pa.int32()))

    def note(self, logo: LogoAnalysis) -> Any:
        """Boxes brought from the analysed picture to the file's size."""
        return [v for part in logo.parts for v in _in_file(part.box, logo.scale)]

    def load(self, stored: pa.Table) -> list[Any]:
        """Python values; they are shown, not compared."""
        return list(stored[self.name].to_pylist())


def _in_file(box: tuple[int, int, int, int], scale: float) -> tuple[int, int, int, int]:
    if scale == 1:
        return box
    x, y, width, height = (round(v / scale) for v in box)
    return x, y, max(width, 1), max(height, 1)


PARTS, PART_KINDS, PART_BOXES = PartColumn(), PartKinds(), PartBoxes()
COLUMNS: tuple[StoredColumn[Any], ...] = (PARTS, PART_KINDS, PART_BOXES)
