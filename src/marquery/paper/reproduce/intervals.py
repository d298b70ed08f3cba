"""Means over seeds and queries, with intervals that resample both seeds and groups."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from marquery.arrays import AnyArray, Float64Array

SAMPLES = 1000


@dataclass(frozen=True)
class Estimate:
    """A mean with its 95 % interval, and the mean of each seed."""

    mean: float
    low: float
    high: float
    seeds: tuple[float, ...]

    @property
    def sure(self) -> bool:
        """Of a difference: whether several seeds leave 0 outside; one knows nothing of how
        trainings differ.
        """
        return len(self.seeds) > 1 and (self.low > 0 or self.high < 0)


class Resampling:
    """Bootstrap of a fixed set of queries: the same draws serve every row and metric.

    Groups are drawn with replacement, since logos of a brand stand or fall together, and seeds are,
    since a training drawn anew would end elsewhere. With one seed the interval knows of groups
    alone; with a few it is still too narrow in the seeds' part, by a factor of sqrt((S - 1) / S).

    Args:
        groups: (Q,) group of each query.
        samples: bootstrap samples.
        seed: of the draws.
    """

    def __init__(self, groups: AnyArray, samples: int = SAMPLES, seed: int = 0) -> None:
        names, self._index = np.unique(groups, return_inverse=True)
        self._count = len(names)
        self._sizes = np.bincount(self._index, minlength=self._count).astype(np.float64)
        rng = np.random.default_rng(seed)
        picks = rng.integers(self._count, size=(samples, self._count))
        self._groups = np.stack([np.bincount(row, minlength=self._count) for row in picks])
        self._seed = seed
        self._samples = samples

    def estimate(self, values: Float64Array) -> Estimate:
        """The mean of (S, Q) values of S seeds and Q queries; without queries not a number."""
        seeds = tuple(float(row.mean()) for row in values)
        sums = np.stack([np.bincount(self._index, row, self._count) for row in values])
        rng = np.random.default_rng([self._seed, len(values)])
        picks = rng.integers(len(values), size=(self._samples, len(values)))
        weights = np.stack([np.bincount(row, minlength=len(values)) for row in picks]) / len(values)
        totals = ((weights @ sums) * self._groups).sum(axis=1)
        low, high = np.quantile(totals / (self._groups @ self._sizes), (0.025, 0.975))
        return Estimate(float(np.mean(seeds)), float(low), float(high), seeds)

    def difference(
        self, ours: Mapping[int, Float64Array], other: Mapping[int, Float64Array]
    ) -> Estimate | None:
        """Paired difference of two rows over the seeds that both have; ``None`` if they share none.

        Args:
            ours: seed -> (Q,) values.
            other: the same of the row to be compared with.
        """
        common = sorted(set(ours) & set(other))
        if not common:
            return None
        return self.estimate(np.stack([ours[seed] - other[seed] for seed in common]))
