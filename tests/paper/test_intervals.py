"""Intervals over groups and seeds, against the evaluator's own and by hand."""

import numpy as np
import pytest

from marquery.evaluation import bootstrap_intervals
from marquery.paper.reproduce.intervals import Resampling


@pytest.fixture
def groups():
    return np.repeat(["a", "b", "c", "d", "e"], [1, 4, 2, 3, 2])


def test_with_one_seed_the_interval_is_the_evaluators(groups):
    values = np.random.default_rng(1).random(len(groups))
    found = Resampling(groups).estimate(values[None])
    assert (found.low, found.high) == pytest.approx(
        bootstrap_intervals({"x": values}, groups, samples=1000, seed=0)["x"]
    )
    assert found.mean == pytest.approx(values.mean())


def test_seeds_are_drawn_too(groups):
    values = np.array([np.zeros(len(groups)), np.ones(len(groups))])
    found = Resampling(groups).estimate(values)
    # Two seeds that all queries agree in: every sample is 0, 1/2 or 1.
    assert (found.mean, found.low, found.high) == (0.5, 0, 1)
    assert found.seeds == (0, 1)


def test_samples_are_means_over_drawn_seeds_and_groups(groups):
    rng = np.random.default_rng(4)
    values = rng.random((3, len(groups)))
    found = Resampling(groups, samples=4000).estimate(values)
    names = np.unique(groups)
    means = []
    for _ in range(4000):
        queries = np.concatenate([np.flatnonzero(groups == g) for g in rng.choice(names, 5)])
        means.append(values[rng.integers(3, size=3)][:, queries].mean())
    assert (found.low, found.high) == pytest.approx(np.quantile(means, (0.025, 0.975)), abs=0.015)


def test_a_difference_is_paired_by_seed_and_query(groups):
    rng = np.random.default_rng(2)
    other = {seed: rng.random(len(groups)) for seed in (1, 2, 3)}
    ours = {seed: other[seed] + 0.25 for seed in (2, 3)} | {9: rng.random(len(groups))}
    found = Resampling(groups).difference(ours, other)
    assert found is not None
    assert (found.mean, found.low, found.high) == pytest.approx((0.25, 0.25, 0.25))
    assert len(found.seeds) == 2
    assert Resampling(groups).difference({9: ours[9]}, other) is None
