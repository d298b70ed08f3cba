"""How far stated probabilities are from what happened."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from marquery.arrays import Float64Array, Int64Array
from marquery.errors import UsageError


@dataclass(frozen=True)
class Reliability:
    """Stated against observed probability, in bins with equally many pairs.

    Attributes:
        stated: (B,) mean stated probability of each bin, ascending.
        observed: (B,) share of the bin's pairs that are of the same mark.
        counts: (B,) pairs.
        error: expected calibration error, the mean of |stated - observed| over pairs (Naeini et al.
            2015).
        brier: mean squared difference of stated probability and label, 0 … 1.
    """

    stated: Float64Array
    observed: Float64Array
    counts: Int64Array
    error: float
    brier: float


def reliability(probabilities: npt.ArrayLike, same: npt.ArrayLike, bins: int = 15) -> Reliability:
    """Compare stated probabilities with labels.

    Pairs of one stated probability stay in one bin, so that there may be fewer bins than asked for.

    Args:
        probabilities: (N,) within 0 … 1.
        same: (N,) bool, or 0 and 1.
        bins: how many; equal numbers of pairs, not equal widths, so that none stands on a few.

    Raises:
        UsageError: no pairs, or shapes that differ.
    """
    p, y = np.asarray(probabilities, float), np.asarray(same, float)
    if p.ndim != 1 or p.shape != y.shape or not len(p) or bins < 1:
        raise UsageError(
            "labels",
            f"have shape {y.shape} for {p.shape} probabilities and {bins} bins",
            "give one label for each probability, and a bin or more",
        )
    order = np.argsort(p, kind="stable")
    p, y = p[order], y[order]
    first = np.searchsorted(p, p, side="left")  # of the pairs with one probability
    label = first * bins // len(p)
    starts = np.flatnonzero(np.diff(label, prepend=-1))
    counts = np.diff(np.append(starts, len(p)))
    stated = np.add.reduceat(p, starts) / counts
    observed = np.add.reduceat(y, starts) / counts
    error = float((np.abs(stated - observed) * counts).sum() / len(p))
    return Reliability(stated, observed, counts, error, float(((p - y) ** 2).mean()))
