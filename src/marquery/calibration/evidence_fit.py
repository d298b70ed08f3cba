"""Fitting an :class:`~marquery.calibration.evidence.EvidenceModel` to pairs with known answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from marquery.arrays import BoolArray, Float32Array, Float64Array, StrArray
from marquery.calibration.calibration import ReliabilityRecord
from marquery.calibration.evidence import EvidenceModel, Term
from marquery.calibration.pairs import HITS
from marquery.calibration.reliability import reliability
from marquery.errors import MarqueryError

#: Evidence -> where the slope of what it adds may change.
KNOTS: dict[str, tuple[float, ...]] = {
    "whole": (-1, 0.2, 0.4, 0.6, 0.8, 1),
    "shape": (-1, 0.3, 0.5, 0.7, 0.85, 1),
    "query_in_logo": (-1, 0.4, 0.6, 0.8, 1),
    "logo_in_query": (-1, 0.4, 0.6, 0.8, 1),
    "part": (-1, 0.5, 0.7, 0.85, 1),
    "color": (0, 0.3, 0.6, 0.8, 1),
    "words": (0, 0.3, 0.6, 1),
    "words_both_ways": (0, 1),
}
# Of each query the hardest pairs by each evidence, and pairs drawn at random.
_HARD, _RANDOM = 15, 60
_HARD_BY = ("whole", "shape", "query_in_logo", "part", "words")
# Weight of the squared steps, which are in units of the logit for one standard deviation.
_RIDGE = 0.03
_BINS = 15
# Pairs of each kind that are drawn of each list: several, so that chance averages out.
_DRAWS = 20

#: Index of a query -> the evidence on all logos, name -> (N,).
EvidenceOf = Callable[[int], Mapping[str, Float32Array]]


@dataclass(frozen=True)
class EvidencePairs:
    """Pairs of logos, all evidence on them, and whether they are of one mark."""

    evidence: dict[str, Float32Array]
    """name -> (M,), NaN where there is none."""
    same: BoolArray
    """(M,)."""
    weight: Float64Array
    """(M,): of each query the pairs of one mark count as much as the hard ones and as those drawn
    at random.
    """
    drawn: BoolArray
    """(M,): was drawn at random."""


def queries_of(groups: StrArray) -> list[int]:
    """Logos that share their group with another."""
    names, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    return [int(i) for i in np.flatnonzero((sizes[codes] > 1) & (names[codes] != ""))]


def draw_evidence(
    evidence_of: EvidenceOf,
    groups: StrArray,
    seed: int,
    advance: Callable[[int], object] = lambda done: None,
) -> EvidencePairs:
    """Pairs to fit to: of each query all of its mark, the hardest of others, and some at random.

    Args:
        evidence_of: evidence on all logos, by query.
        groups: (N,) names of marks; ``""`` is unlabelled and taken for another mark.
        seed: of the drawing.
        advance: called with the number of queries done.

    Raises:
        MarqueryError: no two logos are of one mark, or all are.
    """
    rng = np.random.default_rng(seed)
    columns: dict[str, list[Float32Array]] = {}
    same, weight, drawn = [], [], []
    for query in queries_of(groups):
        own = groups == groups[query]
        others = np.flatnonzero(~own)
        own[query] = False
        evidence = evidence_of(query)
        hard: set[int] = set()
        for name in _HARD_BY:
            values = np.nan_to_num(evidence[name][others], nan=-np.inf)
            hard.update(others[np.argsort(-values, kind="stable")[:_HARD]].tolist())
        some = rng.choice(others, min(_RANDOM, len(others)), replace=False)
        chosen = np.concatenate([np.flatnonzero(own), sorted(hard), some]).astype(np.int64)
        sizes = (int(own.sum()), len(hard), len(some))
        for name in KNOTS:
            columns.setdefault(name, []).append(evidence[name][chosen])
        same.append(np.repeat([True, False, False], sizes))
        drawn.append(np.repeat([False, False, True], sizes))
        weight.append(np.repeat([1 / max(size, 1) for size in sizes], sizes))
        advance(1)
    if not same or all(pairs.all() for pairs in same):
        raise MarqueryError(
            "calibration needs logos of one mark and of others; give more labelled logos"
        )
    return EvidencePairs(
        {name: np.concatenate(parts) for name, parts in columns.items()},
        np.concatenate(same),
        np.concatenate(weight),
        np.concatenate(drawn),
    )


def fit_terms(pairs: EvidencePairs) -> tuple[float, dict[str, Term]]:
    """Intercept and terms of a logistic model whose terms ascend (L2 on their steps).

    Args:
        pairs: what it is fitted to.
    """
    from scipy.optimize import minimize

    steps = {name: _steps(pairs.evidence[name], knots) for name, knots in KNOTS.items()}
    # Where words are compared at all, that there are none is another case.
    absent = np.isnan(pairs.evidence["words"]).astype(float)
    matrix = np.concatenate([*steps.values(), absent[:, None]], axis=1)
    spread = matrix.std(axis=0) + 1e-9
    scaled = matrix / spread
    weight = pairs.weight / pairs.weight.sum()
    same = pairs.same.astype(float)

    def loss(beta: Float64Array) -> tuple[float, Float64Array]:
        logit = beta[0] + scaled @ beta[1:]
        residual = weight * (1 / (1 + np.exp(-logit)) - same)
        value = (weight * (np.logaddexp(0, logit) - same * logit)).sum()
        slope = scaled.T @ residual + 2 * _RIDGE * beta[1:]
        return value + _RIDGE * (beta[1:] ** 2).sum(), np.append(residual.sum(), slope)

    count = matrix.shape[1]
    bounds = [(None, None)] + [(0.0, None)] * (count - 1) + [(None, None)]
    found = minimize(loss, np.zeros(count + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
    heights = found[1:] / spread
    terms: dict[str, Term] = {}
    start = 0
    for name, knots in KNOTS.items():
        stop = start + len(knots) - 1
        values = np.concatenate([[0.0], np.cumsum(heights[start:stop])])
        missing = float(heights[-1]) if name == "words" else 0.0
        term = Term(knots=knots, values=tuple(map(float, values)), missing=missing)
        typical = float(term(pairs.evidence[name][pairs.drawn]).mean())
        terms[name] = term.model_copy(update={"typical": typical})
        start = stop
    return float(found[0]), terms


def listed_pairs(
    logits_of: Callable[[int], Float64Array], groups: StrArray, seed: int
) -> tuple[Float64Array, BoolArray]:
    """Logits of pairs as result lists show them: of each query with hits of both kinds among its
    best, as many of its mark as of others.

    Args:
        logits_of: (N,) by query.
        groups: (N,) names of marks.
        seed: of the choice.
    """
    rng = np.random.default_rng(seed)
    own, other = [], []
    for query in queries_of(groups):
        logits = logits_of(query).copy()
        logits[query] = -np.inf
        best = np.argsort(-logits, kind="stable")[:HITS]
        same = groups[best] == groups[query]
        if same.any() and not same.all():
            own += logits[rng.choice(best[same], _DRAWS)].tolist()
            other += logits[rng.choice(best[~same], _DRAWS)].tolist()
    return np.array([*own, *other]), np.repeat([True, False], len(own))


def fit_to_lists(model: EvidenceModel, logits: Float64Array, same: BoolArray) -> EvidenceModel:
    """The same model, shifted and scaled so that its probability holds for pairs as lists show
    them (J. Platt, Probabilistic outputs for support vector machines, 1999).

    Args:
        model: whose logits are given.
        logits: of pairs from :func:`listed_pairs`.
        same: whether they are of one mark.

    Raises:
        MarqueryError: no query has hits of both kinds.
    """
    from scipy.optimize import minimize

    if not len(logits):
        raise MarqueryError(
            "calibration needs logos whose nearest are both of their own group and of others; "
            "give more labelled logos"
        )
    sign = np.where(same, -1.0, 1.0)

    def loss(beta: Float64Array) -> float:
        return float(np.logaddexp(0, sign * (beta[0] + beta[1] * logits)).mean())

    bounds = [(None, None), (1e-3, None)]
    shift, factor = minimize(loss, np.array([0.0, 1.0]), method="L-BFGS-B", bounds=bounds).x
    return model.scaled(float(shift), float(factor))


def check_listed(
    model: EvidenceModel, logits: Float64Array, same: BoolArray, data: str, logos: int
) -> ReliabilityRecord:
    """How the probability does on other pairs.

    Args:
        model: what is tested.
        logits: of pairs as :func:`listed_pairs` gives them.
        same: whether they are of one mark.
        data: name of the data set.
        logos: how many the pairs come from.
    """
    found = reliability(model.probability(logits), same, _BINS)
    return ReliabilityRecord.of(found, data, logos, len(same))


def _steps(evidence: Float32Array, knots: tuple[float, ...]) -> Float64Array:
    """(M, K - 1): how far along each stretch between knots the evidence is, 0 to 1; 0 where there
    is none.
    """
    low, high = np.array(knots[:-1]), np.array(knots[1:])
    along = np.clip((np.asarray(evidence, float)[:, None] - low) / (high - low), 0, 1)
    steps: Float64Array = np.nan_to_num(along)
    return steps
