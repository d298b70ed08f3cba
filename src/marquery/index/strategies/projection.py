"""Fewer dimensions for part vectors: the directions that hold most of them."""

from dataclasses import dataclass

import numpy as np

from marquery.arrays import Float32Array

#: Dimensions that part vectors are brought to in an index of many logos.
PART_DIM = 128


@dataclass(frozen=True)
class Projection:
    """An orthonormal projection; dot products before and after are close if it was fitted to such
    vectors.
    """

    matrix: Float32Array
    """(D, d), orthonormal columns."""
    kept: float
    """Share of the squared length of the fitted vectors that is kept, 0 to 1."""

    @property
    def dim(self) -> int:
        """Dimensions after projection."""
        return int(self.matrix.shape[1])

    def __call__(self, vectors: Float32Array) -> Float32Array:
        """(N, D) float32 to (N, d) float32 of unit length, so that a dot product is a cosine."""
        out = vectors @ self.matrix
        out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)
        return np.asarray(out, np.float32)


def identity(dim: int) -> Projection:
    """The projection that keeps all."""
    return Projection(np.eye(dim, dtype=np.float32), 1.0)


def fit_projection(vectors: Float32Array, dim: int = PART_DIM) -> Projection:
    """Principal directions of vectors about the origin, so that dot products are kept, not
    distances to a mean.

    Args:
        vectors: (N, D), unit length; N should be several times ``dim``.
        dim: directions to keep; at least D keeps all.
    """
    if dim >= vectors.shape[1]:
        return identity(vectors.shape[1])
    wide = vectors.astype(np.float64)
    values, directions = np.linalg.eigh(wide.T @ wide)
    kept = float(values[-dim:].sum() / max(values.sum(), 1e-12))
    return Projection(np.ascontiguousarray(directions[:, ::-1][:, :dim], np.float32), kept)
