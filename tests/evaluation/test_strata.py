"""Figures by stratum against a loop over queries, and by hand."""

import numpy as np
import pytest

import marquery as mq
from marquery.errors import UsageError
from marquery.evaluation import evaluate_pairs

from . import evaluation_oracles as oracles


def case(seed=0, count=60):
    rng = np.random.default_rng(seed)
    groups = np.array([f"g{g}" if g else "" for g in rng.integers(0, 9, count)])
    pairs = [
        (a, b)
        for a in range(count)
        for b in range(a + 1, count)
        if groups[a] and groups[a] == groups[b]
    ]
    first, second = np.array(pairs).T
    return rng.normal(size=(count, 5)), groups, first, second, rng.choice(["x", "y"], len(pairs))


@pytest.mark.parametrize("protocol", ["standard", "metu"])
def test_other_similar_items_are_left_out_of_the_ranking(protocol):
    data, groups, first, second, stratum = case()
    found = evaluate_pairs(data, groups, first, second, stratum, protocol=protocol, bootstrap=0)
    scores = oracles.cosine(data, data[:0])
    assert list(found) == ["x", "y"]
    for name, part in found.items():
        rows = {}
        for q in range(len(data)):
            mine = [
                a if b == q else b
                for a, b, s in zip(first, second, stratum, strict=True)
                if s == name and q in (a, b)
            ]
            if not mine:
                continue
            relevant = np.isin(np.arange(len(data)), mine)
            keep = relevant | (groups != groups[q])
            if protocol == "metu":
                relevant[q] = keep[q] = True
                row = scores[q : q + 1][:, keep]
                rows[q] = oracles.metu(row, 0, relevant[keep])
            else:
                rows[q] = oracles.standard(scores, q, relevant, keep)
            assert part.per_query["ranked"][len(rows) - 1] == keep.sum()
        assert part.per_query["query"].tolist() == list(rows)
        assert part.per_query["group"].tolist() == groups[list(rows)].tolist()
        assert part.per_query["nar"] == pytest.approx([r[0] for r in rows.values()], abs=1e-9)
        assert part.per_query["ap"] == pytest.approx([r[1] for r in rows.values()], abs=1e-9)


def test_one_stratum_of_all_pairs_is_the_evaluation_itself():
    data, groups, first, second, _ = case(1)
    whole = mq.evaluate(data, groups, bootstrap=50)
    part = evaluate_pairs(data, groups, first, second, ["all"] * len(first), bootstrap=50)["all"]
    assert part.means == pytest.approx(whole.means)
    assert part.intervals["nar"] == pytest.approx(whole.intervals["nar"])
    assert part.counts["queries"] == whole.counts["queries"]


def test_only_some_are_queries():
    data, groups, first, second, stratum = case(2)
    asked = np.arange(60) % 2 == 0
    every = evaluate_pairs(data, groups, first, second, stratum, bootstrap=0)["x"].per_query
    some = evaluate_pairs(data, groups, first, second, stratum, queries=asked, bootstrap=0)["x"]
    even = every["query"] % 2 == 0
    assert some.per_query["query"].tolist() == every["query"][even].tolist()
    assert some.per_query["nar"] == pytest.approx(every["nar"][even])
    nobody = np.zeros(60, bool)
    assert evaluate_pairs(data, groups, first, second, stratum, queries=nobody) == {}


def test_by_hand():
    # Query 0 at 0°; 1 of its group at 20°, 2 of its group at 40°, strangers at 10° and 30°.
    radians = np.deg2rad([0, 20, 40, 10, 30])
    data = np.stack([np.cos(radians), np.sin(radians)], axis=1)
    groups = [7, 7, 7, -1, 8]
    found = evaluate_pairs(data, groups, [0, 0], [1, 2], ["near", "far"], bootstrap=0)
    near, far = found["near"].per_query, found["far"].per_query
    assert near["query"].tolist() == [0, 1]
    assert near["first_rank"][0] == 2  # 10°, 20°; 40° is left out
    assert near["ranked"].tolist() == [3, 3]
    assert far["first_rank"][0] == 3  # 10°, 30°, 40°; 20° is left out
    assert far["group"].tolist() == [7, 7]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"protocol": "upstream"}, "upstream"),
        ({"groups": ["a"]}, "1 and 4 entries for 4"),
        ({"queries": np.ones(3, bool)}, "4 and 3 entries"),
        ({"stratum": ["x"]}, "differ in length"),
        ({"second": [1, 4]}, "outside 0 … 3"),
        ({"second": [0, 3]}, "pair 0"),
        ({"second": [1, 1]}, "pair 1"),
        ({"groups": ["a", "a", "", ""]}, "pair 1"),
    ],
)
def test_wrong_input_is_one_sentence(change, message):
    given = {
        "embeddings": np.eye(4),
        "groups": ["a", "a", "b", "b"],
        "first": [0, 2],
        "second": [1, 3],
        "stratum": ["x", "y"],
    }
    with pytest.raises(UsageError, match=message):
        evaluate_pairs(**(given | change))
