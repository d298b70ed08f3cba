"""Confidence intervals by resampling groups: logos of one brand are not independent queries."""

from collections.abc import Mapping

import numpy as np

from marquery.arrays import AnyArray, Float64Array


def bootstrap_intervals(
    values: Mapping[str, Float64Array],
    groups: AnyArray,
    *,
    samples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> dict[str, tuple[float, float]]:
    """Percentile intervals of the mean over queries, whole groups drawn with replacement.

    Args:
        values: metric -> (Q,) value of each query.
        groups: (Q,) group of each query.
        samples: how many bootstrap samples; 0 gives no intervals.
        seed: of the draws; the same draws serve every metric.
        level: coverage.

    Returns:
        metric -> (low, high); empty with fewer than two groups, which say nothing about others.
    """
    names, index = np.unique(groups, return_inverse=True)
    if samples < 1 or len(names) < 2:
        return {}
    table = np.stack([np.ones(len(groups)), *values.values()], axis=1)
    sums = np.zeros((len(names), table.shape[1]))
    np.add.at(sums, index, table)
    drawn = _draws(len(names), samples, seed, sums)
    means = drawn[:, 1:] / drawn[:, :1]
    tail = (1 - level) / 2
    low, high = np.quantile(means, (tail, 1 - tail), axis=0)
    return {name: (float(a), float(b)) for name, a, b in zip(values, low, high, strict=True)}


def _draws(groups: int, samples: int, seed: int, sums: Float64Array) -> Float64Array:
    """(samples, columns) sums over resampled groups, some samples at a time to save memory."""
    rng = np.random.default_rng(seed)
    step = max(1, 2**20 // groups)
    parts = []
    for start in range(0, samples, step):
        size = (min(step, samples - start), groups)
        chosen = rng.integers(groups, size=size)
        weights = np.zeros(size)
        for row, picks in zip(weights, chosen, strict=True):
            row += np.bincount(picks, minlength=groups)
        parts.append(weights @ sums)
    return np.concatenate(parts)
