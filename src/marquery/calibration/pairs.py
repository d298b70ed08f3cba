"""Pairs of logos as result lists show them, with known answers: of the same mark, or of another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from marquery.arrays import BoolArray, Float32Array, Float64Array, Int64Array, StrArray
from marquery.errors import MarqueryError

#: How far down a list pairs are taken from.
HITS = 10


@dataclass(frozen=True)
class Pairs:
    """Pairs of a query and one of its hits, positives first.

    Attributes:
        first, second: (N,) rows of the embeddings: query and hit.
        cosines: (N,) float64.
        same: (N,) bool; half of them are true.
        queries: logos that share their group, from which N / 2 queries came; the others had hits of
            one kind only.
    """

    first: Int64Array
    second: Int64Array
    cosines: Float64Array
    same: BoolArray
    queries: int


def draw_pairs(
    embeddings: Float32Array,
    groups: Sequence[str] | StrArray,
    seed: int = 0,
    hits: int = HITS,
) -> Pairs:
    """Two pairs of each query: with a hit of its own group and with one of another, from its
    nearest logos.

    So half of the pairs are positive, and the negatives are hard, the logos most like the query.
    Both are taken from the same list, since a map that ascends cannot tell pairs apart that were
    chosen by different rules: set against the single hardest negative, a positive drawn from the
    whole group is often the less similar one.

    Args:
        embeddings: (N, dim) unit rows.
        groups: (N,) names; ``""`` is unlabelled: neither query nor hit, as nobody knows what it is.
        seed: of the choice among a query's hits of a kind.
        hits: length of the list.

    Raises:
        MarqueryError: no query has hits of both kinds.
    """
    from marquery.evaluation import top_k  # compiled ranking, which only drawing needs

    names = np.asarray(groups)
    known = np.flatnonzero(names != "")
    _, codes, sizes = np.unique(names[known], return_inverse=True, return_counts=True)
    places = np.flatnonzero(sizes[codes] > 1)
    rng = np.random.default_rng(seed)
    drawn: list[tuple[int, int, int]] = []
    if len(places):
        itself = [[int(place)] for place in places]
        vectors = embeddings[known]
        found, _ = top_k(vectors[places], vectors, hits, exclude=itself)
        for place, row in zip(places, found, strict=True):
            row = row[row >= 0]
            own = codes[row] == codes[place]
            if own.any() and not own.all():
                drawn.append((int(place), int(rng.choice(row[own])), int(rng.choice(row[~own]))))
    if not drawn:
        raise MarqueryError(
            "calibration needs logos whose nearest are both of their own group and of others; "
            "give more labelled logos"
        )
    queries, positives, negatives = known[np.array(drawn, np.int64).T]
    first, second = np.concatenate([queries, queries]), np.concatenate([positives, negatives])
    cosines = np.einsum("ij,ij->i", embeddings[first].astype(float), embeddings[second])
    return Pairs(first, second, cosines, np.arange(len(first)) < len(queries), len(places))
