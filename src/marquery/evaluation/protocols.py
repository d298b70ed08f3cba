"""The evaluation protocols of the trademark literature, and how each turns a ranking into numbers.

With R_1 … R_n the ranks of a query's n relevant items among N, NAR = (ΣR − n(n+1)/2) / (N·n).

============  =======================  ===================  ================  =====================
protocol      the query itself         N                    ties              mAP@K
============  =======================  ===================  ================  =====================
``standard``  left out                 queries+gallery − 1  mean over orders  ranks ≤ K,
                                                                              over min(n, K)
``metu``      relevant to itself       queries+gallery      worst rank        ranks < K, over n
``upstream``  first-ranked item        queries+gallery      as sorted         none; NAR subtracts
              dropped, the rest                                               (n² + 1)/2
              renumbered
============  =======================  ===================  ================  =====================

``metu`` is the evaluation of the METU dataset; ``upstream`` that of the public code of Yavuz and
Kalkan (ICPR 2022). Per query and without ties NAR_metu = NAR_standard · (n − 1)/n · (N − 1)/N, n
and N with the query. In ``metu`` a labelled query alone in its group still finds itself, so it is
scored (NAR 0, AP 1).
Without the queries among the ranked items nothing is left out or added: N is the gallery.
"""

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from marquery.arrays import BoolArray, Float64Array, Int64Array
from marquery.errors import UsageError
from marquery.evaluation.formulas import positions
from marquery.evaluation.ranks import Ranking

Ties = Literal["mean", "best", "worst"]


@dataclass(frozen=True)
class Protocol:
    """One way of computing NAR and mAP; numbers of different protocols do not compare.

    Attributes:
        name: what ``evaluate(protocol=...)`` takes.
        ranks_query: whether the query is itself ranked, and relevant to itself.
        drops_first: whether the first-ranked item is dropped as "the query itself", whatever it is.
        ties: ``mean`` (every order is equally likely), ``worst`` (rank = number of items that score
            at least as high), ``best`` (relevant before irrelevant) or ``sorted`` (by position in
            the pool).
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
        UsageError: an unknown protocol or rule, or a rule given for ``upstream``, which has its
            own.
    """
    if name not in PROTOCOLS:
        raise UsageError(
            "protocol", f"{name!r} is unknown", f"choose one of {', '.join(PROTOCOLS)}"
        )
    protocol = PROTOCOLS[name]
    if ties is None:
        return protocol
    if ties not in get_args(Ties):
        raise UsageError(
            "ties", f"{ties!r} is unknown", f"choose one of {', '.join(get_args(Ties))}"
        )
    if protocol.drops_first:
        raise UsageError(
            "ties", f"{ties!r} is given, but protocol {name!r} ranks ties as sorted", "leave it out"
        )
    return replace(protocol, ties=ties)  # type: ignore[arg-type]


@dataclass(frozen=True)
class RankedQueries:
    """The ranks of each query's relevant items under a protocol, which metrics are computed from.

    Rows are ragged: the numbers of all queries one after the other, query i's at
    ``offsets[i]:offsets[i + 1]``, best first. Every query has at least one relevant item.

    Attributes:
        ranking: exact counts of what is ranked before each relevant item, and of ties.
        protocol: how to count.
        ranks: (P,) float64, from 1, ascending within a query, ties by the protocol's rule.
    """

    ranking: Ranking
    protocol: Protocol
    ranks: Float64Array

    @classmethod
    def under(cls, protocol: Protocol, ranking: Ranking) -> "RankedQueries":
        """A ranking read by a protocol's rule for ties.

        Args:
            protocol: how to count.
            ranking: after :func:`drop_first` where the protocol asks for it, no query empty.
        """
        return cls(ranking, protocol, item_ranks(ranking, protocol))

    @property
    def offsets(self) -> Int64Array:
        """(Q + 1,) int64, where each query's ranks begin."""
        return self.ranking.offsets

    @property
    def relevant(self) -> Int64Array:
        """(Q,) int64, number of relevant items n."""
        return self.ranking.relevant

    @property
    def ranked(self) -> Int64Array:
        """(Q,) int64, number of ranked items N."""
        return self.ranking.ranked

    @property
    def expects_ties(self) -> bool:
        """Whether a metric is the mean over all orders of tied items, instead of one order."""
        return self.protocol.ties == "mean"


def item_ranks(ranking: Ranking, protocol: Protocol) -> Float64Array:
    """(P,) ascending ranks of each query's relevant items under the protocol's rule for ties."""
    if protocol.ties == "mean":
        return ranking.better + (ranking.tied + 1) / 2
    if protocol.ties == "worst":
        return (ranking.better + ranking.tied).astype(np.float64)
    if protocol.ties == "best":
        irrelevant = ranking.better - ranking.better_relevant
        return (irrelevant + positions(ranking.offsets)).astype(np.float64)
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
