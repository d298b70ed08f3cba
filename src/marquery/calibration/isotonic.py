"""Isotonic regression by pool adjacent violators (Ayer et al. 1955), and the map it makes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from marquery.arrays import Float64Array
from marquery.errors import UsageError


def pool_adjacent_violators(targets: npt.ArrayLike, weights: npt.ArrayLike) -> Float64Array:
    """The non-decreasing sequence that is nearest to ``targets`` in weighted squares.

    Args:
        targets: (N,) numbers, in the order of what they depend on.
        weights: (N,) positive numbers.

    Returns:
        (N,) float64; equal to
        ``max over i' <= i of min over j >= i of the weighted mean of i' … j``.
    """
    # Blocks of equal value, as a stack: a new value that is lower than the last block's melts into
    # it.
    means: list[float] = []
    masses: list[float] = []
    sizes: list[int] = []
    for target, weight in zip(np.asarray(targets, float), np.asarray(weights, float), strict=True):
        mean, mass, size = float(target), float(weight), 1
        while means and means[-1] >= mean:
            below, heavy = means.pop(), masses.pop()
            mean = (mean * mass + below * heavy) / (mass + heavy)
            mass += heavy
            size += sizes.pop()
        means.append(mean)
        masses.append(mass)
        sizes.append(size)
    return np.repeat(means, sizes)


@dataclass(frozen=True)
class MonotoneMap:
    """A non-decreasing, piecewise linear map from cosine to probability.

    Attributes:
        cosines: (K,) strictly increasing.
        probabilities: (K,) non-decreasing, within 0 … 1; beyond the ends the map stays flat.
    """

    cosines: Float64Array
    probabilities: Float64Array

    def __call__(self, cosine: npt.ArrayLike) -> Float64Array:
        """Probability for each cosine, of the same shape; rounding beyond ±1 does no harm."""
        return np.asarray(np.interp(np.asarray(cosine, float), self.cosines, self.probabilities))


def check_knots(knots: npt.ArrayLike, probabilities: npt.ArrayLike, name: str) -> None:
    """Tell whether stored knots make a monotone map to probabilities.

    Args:
        knots: (K,) numbers.
        probabilities: (K,) likewise.
        name: what the knots are, in the plural.

    Raises:
        ValueError: they do not ascend together, or are not finite or within 0 … 1.
    """
    x, p = np.asarray(knots, float), np.asarray(probabilities, float)
    if x.shape != p.shape or (np.diff(x) <= 0).any() or (np.diff(p) < 0).any():
        raise ValueError(f"{name} and probabilities must ascend together")
    if not (np.isfinite(x).all() and ((p >= 0) & (p <= 1)).all()):
        raise ValueError("probabilities must lie within 0 and 1")


def fit_isotonic(cosines: npt.ArrayLike, same: npt.ArrayLike) -> MonotoneMap:
    """The monotone map that fits pairs best in squares (Zadrozny and Elkan 2002), joined by
    straight lines.

    Each level of the step function stands at the mean cosine of its pairs. A level's share of
    positives k of n is taken as (k + ½) / (n + 1) (Jeffreys' prior), so that no finite number of
    pairs gives certainty.

    Args:
        cosines: (N,) finite.
        same: (N,) bool, or 0 and 1.

    Raises:
        UsageError: shapes differ, values are no cosines or labels, or only one kind of pair is
            there.
    """
    x, y = np.asarray(cosines, float), np.asarray(same, float)
    if x.ndim != 1 or x.shape != y.shape:
        raise UsageError(
            "labels",
            f"have shape {y.shape} for {x.shape} cosines",
            "give one label for each cosine",
        )
    if not np.isfinite(x).all() or not np.isin(y, (0, 1)).all():
        raise UsageError("cosines", "are not all finite, or labels not all 0 or 1")
    if len(np.unique(y)) < 2:
        raise UsageError(
            "labels", "pairs of both kinds are needed: of the same mark, and of different ones"
        )
    # Equal cosines are one observation: the order of their labels must not matter.
    values, inverse = np.unique(x, return_inverse=True)
    counts = np.bincount(inverse).astype(float)
    positives = np.bincount(inverse, weights=y)
    levels = pool_adjacent_violators(positives / counts, counts)
    starts = np.flatnonzero(np.diff(levels, prepend=-1.0))
    n, k = np.add.reduceat(counts, starts), np.add.reduceat(positives, starts)
    centres = np.add.reduceat(values * counts, starts) / n
    # Small levels at the ends are drawn to ½ more than their neighbours and might cross them.
    smoothed = pool_adjacent_violators((k + 0.5) / (n + 1), n)
    return MonotoneMap(centres, smoothed)
