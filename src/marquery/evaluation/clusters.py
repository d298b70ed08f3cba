"""How embeddings cluster: two numbers that metric-learning code logs beside retrieval."""

from typing import Any

import numpy as np
import numpy.typing as npt

from marquery.arrays import Float64Array, Int64Array
from marquery.errors import MarqueryError, UsageError
from marquery.evaluation.embeddings import as_matrix, unit_rows
from marquery.evaluation.groups import UNLABELLED, Groups, encode_groups


def distance_ratio(embeddings: npt.ArrayLike, groups: Groups) -> float:
    """Mean distance within groups over mean distance between groups; lower is better.

    Within: the mean L2 distance of the pairs of a group, averaged over groups of two or more.
    Between: the mean L2 distance of the centres of those groups. This is how the public code of the
    ICPR 2022 paper, and the baselines of Roth et al. (ICML 2020) that it builds on, log it.

    Args:
        embeddings: (N, D), scaled to unit length here.
        groups: (N,); unlabelled items and groups of one are left out.

    Raises:
        MarqueryError: fewer than two groups of two or more.
        UsageError: shapes do not fit.
    """
    vectors, codes = _grouped(embeddings, groups)
    centres, within = [], []
    for code in np.unique(codes):
        rows = vectors[codes == code]
        within.append(_mean_distance(rows))
        centres.append(rows.mean(axis=0))
    return float(np.mean(within) / _mean_distance(np.stack(centres)))


def normalised_mutual_information(
    embeddings: npt.ArrayLike, groups: Groups, *, seed: int = 0
) -> float:
    """NMI of the groups and a k-means clustering with as many clusters, 0 to 1, higher is better.

    As pytorch-metric-learning's ``AccuracyCalculator`` defines it, by scikit-learn, which comes
    with it; its own k-means would need FAISS.

    Args:
        embeddings: (N, D), scaled to unit length here.
        groups: (N,); unlabelled items and groups of one are left out.
        seed: of k-means.

    Returns:
        NMI, 0 to 1.

    Raises:
        MarqueryError: fewer than two groups of two or more.
        UsageError: shapes do not fit.
    """
    from sklearn.cluster import KMeans  # type: ignore[import-untyped]
    from sklearn.metrics import normalized_mutual_info_score  # type: ignore[import-untyped]

    vectors, codes = _grouped(embeddings, groups)
    count = len(np.unique(codes))
    found = KMeans(count, n_init=1, random_state=seed).fit_predict(vectors.astype(np.float32))
    return float(normalized_mutual_info_score(codes, found))


def _grouped(embeddings: npt.ArrayLike, groups: Groups) -> tuple[Float64Array, Int64Array]:
    """Unit rows and codes of the items whose group has two or more."""
    matrix = as_matrix(embeddings, "embeddings")
    if len(groups) != len(matrix):
        raise UsageError(
            "groups",
            f"{len(groups)} entries for {len(matrix)} embeddings",
            "give one for each embedding",
        )
    codes, _, _ = encode_groups(groups, [])
    counts = np.bincount(codes[codes != UNLABELLED], minlength=1)
    kept = (codes != UNLABELLED) & (counts[codes] > 1)
    if len(np.unique(codes[kept])) < 2:
        raise MarqueryError(
            "there are fewer than two groups of two items, and so no clusters to measure; "
            "give more labelled items"
        )
    rows: Any = unit_rows(np.asarray(matrix[kept]), np.float64, "embeddings")
    return rows, codes[kept].astype(np.int64)


def _mean_distance(rows: Float64Array) -> float:
    """Mean L2 distance over the pairs of two or more rows."""
    squares = (rows**2).sum(axis=1)
    count, total = len(rows), 0.0
    for start in range(
        0, count, 1024
    ):  # so that thousands of centres take no more memory than a block
        some = rows[start : start + 1024]
        gaps = squares[start : start + 1024, None] + squares[None] - 2 * some @ rows.T
        gaps[np.arange(len(some)), np.arange(start, start + len(some))] = 0
        total += float(np.sqrt(np.maximum(gaps, 0)).sum())
    return total / (count * (count - 1))
