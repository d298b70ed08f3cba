"""The evaluation protocols of the trademark literature, and how each turns a ranking into numbers.

With R_1 … R_n the ranks of a query's n relevant items among N, NAR = (ΣR − n(n+1)/2) / (N·n).

============  ==========================  ===================  ================  =========================
protocol      the query itself            N                    ties              mAP@K
============  ==========================  ===================  ================  =========================
``standard``  left out                    queries+gallery − 1  mean over orders  ranks ≤ K, over min(n, K)
``metu``      relevant to itself          queries+gallery      worst rank        ranks < K, over n
``upstream``  first-ranked item dropped,  queries+gallery      as sorted         none; NAR subtracts
              the rest renumbered                                                (n² + 1)/2
============  ==========================  ===================  ================  =========================

``metu`` is the evaluation of the METU dataset; ``upstream`` that of the public code of Yavuz and Kalkan (ICPR
2022). Per query and without ties NAR_metu = NAR_standard · (n − 1)/n · (N − 1)/N, n and N with the query.
In ``metu`` a labelled query alone in its group still finds itself, so it is scored (NAR 0, AP 1).
Without the queries among the ranked items nothing is left out or added: N is the gallery.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from marquery.arrays import BoolArray, Float64Array
from marquery.errors import UsageError
from marquery.evaluation import metrics
from marquery.evaluation.ranks import Ranking

Ties = Literal["mean", "best", "worst"]


@dataclass(frozen=True)
class Protocol:
    """One way of computing NAR and mAP; papers mix them up, so a number is worth its protocol's name.

    Attributes:
        name: what ``evaluate(protocol=...)`` takes.
        ranks_query: whether the query is itself ranked, and relevant to itself.
        drops_first: whether the first-ranked item is dropped as "the query itself", whatever it is.
        ties: ``mean`` (every order is equally likely), ``worst`` (rank = number of items that score at least as
            high), ``best`` (relevant before irrelevant) or ``sorted`` (by position in the pool).
        map_cutoffs: default K of mAP@K.
    """

    name: str
    ranks_query: bool
    drops_first: bool
    ties: Literal["mean", "best", "worst", "sorted"]
    map_cutoffs: tuple[int, ...]


PROTOCOLS = {
    p.name: p
    for p in (
        Protocol("standard", False, False, "mean", (50, 100)),
        Protocol("metu", True, False, "worst", (50, 100, 200, 400)),
        Protocol("upstream", True, True, "sorted", ()),
    )
}


def get_protocol(name: str, ties: str | None = None) -> Protocol:
    """A protocol by name, its rule for ties replaced if ``ties`` is given.

    Raises:
        UsageError: an unknown protocol or rule, or a rule given for ``upstream``, which has its own.
    """
    if name not in PROTOCOLS:
        raise UsageError(f"unknown protocol {name!r}; choose one of {', '.join(PROTOCOLS)}")
    protocol = PROTOCOLS[name]
    if ties is None:
        return protocol
    if ties not in get_args(Ties):
        raise UsageError(f"unknown ties {ties!r}; choose one of {', '.join(get_args(Ties))}")
    if protocol.drops_first:
        raise UsageError(f"protocol {name!r} ranks ties as sorted; leave ties out")
    return replace(protocol, ties=ties)  # type: ignore[arg-type]


def score_queries(
    ranking: Ranking, protocol: Protocol, ks: Sequence[int], map_ks: Sequence[int]
) -> dict[str, Float64Array]:
    """All metrics of every query that has a relevant item.

    Args:
        ranking: counts, after :func:`drop_first` where the protocol asks for it, no query empty.
        protocol: how to count.
        ks, map_ks: K of Recall@K and of mAP@K.

    Returns:
        metric name -> (Q,) float64: ``nar``, ``ap``, ``mean_rank``, ``first_rank``, ``r_precision``,
        ``recall@K`` and ``ap@K``.
    """
    offsets = ranking.offsets
    ranks = item_ranks(ranking, protocol)
    scores = {
        "nar": metrics.normalised_average_rank(
            ranks, offsets, ranking.ranked, upstream=protocol.drops_first
        ),
        "mean_rank": metrics.mean_rank(ranks, offsets),
    }
    if protocol.ties == "mean":
        scores["ap"] = metrics.expected_average_precision(ranking)
        scores["first_rank"] = metrics.expected_first_rank(ranking)
        scores["r_precision"] = metrics.expected_r_precision(ranking)
        scores |= {f"recall@{k}": metrics.expected_recall_at(ranking, k) for k in ks}
    else:
        scores["ap"] = metrics.average_precision(ranks, offsets)
        scores["first_rank"] = np.asarray(ranks[offsets[:-1]], np.float64)
        scores["r_precision"] = metrics.r_precision(ranks, offsets)
        scores |= {f"recall@{k}": metrics.recall_at(ranks, offsets, k) for k in ks}
    for k in map_ks:
        if protocol.ties == "mean" and not protocol.ranks_query:
            scores[f"ap@{k}"] = metrics.expected_average_precision(ranking, k)
        else:
            metu = protocol.name == "metu"
            scores[f"ap@{k}"] = metrics.average_precision_at(ranks, offsets, k, metu=metu)
    return scores


def precision_curves(ranking: Ranking, protocol: Protocol, levels: Float64Array) -> Float64Array:
    """(Q, L) interpolated precision of every query at levels of recall; ties by the protocol's rule.

    Args:
        ranking: ranks of the relevant items.
        protocol: its rule for ties is applied.
        levels: (L,) recall, 0 to 1.
    """
    expected = protocol.ties == "mean"
    ranks = metrics.expected_ranks(ranking) if expected else item_ranks(ranking, protocol)
    return metrics.interpolated_precision(ranks, ranking.offsets, levels)


def item_ranks(ranking: Ranking, protocol: Protocol) -> Float64Array:
    """(P,) rank of each relevant item under the protocol's rule for ties, ascending in each query."""
    if protocol.ties == "mean":
        return ranking.better + (ranking.tied + 1) / 2
    if protocol.ties == "worst":
        return (ranking.better + ranking.tied).astype(np.float64)
    if protocol.ties == "best":
        irrelevant = ranking.better - ranking.better_relevant
        return (irrelevant + metrics.positions(ranking.offsets)).astype(np.float64)
    # "sorted": the first item of the sort has been dropped, which moves all others up by one.
    return ranking.before.astype(np.float64)


def drop_first(ranking: Ranking) -> Ranking:
    """The ranking without each query's first-ranked item, relevant or not; N stays as it is."""
    keep = ranking.items != ranking.first[ranking.query]
    lengths = np.bincount(ranking.query[keep], minlength=len(ranking.ranked))
    return replace(
        _pairs(ranking, keep), offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    )


def only_queries(ranking: Ranking, keep: BoolArray) -> Ranking:
    """The ranking of some of the queries."""
    some = _pairs(ranking, keep[ranking.query])
    return replace(
        some,
        offsets=np.concatenate([[0], np.cumsum(ranking.relevant[keep])]).astype(np.int64),
        first=ranking.first[keep],
        ranked=ranking.ranked[keep],
    )


def _pairs(ranking: Ranking, keep: BoolArray) -> Ranking:
    names = ("items", "better", "tied", "better_relevant", "tied_relevant", "before")
    return replace(ranking, **{name: getattr(ranking, name)[keep] for name in names})
