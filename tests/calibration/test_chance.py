"""How often logos of other marks are as alike, and what it is called."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from marquery.calibration.chance import FalseAlarms, chance_in_words, grade


@given(st.integers(0, 2**32 - 1), st.integers(2, 3000))
def test_rates_are_those_counted(seed, count):
    given_ = np.random.default_rng(seed).random(count).round(3)
    known = FalseAlarms.measure(given_)
    for probability, rate in zip(known.probabilities, known.rates, strict=True):
        assert rate == pytest.approx((given_ >= probability).mean())
    wanted = np.linspace(0, 1, 50)
    assert (np.diff(known.rate(wanted)) <= 1e-12).all()
    assert known.rate(1.1) == pytest.approx(1 / count)


def test_between_knots_it_is_near_the_count():
    given_ = np.random.default_rng(0).beta(0.3, 8, 200_000)
    known = FalseAlarms.measure(given_)
    for probability in (0.01, 0.1, 0.2, 0.4):
        counted = (given_ >= probability).mean()
        assert float(known.rate(probability)) == pytest.approx(counted, rel=0.1)
        assert known.expected(probability, 20_000) == pytest.approx(20_000 * counted, rel=0.1)


def test_maps_that_ascend_are_refused():
    with pytest.raises(ValidationError, match="descend"):
        FalseAlarms(pairs=9, probabilities=(0.1, 0.2), rates=(0.1, 0.2))


@pytest.mark.parametrize(
    ("probability", "by_chance", "expected"),
    [
        (0.99, 0.01, "strong"),
        (0.99, None, "strong"),
        (0.99, 1.0, "possible"),
        (0.99, 60.0, "weak"),
        (0.7, 0.01, "possible"),
        (0.3, 0.01, "weak"),
    ],
)
def test_a_hit_is_strong_only_where_chance_would_not_give_it(probability, by_chance, expected):
    assert grade(probability, by_chance) == expected


@pytest.mark.parametrize(
    ("by_chance", "expected"),
    [
        (0.0, "hardly any mark of this score is expected by chance at this register's size"),
        (0.4, "less than one mark of this score is"),
        (1.2, "about 1 mark of this score is"),
        (12.4, "about 12 marks of this score are"),
        (347.0, "about 300 marks of this score are"),
        (5000.0, "more than 1,000 marks of this score are"),
    ],
)
def test_the_number_is_told_in_words(by_chance, expected):
    assert chance_in_words(by_chance).startswith(expected)
