"""Isotonic regression against its definition, and the map against cases that a hand can do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marquery.calibration.isotonic import fit_isotonic, pool_adjacent_violators
from marquery.errors import UsageError


def min_max(targets, weights):
    """The definition: at i, the largest over i' <= i of the smallest over j >= i of the mean of i'
    … j.
    """
    n = len(targets)

    def mean(i, j):
        return np.average(targets[i : j + 1], weights=weights[i : j + 1])

    return [
        max(min(mean(start, end) for end in range(i, n)) for start in range(i + 1))
        for i in range(n)
    ]


rows = st.lists(st.tuples(st.integers(-4, 4), st.integers(1, 5)), min_size=1, max_size=9)


@given(rows)
def test_pooling_is_the_min_max_formula(values):
    targets, weights = map(np.array, zip(*values, strict=True))
    assert np.allclose(pool_adjacent_violators(targets, weights), min_max(targets, weights))


def test_pooling_by_hand():
    assert pool_adjacent_violators([1, 3, 2, 4], [1, 1, 1, 1]).tolist() == [1, 2.5, 2.5, 4]
    assert pool_adjacent_violators([3, 0], [1, 2]).tolist() == [1, 1]
    assert pool_adjacent_violators([], []).tolist() == []


pairs = st.lists(st.tuples(st.integers(-10, 10), st.booleans()), min_size=2, max_size=40).filter(
    lambda rows: len({same for _, same in rows}) == 2
)


@given(pairs, st.randoms())
def test_the_map_ascends_stays_inside_and_knows_no_order(rows, random):
    cosines, same = (np.array(column) for column in zip(*rows, strict=True))
    fitted = fit_isotonic(cosines / 10, same)
    assert (np.diff(fitted.cosines) > 0).all()
    values = fitted(np.linspace(-1.5, 1.5, 301))
    assert (np.diff(values) >= -1e-12).all()  # interpolation rounds
    assert values.min() > 0
    assert values.max() < 1
    shuffled = random.sample(range(len(rows)), len(rows))
    again = fit_isotonic(cosines[shuffled] / 10, same[shuffled])
    assert np.allclose(again.probabilities, fitted.probabilities)


def test_the_map_by_hand():
    # Levels 0 (two pairs, at .15), ½ (two pairs, at .4) and 1 (one pair, at .9).
    fitted = fit_isotonic([0.1, 0.2, 0.3, 0.5, 0.9], [0, 0, 1, 0, 1])
    assert fitted.cosines.tolist() == pytest.approx([0.15, 0.4, 0.9])
    assert fitted.probabilities.tolist() == pytest.approx([0.5 / 3, 1.5 / 3, 1.5 / 2])
    assert fitted([-1, 0.275, 1]).tolist() == pytest.approx([1 / 6, 1 / 3, 0.75])
    assert fitted(0.4).shape == ()


def test_the_map_is_the_truth_where_there_is_one():
    """Pairs drawn from a known curve: the map comes to lie on it."""
    rng = np.random.default_rng(0)
    cosines = rng.random(40_000)
    same = rng.random(40_000) < cosines**2
    x = np.linspace(0.05, 0.95, 19)
    assert np.abs(fit_isotonic(cosines, same)(x) - x**2).max() < 0.04


@pytest.mark.parametrize(
    ("cosines", "same", "words"),
    [
        ([0.1, 0.2], [1], "one label"),
        ([0.1, np.nan], [0, 1], "finite"),
        ([0.1, 0.2], [0, 2], "0 or 1"),
        ([0.1, 0.2], [1, 1], "both kinds"),
        ([], [], "both kinds"),
    ],
)
def test_what_is_no_sample_of_pairs_is_refused(cosines, same, words):
    with pytest.raises(UsageError, match=words):
        fit_isotonic(cosines, same)
