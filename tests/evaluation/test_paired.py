"""Paired differences: against the bootstrap of one result, by hand, and their coverage."""

import numpy as np
import pytest

import marquery as mq
from marquery.errors import UsageError
from marquery.evaluation import bootstrap_intervals
from marquery.evaluation.paired import most_changed, paired_differences


def columns(ap, group, nar=None):
    return {
        "query": np.arange(len(ap)),
        "group": np.asarray(group),
        "ap": np.asarray(ap, float),
        "nar": np.zeros(len(ap)) if nar is None else np.asarray(nar, float),
        "mean_rank": np.ones(len(ap)),
        "r_precision": np.ones(len(ap)),
    }


def test_differences_are_of_the_same_queries():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 9, 90)
    first, second = (mq.evaluate(rng.normal(size=(90, 5)), labels) for _ in range(2))
    found = paired_differences(first.per_query, second.per_query, samples=200, seed=3)
    assert set(found) == set(first.means)
    for metric, d in found.items():
        assert (d.one, d.two) == pytest.approx((first.means[metric], second.means[metric]))
        assert d.difference == pytest.approx(d.two - d.one)
    gap = second.per_query["nar"] - first.per_query["nar"]
    wanted = bootstrap_intervals({"x": gap}, first.per_query["group"], samples=200, seed=3)["x"]
    assert (found["nar"].low, found["nar"].high) == wanted


def test_by_hand():
    # Every query of A and of B gains 0.1 and 0.3: samples of two groups of equal size give 0.1, 0.2
    # or 0.3.
    one = columns([0.5, 0.2, 0.1, 0.6], ["A", "A", "B", "B"])
    two = columns([0.6, 0.3, 0.4, 0.9], ["A", "A", "B", "B"])
    d = paired_differences(one, two, samples=500)["map"]
    assert (d.one, d.two, d.difference) == pytest.approx((0.35, 0.55, 0.2))
    assert (d.low, d.high) == pytest.approx((0.1, 0.3))
    assert d.is_clear
    same = paired_differences(one, one)["map"]
    assert (same.low, same.high, same.is_clear) == (0, 0, False)
    alone = paired_differences(columns([0.5], ["A"]), columns([0.7], ["A"]))["map"]
    assert (alone.low, alone.is_clear) == (None, False)


def test_what_both_have_in_common_drops_out():
    # Queries differ wildly, the gain hardly: the paired interval is narrow where that of either
    # mean is wide.
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(30), 4)
    hard = rng.uniform(0, 0.8, 30)[groups]
    one = columns(hard, groups)
    two = columns(hard + 0.02 + 0.01 * rng.normal(size=120), groups)
    d = paired_differences(one, two)["map"]
    assert d.is_clear
    low, high = bootstrap_intervals({"x": hard}, groups)["x"]
    assert d.high - d.low < (high - low) / 20


def test_other_queries_are_refused():
    one = columns([0.1, 0.2], ["A", "B"])
    for other in (columns([0.1], ["A"]), columns([0.1, 0.2], ["A", "C"])):
        with pytest.raises(UsageError, match="same queries"):
            paired_differences(one, other)


def test_most_changed_takes_losses_then_gains_one_a_group():
    one = columns([0.5] * 7, ["a", "a", "b", "c", "d", "e", "f"])
    two = columns([0.1, 0.0, 0.4, 0.9, 0.7, 0.5, 0.6], one["group"])
    assert most_changed(one, two, 4).tolist() == [1, 2, 3, 4]
    assert most_changed(one, two, 2).tolist() == [1, 3]
    assert most_changed(one, two, 9).tolist() == [1, 2, 3, 4, 6]
    assert most_changed(one, one, 4).tolist() == []
    # Only gains: all places are theirs.
    assert most_changed(
        columns([0.1] * 3, "abc"[:3] and list("abc")), columns([0.2, 0.4, 0.3], list("abc")), 2
    ).tolist() == [1, 2]


def test_equal_changes_go_by_nar():
    one = columns([0.0, 0.0], ["a", "b"], nar=[0.1, 0.5])
    two = columns([1.0, 1.0], ["a", "b"])
    assert most_changed(one, two, 1).tolist() == [1]
