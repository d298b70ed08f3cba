"""The nearest logos to a query."""

from dataclasses import dataclass

from marquery.arrays import Float32Array
from marquery.embedding.files import EmbeddedFiles
from marquery.errors import UsageError
from marquery.evaluation import top_k


@dataclass(frozen=True)
class Hit:
    """One found logo."""

    rank: int
    """From 1."""
    score: float
    """Cosine similarity, -1 to 1."""
    path: str
    """As text, see :mod:`marquery.names`."""


def search_folder(query: Float32Array, gallery: EmbeddedFiles, k: int) -> list[Hit]:
    """The ``k`` files most similar to a query embedding of shape (dim,), best first, by exact
    search.

    Args:
        query: float32 (D,), of length 1.
        gallery: embedded files.
        k: most hits that are returned, 1 or more.

    Raises:
        UsageError: ``k`` is below 1.
    """
    if k < 1:
        raise UsageError("k", f"{k} is less than 1", "ask for 1 hit or more")
    indices, scores = top_k(query[None], gallery.vectors, min(k, len(gallery.paths)))
    return [
        Hit(rank, float(score), gallery.paths[int(index)])
        for rank, (index, score) in enumerate(zip(indices[0], scores[0], strict=True), 1)
    ]
