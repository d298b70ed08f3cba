"""The metrics of a result; to add one, write its function here under ``@metric``.

A function with a K stands under ``@metric_at``. A function is given the
:class:`~marquery.evaluation.protocols.RankedQueries` and returns one float64 for each query.
Results and tables give the metrics in the order of this file.
"""

import numpy as np

from marquery.arrays import Float64Array
from marquery.evaluation import formulas
from marquery.evaluation.protocols import RankedQueries
from marquery.evaluation.registry import metric, metric_at


@metric("nar", label="NAR", higher_is_better=False)
def nar(queries: RankedQueries) -> Float64Array:
    """Normalised average rank of the relevant items, 0 perfect, about 0.5 chance."""
    return formulas.normalised_average_rank(
        queries.ranks, queries.offsets, queries.ranked, upstream=queries.protocol.drops_first
    )


@metric("map", label="mAP", column="ap")
def average_precision(queries: RankedQueries) -> Float64Array:
    """Average precision over all ranks."""
    if queries.expects_ties:
        return formulas.expected_average_precision(queries.ranking)
    return formulas.average_precision(queries.ranks, queries.offsets)


@metric_at(
    "map_ks", "map", label="mAP", column="ap", protocols=("standard", "metu"), in_tables=False
)
def average_precision_at(queries: RankedQueries, k: int) -> Float64Array:
    """Average precision over the first K ranks, as the protocol counts them."""
    if queries.expects_ties and not queries.protocol.ranks_query:
        return formulas.expected_average_precision(queries.ranking, k)
    metu = queries.protocol.name == "metu"
    return formulas.average_precision_at(queries.ranks, queries.offsets, k, metu=metu)


@metric_at("ks", "recall", label="R")
def recall_at(queries: RankedQueries, k: int) -> Float64Array:
    """Whether a relevant item is among the first K."""
    if queries.expects_ties:
        return formulas.expected_recall_at(queries.ranking, k)
    return formulas.recall_at(queries.ranks, queries.offsets, k)


@metric(
    "mean_rank",
    label="mean rank",
    higher_is_better=False,
    share=False,
    in_repr=False,
    in_tables=False,
)
def mean_rank(queries: RankedQueries) -> Float64Array:
    """Mean rank of the relevant items, from 1."""
    return formulas.mean_rank(queries.ranks, queries.offsets)


@metric(
    "first_rank",
    label="first rank",
    higher_is_better=False,
    averaged=False,
    share=False,
    in_repr=False,
    in_tables=False,
)
def first_rank(queries: RankedQueries) -> Float64Array:
    """Rank of the first relevant item, from 1."""
    if queries.expects_ties:
        return formulas.expected_first_rank(queries.ranking)
    return np.asarray(queries.ranks[queries.offsets[:-1]], np.float64)


@metric("r_precision", label="R-precision", in_repr=False, in_tables=False)
def r_precision(queries: RankedQueries) -> Float64Array:
    """Share of relevant items among the first n, n the number of relevant items."""
    if queries.expects_ties:
        return formulas.expected_r_precision(queries.ranking)
    return formulas.r_precision(queries.ranks, queries.offsets)


def precision_curves(queries: RankedQueries, levels: Float64Array) -> Float64Array:
    """(Q, L) interpolated precision of every query at levels of recall.

    Ties are ranked by the protocol's rule.

    Args:
        queries: ranks of their relevant items.
        levels: (L,) recall, 0 to 1.
    """
    ranks = formulas.expected_ranks(queries.ranking) if queries.expects_ties else queries.ranks
    return formulas.interpolated_precision(ranks, queries.offsets, levels)
