"""The probability of one mark where marks are rare: of any two logos of a register, one pair in
10,000.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from marquery.arrays import Float64Array, StrArray
from marquery.calibration.calibration import ReliabilityRecord
from marquery.calibration.evidence import EvidenceModel, PriorMap
from marquery.calibration.evidence_fit import queries_of

#: Share of pairs of one mark.
RARE = 1e-4
RARE_PRIOR = "any two logos, of which one pair in 10,000 is of the same mark"
# Bins of equal width in which all pairs are counted, knots of the stored map, and bins with equally
# many pairs of one mark in which it is tested.
_FINE, _KNOTS, _BINS = 200, 41, 15
# Largest share of pairs of one mark, at the prior, that may be labelled as of two.
_MOST_MISSED = 0.5


@dataclass(frozen=True)
class LogitCounts:
    """How many of all pairs have logits between edges, by kind."""

    edges: Float64Array
    """(E,) ascending; below the first and above the last are bins, too."""
    same: Float64Array
    """(E + 1,)."""
    other: Float64Array
    """(E + 1,)."""


def count_all(
    logits_of: Callable[[int], Float64Array], groups: StrArray, edges: Float64Array
) -> LogitCounts:
    """Count all pairs of a query with any other logo.

    Args:
        logits_of: (N,) by query.
        groups: (N,) names of marks.
        edges: (E,) ascending.
    """
    bins = len(edges) + 1
    same, other = np.zeros(bins), np.zeros(bins)
    for query in queries_of(groups):
        logits = logits_of(query)
        own = groups == groups[query]
        place = np.searchsorted(edges, logits, side="right")
        other += np.bincount(place[~own], minlength=bins)
        own[query] = False
        same += np.bincount(place[own], minlength=bins)
    return LogitCounts(edges, same, other)


def fit_rare(counts: LogitCounts) -> PriorMap:
    """The map where one pair in 10,000 is of one mark: a logistic function of the logit (J. Platt,
    1999), fitted to all pairs, weighed to that prior.

    Of the pairs that matter, those of different marks with high logits, there are a few dozens: a
    function of two numbers is right on other logos where isotonic regression follows each of them.
    Some of the few are one mark under two names. Each counts as much as dozens of pairs of one
    mark, so the share of pairs that the labels miss is fitted, too (J. Copas, Binary regression
    models for contaminated data, 1988), and left out of the map.

    Args:
        counts: of all pairs, in bins that are narrow against the spread of the logits.
    """
    from scipy.optimize import minimize

    own, other = _at_prior(counts)
    centres = _centres(counts.edges)

    def loss(beta: Float64Array) -> float:
        logit = beta[0] + beta[1] * centres
        log_same, log_other = -np.logaddexp(0, -logit), -np.logaddexp(0, logit)
        # Of pairs of one mark a share is labelled as of two.
        labelled_other = np.logaddexp(log_other, np.log(beta[2]) + log_same)
        lost = own * (log_same + np.log1p(-beta[2])) + other * labelled_other
        return float(-lost.sum() / RARE)

    bounds = [(None, None), (1e-3, None), (1e-9, _MOST_MISSED)]
    found = [
        minimize(loss, np.array([np.log(RARE), slope, missed]), method="L-BFGS-B", bounds=bounds)
        for slope in (0.5, 1.0, 2.0)
        for missed in (1e-3, 0.1)
    ]
    shift, factor, _ = min(found, key=lambda one: float(one.fun)).x
    knots = np.linspace(counts.edges[0], counts.edges[-1], _KNOTS)
    probabilities = 1 / (1 + np.exp(-(shift + factor * knots)))
    return PriorMap(
        prior=RARE_PRIOR,
        logits=tuple(map(float, knots)),
        probabilities=tuple(map(float, probabilities)),
    )


def check_rare(
    model: EvidenceModel, counts: LogitCounts, data: str, logos: int
) -> ReliabilityRecord:
    """How ``rare`` does on all pairs of other logos, in bins with equally many pairs of one mark,
    over which the error is the mean.

    Args:
        model: what is tested.
        counts: of all pairs.
        data: name of the data set.
        logos: how many the pairs come from.
    """
    own, other = _at_prior(counts)
    stated = model.rare(_centres(counts.edges))
    mass = own + other
    place = np.minimum((np.cumsum(own) / own.sum() * _BINS - 1e-9).astype(int), _BINS - 1)
    marks = np.bincount(place, own, _BINS)
    every = np.maximum(np.bincount(place, mass, _BINS), 1e-300)
    said = np.bincount(place, stated * mass, _BINS) / every
    seen = marks / every
    share = marks / marks.sum()
    brier = (own * (1 - stated) ** 2 + other * stated**2).sum() / mass.sum()
    return ReliabilityRecord(
        data=data,
        logos=logos,
        pairs=int(counts.same.sum() + counts.other.sum()),
        error=float((share * np.abs(said - seen)).sum()),
        brier=float(brier),
        stated=tuple(map(float, said)),
        observed=tuple(map(float, seen)),
        counts=tuple(int(n) for n in np.bincount(place, counts.same, _BINS)),
    )


def fine_edges(logits: Iterable[Float64Array]) -> Float64Array:
    """Edges of narrow bins from the lowest to the highest of some logits."""
    low, high = zip(*((values.min(), values.max()) for values in logits), strict=True)
    return np.linspace(min(low), max(high) + 1e-9, _FINE + 1)


def _centres(edges: Float64Array) -> Float64Array:
    return np.concatenate([edges[:1], (edges[:-1] + edges[1:]) / 2, edges[-1:]])


def _at_prior(counts: LogitCounts) -> tuple[Float64Array, Float64Array]:
    own = RARE * counts.same / max(counts.same.sum(), 1)
    other = (1 - RARE) * counts.other / max(counts.other.sum(), 1)
    return own, other
