"""The ranked items as one long matrix, read block by block, rows scaled to unit length."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from marquery.arrays import AnyArray, FloatArray, Int64Array
from marquery.errors import UsageError
from marquery.evaluation.inputs import as_array

#: Whatever :func:`marquery.evaluation.inputs.as_array` takes.
Embeddings = Any
#: Rows this close to unit length are taken as they are; well under the tolerance of ties.
_UNIT = 5e-7


@dataclass(frozen=True)
class Pool:
    """Matrices stacked without copying: anything with a 2-D ``shape`` and NumPy row indexing.

    Attributes:
        names: parameter that each matrix was given as, for errors.
        parts: matrices of shape (rows, D), such as arrays and memory maps.
        dtype: float32, or float64 where a matrix is float64; what blocks are computed in.
    """

    names: tuple[str, ...]
    parts: tuple[AnyArray, ...]
    dtype: npt.DTypeLike

    def __len__(self) -> int:
        return sum(len(part) for part in self.parts)

    def blocks(self, size: int) -> Iterator[tuple[int, FloatArray]]:
        """Each block's first position in the pool and its unit rows, (at most size, D)."""
        start = 0
        for name, part in zip(self.names, self.parts, strict=True):
            for row in range(0, len(part), size):
                yield start + row, unit_rows(part[row : row + size], self.dtype, name, row)
            start += len(part)

    def take(self, positions: Int64Array) -> FloatArray:
        """Unit rows at sorted positions of the pool, (len(positions), D)."""
        taken = []
        start = 0
        for name, part in zip(self.names, self.parts, strict=True):
            here = positions[(positions >= start) & (positions < start + len(part))] - start
            taken.append(unit_rows(part[here], self.dtype, name))
            start += len(part)
        return np.concatenate(taken)


def unit_rows(rows: AnyArray, dtype: npt.DTypeLike, name: str, first: int = 0) -> FloatArray:
    """Rows scaled to unit length: their dot products are cosine similarities.

    Args:
        rows: (N, D).
        dtype: of the result.
        name: parameter that the rows were given as, for an error.
        first: number of the first row, for an error.

    Returns:
        (N, D) of the given dtype; rows of zeros stay zero.

    Raises:
        UsageError: a row holds NaN or infinity; ``name`` and ``first`` say which.
    """
    values: FloatArray = np.ascontiguousarray(rows, dtype=dtype)
    squares = np.einsum("ij,ij->i", values, values)
    if not np.isfinite(squares).all():
        row = first + int(np.flatnonzero(~np.isfinite(squares))[0])
        raise UsageError(
            name,
            f"row {row} holds NaN, infinity or values too large to square",
            "leave that item out or embed it again",
        )
    norms = np.sqrt(squares)
    norms[(np.abs(norms - 1) < _UNIT) | (norms == 0)] = 1
    if (norms == 1).all():
        return values
    scaled: FloatArray = values / norms[:, None]
    return scaled


def as_matrix(embeddings: Any, name: str) -> AnyArray:
    """Embeddings of shape (rows, D), arrays and memory maps uncopied.

    Args:
        embeddings: anything that :func:`marquery.evaluation.inputs.as_array` takes.
        name: parameter that they were given as, for an error.

    Raises:
        UsageError: it is not a numeric matrix, or has no columns.
    """
    try:
        matrix = as_array(embeddings)
    except ValueError as error:  # rows of several lengths
        raise UsageError(
            name, "the rows have several lengths", "give numbers of shape (items, dim)"
        ) from error
    if matrix.ndim != 2 or matrix.dtype.kind not in "fiu":
        raise UsageError(
            name,
            f"the shape is {matrix.shape} and the type {matrix.dtype}",
            "give numbers of shape (items, dim)",
        )
    if matrix.shape[1] == 0:
        raise UsageError(
            name,
            f"the shape {matrix.shape} has no columns",
            "give numbers of shape (items, dim)",
        )
    return matrix


def common_dtype(matrices: Sequence[AnyArray]) -> npt.DTypeLike:
    """float64 if any matrix is float64, else float32."""
    return np.float64 if any(m.dtype == np.float64 for m in matrices) else np.float32
