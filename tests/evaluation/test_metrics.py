"""Precision-recall curve, distance ratio and NMI against a few lines each, and by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import normalized_mutual_info_score

import marquery as mq
from marquery.errors import MarqueryError, UsageError
from marquery.evaluation import formulas
from marquery.evaluation.clusters import distance_ratio, normalised_mutual_information
from marquery.evaluation.result import RECALL_LEVELS


@given(st.lists(st.sets(st.integers(1, 40), min_size=1, max_size=12), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_interpolated_precision_is_the_best_at_that_recall_or_beyond(found):
    rows = [sorted(ranks) for ranks in found]
    offsets = np.cumsum([0, *map(len, rows)])
    curves = formulas.interpolated_precision(np.concatenate(rows), offsets, RECALL_LEVELS)
    for ranks, curve in zip(rows, curves, strict=True):
        n = len(ranks)
        for level, value in enumerate(curve):
            # k / n >= level / 100, in whole numbers
            best = max(k / r for k, r in enumerate(ranks, 1) if 100 * k >= level * n)
            assert value == best


def test_precision_recall_by_hand():
    # Relevant at ranks 1, 4 and 5: precision 1, 2/4, 3/5 at recall 1/3, 2/3, 1; 2/4 is lifted to
    # 3/5.
    curve = formulas.interpolated_precision(
        np.array([1, 4, 5]), np.array([0, 3]), np.arange(11) / 10
    )
    assert curve[0] == pytest.approx([1] * 4 + [0.6] * 7)


def test_curve_of_a_result_and_of_its_strata():
    rng = np.random.default_rng(0)
    data, labels = rng.normal(size=(80, 4)), rng.integers(0, 8, 80)
    strata = np.where(labels < 4, "a", "b")
    found = mq.evaluate(data, labels, strata=strata, bootstrap=0)
    assert found.precision.shape == (101,)
    assert (np.diff(found.precision) <= 0).all()
    weights = [part.counts["queries"] for part in found.by_stratum.values()]
    parts = [part.precision for part in found.by_stratum.values()]
    assert np.average(parts, axis=0, weights=weights) == pytest.approx(found.precision)
    assert found.to_dict()["precision_at_recall"][100] == pytest.approx(
        found.precision[-1], abs=1e-6
    )
    perfect = mq.evaluate(np.eye(8)[labels], labels, bootstrap=0)
    assert (perfect.precision == 1).all()


def test_rank_of_the_kth_relevant_item_among_ties_is_the_mean_over_orders():
    # Query at 0°: two relevant and one other tie at 10°, a relevant one follows at 20°.
    radians = np.deg2rad([0, 10, 10, 10, 20])
    data = np.stack([np.cos(radians), np.sin(radians)], axis=1)
    found = mq.evaluate(data[:1], [1], data[1:], [1, 1, 2, 1], bootstrap=0)
    # Of the 3 orders the first relevant is at 1, 1, 2 and the second at 2, 3, 3.
    first, second = 1 / (4 / 3), 2 / (8 / 3)
    assert found.precision[[0, 30, 50, 100]] == pytest.approx([first, first, second, 3 / 4])


@pytest.mark.parametrize("seed", range(3))
def test_distance_ratio_is_pairs_within_over_centres_apart(seed):
    rng = np.random.default_rng(seed)
    data, labels = rng.normal(size=(40, 5)), rng.integers(-1, 9, 40)
    unit = data / np.linalg.norm(data, axis=1)[:, None]
    within, centres = [], []
    for label in range(9):
        rows = unit[labels == label]
        if len(rows) < 2:
            continue
        pairs = [np.linalg.norm(a - b) for i, a in enumerate(rows) for b in rows[:i]]
        within.append(np.mean(pairs))
        centres.append(rows.mean(axis=0))
    apart = [np.linalg.norm(a - b) for i, a in enumerate(centres) for b in centres[:i]]
    assert distance_ratio(data, labels) == pytest.approx(np.mean(within) / np.mean(apart))


def test_distance_ratio_by_hand():
    # Two groups of two at right angles: within sqrt(2) each; centres at 45° and 225°, sqrt(2)/2
    # from 0 each.
    data = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])
    assert distance_ratio(data, ["a", "a", "b", "b"]) == pytest.approx(np.sqrt(2) / np.sqrt(2))
    assert distance_ratio(np.eye(2)[[0, 0, 1, 1]], [1, 1, 2, 2]) == pytest.approx(0, abs=1e-7)


def test_nmi():
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(6), 10)
    apart = np.eye(6)[labels] + 0.01 * rng.normal(size=(60, 6))
    assert normalised_mutual_information(apart, labels) == pytest.approx(1)
    # Four tight clusters, whatever the seed of k-means; the groups cut across them.
    spots = np.eye(4)[np.arange(40) % 4] + 1e-4 * rng.normal(size=(40, 4))
    groups = np.minimum(np.arange(40) % 4, 2) + 3 * (np.arange(40) < 8)
    found = normalised_mutual_information(np.concatenate([spots, spots[:1]]), [*groups, -1])
    assert 0 < found < 1
    four = np.array([0, 1, 2, 2] * 10) * 1
    six = normalised_mutual_information(np.eye(3)[four] + 1e-4 * rng.normal(size=(40, 3)), four)
    assert six == pytest.approx(normalized_mutual_info_score(four, four))


def test_clusters_of_nothing_and_of_wrong_input():
    for measure in (distance_ratio, normalised_mutual_information):
        with pytest.raises(MarqueryError, match="fewer than two groups"):
            measure(np.eye(3), ["a", "a", "b"])
        with pytest.raises(UsageError, match="groups: 2 entries for 3"):
            measure(np.eye(3), ["a", "a"])
