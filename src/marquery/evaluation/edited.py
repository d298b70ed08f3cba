"""Edited logos as queries: the logo that each was made from, and no other, is to be found."""

from collections.abc import Sequence

import numpy.typing as npt

from marquery.evaluation.evaluate import evaluate
from marquery.evaluation.result import RetrievalResult


def evaluate_edited(
    edited: npt.ArrayLike,
    gallery: npt.ArrayLike,
    names: Sequence[str],
    sources: Sequence[int],
    excluded: Sequence[Sequence[int]],
    *,
    ks: Sequence[int] = (1, 2, 4, 8),
    strata: Sequence[str] | None = None,
    bootstrap: int = 1000,
) -> RetrievalResult:
    """Rank a gallery for every edited logo, protocol ``standard``.

    Args:
        edited: (Q, D) embeddings of the edited logos.
        gallery: (G, D) of the logos that they were made from, and others.
        names: (G,) a different name for each logo of the gallery.
        sources: (Q,) index of the logo that each was made from: the only relevant one.
        excluded: (Q,) indices that a ranking leaves out, such as the other logos of the source's
            brand.
        ks: K of Recall@K.
        strata: (Q,) one label per query; each stratum's means are given apart.
        bootstrap: samples for the intervals; 0 for none.

    Returns:
        The result over all edited logos.

    Raises:
        UsageError: shapes or lengths do not fit.
    """
    return evaluate(
        edited,
        [names[source] for source in sources],
        gallery,
        names,
        rank_queries=False,
        exclude=excluded,
        ks=ks,
        strata=strata,
        bootstrap=bootstrap,
    )
