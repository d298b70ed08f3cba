"""The record of a lower precision: what it holds, when it is accepted, what is refused."""

import numpy as np
import pytest

from marquery.encoder.precision_record import PrecisionRecord
from marquery.errors import MarqueryError


def turned(angle):
    """A unit vector, and itself turned by an angle: their cosine is known."""
    one = np.array([[1, 0], [1, 0]], np.float32)
    other = np.array([[1, 0], [np.cos(angle), np.sin(angle)]], np.float32)
    return one, other


def record(angle=0.0, full=None, low=None):
    full = full or {"map": 0.8, "nar": 0.05}
    return PrecisionRecord.measure("f", "bfloat16", "d", turned(angle), (full, low or full))


def test_cosines_are_those_of_the_rows():
    kept = record(0.03)
    assert kept.logos == 2
    assert kept.lowest_cosine == pytest.approx(np.cos(0.03), abs=1e-6)
    assert kept.mean_cosine == pytest.approx((1 + np.cos(0.03)) / 2, abs=1e-6)


@pytest.mark.parametrize(
    ("angle", "low", "accepted"),
    [
        (0.04, {"map": 0.8, "nar": 0.05}, True),  # cosine .9992
        (0.05, {"map": 0.8, "nar": 0.05}, False),  # cosine .99875
        (0.0, {"map": 0.7985, "nar": 0.05}, True),
        (0.0, {"map": 0.7975, "nar": 0.05}, False),
        (0.0, {"map": 0.8, "nar": 0.0525}, False),  # of NAR, less is better
        (0.0, {"map": 0.9, "nar": 0.01}, True),
    ],
)
def test_accepted_by_cosine_and_by_every_metric(angle, low, accepted):
    assert record(angle, low=low).accepted == accepted


@pytest.mark.parametrize(
    ("angle", "low", "accepted"),
    [
        (0.09, {"map": 0.8, "nar": 0.05}, True),  # cosine .99595
        (0.11, {"map": 0.8, "nar": 0.05}, False),  # cosine .99396
        (0.09, {"map": 0.7975, "nar": 0.05}, False),
    ],
)
def test_vectors_that_are_compressed_afterwards_need_less_of_a_cosine(angle, low, accepted):
    assert record(angle, low=low).accepted_compressed == accepted
    assert not record(angle, low=low).accepted


def test_kept_and_read_again(tmp_path):
    assert PrecisionRecord.load(tmp_path) is None
    kept = record(0.01)
    kept.save(tmp_path)
    assert PrecisionRecord.load(tmp_path) == kept
    (tmp_path / "precision.json").write_text('{"accepted": true}')
    with pytest.raises(MarqueryError, match=r"precision\.json.* delete it, or measure") as refused:
        PrecisionRecord.load(tmp_path)
    assert "marquery calibrate" not in str(refused.value)
