"""Exact nearest neighbours, for pictures of retrieval and search without an index."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from marquery.arrays import FloatArray, Int64Array
from marquery.errors import UsageError
from marquery.evaluation.embeddings import Pool, as_matrix, common_dtype
from marquery.evaluation.kernels import insert_best
from marquery.evaluation.ranks import BLOCK, QUERIES


def top_k(
    query_embeddings: npt.ArrayLike,
    gallery_embeddings: npt.ArrayLike,
    k: int,
    *,
    exclude: Sequence[Sequence[int]] | None = None,
    block: int = BLOCK,
) -> tuple[Int64Array, FloatArray]:
    """The k most similar gallery items of each query by cosine similarity, exactly.

    Args:
        query_embeddings: (Q, D) numbers, scaled to unit length here.
        gallery_embeddings: (G, D), may be memory-mapped.
        k: how many; at most G are found.
        exclude: per query the gallery indices to leave out, such as the query itself.
        block: gallery rows at a time.

    Returns:
        int64 indices and float32 (float64 for float64 input) scores, both of shape (Q, min(k, G)),
        best first, equal scores by index. Where exclusions leave too few, index -1 and score -inf
        fill the row.

    Raises:
        UsageError: shapes do not fit, k is below 1, or embeddings hold NaN or infinity.
    """
    queries = as_matrix(query_embeddings, "query_embeddings")
    gallery = as_matrix(gallery_embeddings, "gallery_embeddings")
    if queries.shape[1] != gallery.shape[1]:
        raise UsageError(
            "gallery_embeddings",
            f"they have {gallery.shape[1]} dimensions, the query embeddings {queries.shape[1]}",
            "embed both with the same model",
        )
    for option, value in (("k", k), ("block", block)):
        if value < 1:
            raise UsageError(option, f"{value} is less than 1", "give a whole number from 1")
    if exclude is not None and len(exclude) != len(queries):
        raise UsageError(
            "exclude",
            f"{len(exclude)} entries for {len(queries)} queries",
            "give a list of gallery indices for each query",
        )
    k = min(k, len(gallery))
    dtype = np.dtype(common_dtype([queries, gallery]))
    indices = np.full((len(queries), k), -1, np.int64)
    scores = np.full((len(queries), k), -np.inf, dtype)
    if k == 0:
        return indices, scores
    pool = Pool(("gallery_embeddings",), (gallery,), dtype)
    for start, rows in Pool(("query_embeddings",), (queries,), dtype).blocks(QUERIES):
        some = slice(start, start + len(rows))
        for first, columns in pool.blocks(block):
            product = rows @ columns.T
            for row, out in enumerate(exclude[some] if exclude is not None else ()):
                inside = np.asarray(out, np.int64) - first
                product[row, inside[(inside >= 0) & (inside < len(columns))]] = -np.inf
            insert_best(product, first, scores[some], indices[some])
    return indices, scores
