"""Calibration error: by hand, and on probabilities that are right or wrong by a known amount."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marquery.calibration import reliability
from marquery.calibration.diagram import wilson
from marquery.errors import UsageError


def test_by_hand():
    found = reliability([0.9, 0.1, 0.3, 0.7], [1, 0, 0, 0], bins=2)
    assert found.stated.tolist() == pytest.approx([0.2, 0.8])
    assert found.observed.tolist() == [0, 0.5]
    assert found.counts.tolist() == [2, 2]
    assert found.error == pytest.approx((0.2 + 0.3) / 2)
    assert found.brier == pytest.approx((0.01 + 0.01 + 0.09 + 0.49) / 4)


def test_right_and_wrong_probabilities():
    rng = np.random.default_rng(1)
    p = rng.random(60_000) * 0.8
    same = rng.random(60_000) < p
    assert reliability(p, same).error < 0.01
    assert reliability(p + 0.1, same).error == pytest.approx(0.1, abs=0.01)


@given(
    st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=50),
    st.integers(1, 8),
)
def test_bins_split_the_pairs_but_never_equal_probabilities(rows, bins):
    p, same = (np.array(c, float) for c in zip(*rows, strict=True))
    found = reliability(p / 4, same, bins)
    assert found.counts.sum() == len(rows)
    assert found.counts.min() >= 1
    assert len(found.counts) <= min(bins, len(set(p)))
    assert (np.diff(found.stated) > 0).all()
    assert (found.stated * found.counts).sum() == pytest.approx(p.sum() / 4)
    assert (found.observed * found.counts).sum() == pytest.approx(same.sum())


def test_equal_numbers_of_pairs_where_no_probability_repeats():
    assert reliability(np.linspace(0, 1, 60), np.ones(60), 6).counts.tolist() == [10] * 6


@pytest.mark.parametrize(("p", "same", "bins"), [([], [], 5), ([0.1], [1, 0], 5), ([0.1], [1], 0)])
def test_what_cannot_be_compared_is_refused(p, same, bins):
    with pytest.raises(UsageError, match="one label for each"):
        reliability(p, same, bins)


def test_wilson_intervals_from_the_literature():
    # 81 of 263: .2553 to .3662 (Newcombe 1998, table I).
    low, high = wilson(np.array([81 / 263, 0.0]), np.array([263, 20]))
    assert (low[0], high[0]) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert (low[1], high[1]) == pytest.approx((0, 0.1611), abs=1e-4)
