"""A column that the table holds for strategies: how it is computed of a logo, stored, and read for
scoring.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import pyarrow as pa

from marquery.arrays import AnyArray, Float16Array, Float32Array
from marquery.encoder.sources import Source
from marquery.index.strategies.analysis import LogoAnalysis
from marquery.index.strategies.projection import Projection

Loaded = TypeVar("Loaded")


@dataclass(frozen=True)
class VectorSizes:
    """Lengths of the vectors that an index stores."""

    whole: int
    """Of an embedding as the encoder gives it."""
    projected: int
    """After the index's projection."""


class StoredColumn(ABC, Generic[Loaded]):
    """A column of the table, one value a logo.

    Reading a logo calls :meth:`pictures` and :meth:`note`, in any thread; when the pictures are
    embedded, :meth:`value` gives what is stored. ``Loaded`` is the form in which :meth:`load` hands
    many values to scoring.
    """

    #: Name in the table.
    name: str
    #: Columns of the table that :meth:`load` reads; default: this one.
    reads: tuple[str, ...] = ()
    #: Null where it was not computed, so that it can be added to a table that lacks it.
    optional = False
    #: Place in the table and in the encoder's batches, from 0; the same for ever, so that vectors
    #: are to the last bit.
    order = 100
    #: An approximate index is built on it when the table is large.
    approximate = False
    #: It holds several vectors a logo.
    has_several = False
    #: It keeps so much less of a vector that the encoder's lower precision loses nothing more.
    compresses = False

    @abstractmethod
    def field(self, sizes: VectorSizes) -> pa.Field:
        """Name and Arrow type."""

    def pictures(self, logo: LogoAnalysis) -> Sequence[Source]:
        """Pictures of the logo that are embedded for this column."""
        return ()

    def note(self, logo: LogoAnalysis) -> Any:
        """What is read of the logo without the encoder."""
        return None

    def value(self, note: Any, vectors: Float32Array, projection: Projection) -> Any:
        """What is stored.

        Args:
            note: of :meth:`note`.
            vectors: (P, D), the embeddings of :meth:`pictures`.
            projection: of the index.
        """
        return note

    def to_arrow(self, values: Sequence[Any], field: pa.Field) -> pa.Array:
        """Values of many logos as an Arrow array; they come from :meth:`value`, or as the table
        gave them.
        """
        return pa.array(values, field.type)

    @abstractmethod
    def load(self, stored: pa.Table) -> Loaded:
        """Values of many logos, as scoring reads them; ``stored`` holds the columns
        :attr:`reads`.
        """


def vectors_of(column: Any) -> AnyArray:
    """A column of fixed-size lists as (N, D), without a copy where it lies in one piece."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    values: AnyArray = whole.flatten().to_numpy(zero_copy_only=False)
    return values.reshape(-1, whole.type.list_size)


def fixed_lists(values: AnyArray, dtype: type) -> pa.Array:
    """(N, D) as an Arrow array of lists of D values."""
    flat = pa.array(np.ascontiguousarray(values, dtype).reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, values.shape[1])


# Silhouettes or parts of more bytes stay float16 in memory and are widened when they are compared.
_WIDENED_BYTES = 512 * 2**20


def widened(vectors: Float16Array) -> AnyArray:
    """float16 as float32, unless that took more than 512 MiB."""
    return vectors.astype(np.float32) if vectors.size * 4 <= _WIDENED_BYTES else vectors
