"""Fewer dimensions for the vectors of parts and silhouettes: the directions that hold most of them.

The projection belongs to the encoder, not to an index: so the score of two logos is the same
whatever else an index holds.
"""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from marquery.arrays import Float32Array
from marquery.encoder.spec import encoder_folder
from marquery.errors import MarqueryError
from marquery.files import write_atomically
from marquery.index.strategies.products import dot_products

#: Dimensions that part vectors are brought to.
PART_DIM = 128
FILE = "projection.npz"


@dataclass(frozen=True)
class Projection:
    """An orthonormal projection; dot products before and after are close for vectors like those
    that it was fitted to.
    """

    matrix: Float32Array
    """(D, d), orthonormal columns."""
    kept: float
    """Share of the squared length of the fitted vectors that is kept, 0 to 1."""
    fingerprint: str = ""
    """Of the encoder whose vectors it was fitted to; empty for the one that keeps all."""

    @cached_property
    def _directions(self) -> Float32Array:
        return np.ascontiguousarray(self.matrix.T)

    @property
    def dim(self) -> int:
        """Dimensions after projection."""
        return int(self.matrix.shape[1])

    @property
    def loses_more_than_bfloat16(self) -> bool:
        """Whether what it leaves out is more than an encoder's lower precision does to a vector: of
        two vectors with a cosine of .995 one has a hundredth of its squared length outside the
        other.
        """
        return self.kept < 0.99

    def __call__(self, vectors: Float32Array) -> Float32Array:
        """(N, D) float32 to (N, d) float32 of unit length, so that a dot product is a cosine."""
        out = dot_products(vectors, self._directions).T
        out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)
        return np.ascontiguousarray(out, np.float32)

    @classmethod
    def load(cls, model: str | os.PathLike[str]) -> "Projection | None":
        """The projection beside a saved encoder or in a training run; ``None`` where there is none.

        Raises:
            MarqueryError: the file is damaged.
        """
        place = encoder_folder(model) / FILE
        return read_projection(place) if place.is_file() else None

    def save(self, model: str | os.PathLike[str]) -> Path:
        """Write ``projection.npz`` beside a saved encoder. Returns the file."""
        place = encoder_folder(model) / FILE
        write_projection(self, place)
        return place


def identity(dim: int) -> Projection:
    """The projection that keeps all."""
    return Projection(np.eye(dim, dtype=np.float32), 1.0)


def fit_projection(vectors: Float32Array, dim: int = PART_DIM, fingerprint: str = "") -> Projection:
    """Principal directions of vectors about the origin, so that dot products are kept, not
    distances to a mean.

    Args:
        vectors: (N, D), unit length; N should be several times ``dim``.
        dim: directions to keep; at least D keeps all.
        fingerprint: of the encoder that gave the vectors.
    """
    if dim >= vectors.shape[1]:
        return identity(vectors.shape[1])
    wide = vectors.astype(np.float64)
    values, directions = np.linalg.eigh(wide.T @ wide)
    kept = float(values[-dim:].sum() / max(values.sum(), 1e-12))
    return Projection(
        np.ascontiguousarray(directions[:, ::-1][:, :dim], np.float32), kept, fingerprint
    )


def write_projection(projection: Projection, place: Path) -> None:
    """Write a projection; one that keeps all takes a few bytes."""
    rows, columns = projection.matrix.shape
    matrix = np.zeros((0, rows), np.float32) if rows == columns else projection.matrix

    def save(path: Path) -> None:
        with path.open("wb") as file:
            np.savez(file, matrix=matrix, kept=projection.kept, fingerprint=projection.fingerprint)

    write_atomically(place, save)


def read_projection(place: Path) -> Projection:
    """Read what :func:`write_projection` wrote.

    Raises:
        MarqueryError: the file is lost or damaged.
    """
    try:
        with np.load(place, allow_pickle=False) as stored:
            matrix = np.asarray(stored["matrix"], np.float32)
            kept, fingerprint = float(stored["kept"]), str(stored["fingerprint"])
        rows, columns = matrix.shape
        if not rows:
            return identity(columns)
        if rows < columns or not np.isfinite(matrix).all():
            raise ValueError("is no projection")
        return Projection(matrix, kept, fingerprint)
    except MemoryError:
        raise
    except Exception as error:  # of zipfile, zlib, ast, tokenize or NumPy, by what is damaged
        raise MarqueryError(f"{place}: cannot be read; build the index again") from error
