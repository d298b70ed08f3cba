"""The rest of ``evaluate``: exclusion, strata, intervals, files, and wrong input; and ``top_k``."""

import json

import numpy as np
import pytest

import marquery as mq
from marquery.errors import UsageError
from marquery.evaluation import bootstrap_intervals, top_k


def case(seed=0, count=90, groups=9):
    rng = np.random.default_rng(seed)
    labels = np.array([f"brand {g}" if g else "" for g in rng.integers(0, groups, count)])
    return rng.normal(size=(count, 6)), labels


def test_exclude_equals_leaving_items_out_of_the_gallery():
    data, labels = case()
    rng = np.random.default_rng(1)
    exclude = [rng.choice(60, rng.integers(0, 20), replace=False) for _ in range(30)]
    for rank_queries in (True, False):
        result = mq.evaluate(
            data[:30],
            labels[:30],
            data[30:],
            labels[30:],
            exclude=exclude,
            rank_queries=rank_queries,
        )
        for row, query in enumerate(result.per_query["query"]):
            left = 30 + np.setdiff1d(np.arange(60), exclude[query])
            alone = mq.evaluate(
                data[:30],
                labels[:30],
                data[left],
                labels[left],
                rank_queries=rank_queries,
                bootstrap=0,
            ).per_query
            same = alone["query"] == query
            for name in ("n", "ranked", "nar", "ap", "first_rank", "recall@4", "ap@50"):
                assert result.per_query[name][row] == pytest.approx(alone[name][same][0])


def test_edits_have_one_relevant_item_each():
    # Query 0 is an edit of item 0; item 1, another logo of the brand, is left out of its ranking.
    gallery = np.eye(4)
    queries = np.array([[0.5, 0.9, 0.7, 0]])
    found = mq.evaluate(
        queries, ["a"], gallery, ["a", "a", "", "b"], exclude=[[1]], rank_queries=False, bootstrap=0
    )
    # Ranked: item 2, item 0, item 3: rank 2 of 3.
    assert found.per_query["n"].tolist() == [1]
    assert found.nar == pytest.approx((2 - 1) / 3)
    assert found.map == 0.5


def test_groups_of_any_kind():
    data, labels = case()
    expected = mq.evaluate(data, labels, bootstrap=0).means
    numbers = [int(label[6:]) if label else -1 for label in labels]
    assert mq.evaluate(data, numbers, bootstrap=0).means == expected
    assert mq.evaluate(data, np.array(numbers, np.int16), bootstrap=0).means == expected
    assert mq.evaluate(data, [label or None for label in labels], bootstrap=0).means == expected
    with pytest.raises(UsageError, match="mix strings and integers"):
        mq.evaluate(data[:2], [1, 1], data[2:4], ["1", "2"])
    with pytest.raises(UsageError, match="neither a string nor an integer"):
        mq.evaluate(data[:2], [1.5, 2.0])


def test_no_gallery_in_any_form():
    data, labels = case()
    expected = mq.evaluate(data, labels, bootstrap=0).means
    assert mq.evaluate(data, labels, np.empty((0, 6)), [], bootstrap=0).means == expected
    assert mq.evaluate(data, labels, [], [], bootstrap=0).means == expected
    # The same items as queries and gallery apart give each query its twin in the gallery.
    assert mq.evaluate(data, labels, data, labels, bootstrap=0).recall[1] == 1


def test_unlabelled_are_ranked_but_not_asked():
    data = np.array([[1, 0], [1, 0.1], [1, 0.05], [0, 1]])
    found = mq.evaluate(data, ["a", "a", "", "b"], bootstrap=0)
    assert found.counts == {"queries": 2, "left_out": 2, "groups": 1, "ranked": 3}
    assert found.per_query["first_rank"].tolist() == [2, 2]  # the unlabelled item is between them


def test_strata_are_evaluations_of_their_queries():
    data, labels = case()
    strata = np.where(np.arange(90) % 3 == 0, "badge", "wordmark")
    found = mq.evaluate(data, labels, strata=strata)
    assert set(found.by_stratum) == {"badge", "wordmark"}
    table = found.per_query
    for name, part in found.by_stratum.items():
        rows = table["stratum"] == name
        assert part.nar == pytest.approx(table["nar"][rows].mean())
        assert part.map_at[50] == pytest.approx(table["ap@50"][rows].mean())
        assert part.counts["queries"] == rows.sum()
        assert part.intervals["nar"][0] <= part.nar <= part.intervals["nar"][1]
    sizes = [part.counts["queries"] for part in found.by_stratum.values()]
    weighted = np.average([part.map for part in found.by_stratum.values()], weights=sizes)
    assert found.map == pytest.approx(weighted)


def test_intervals_are_seeded_and_resample_groups():
    data, labels = case()
    first = mq.evaluate(data, labels).intervals
    assert mq.evaluate(data, labels).intervals == first
    assert mq.evaluate(data, labels, seed=1).intervals != first
    assert mq.evaluate(data, labels, bootstrap=0).intervals == {}
    assert mq.evaluate(data[:5], [1, 1, 1, -1, -1]).intervals == {}
    means = mq.evaluate(data, labels).means
    assert set(first) == set(means)
    for name, (low, high) in first.items():
        assert low <= means[name] <= high


def test_bootstrap_by_hand():
    # Two groups, of one query with value 0 and three with 1: samples draw AA, AB, BA or BB, so the
    # mean is 0 (1 in 4), 3/4 (2 in 4) or 1 (1 in 4).
    values, groups = np.array([0.0, 1, 1, 1]), np.array(["A", "B", "B", "B"])
    low, high = bootstrap_intervals({"x": values}, groups, samples=500, level=0.8)["x"]
    assert (low, high) == (0, 1)
    low, high = bootstrap_intervals({"x": values}, groups, samples=500, level=0.3)["x"]
    assert (low, high) == (0.75, 0.75)


def test_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        # The queries of a group are alike: an interval over queries would be far too narrow.
        groups = np.repeat(np.arange(40), 5)
        values = rng.normal(size=40)[groups] + 0.1 * rng.normal(size=200)
        low, high = bootstrap_intervals({"x": values}, groups, samples=300)["x"]
        covered += low <= 0 <= high
    assert 0.88 <= covered / 200 <= 0.99


def test_result_as_file_and_text(tmp_path):
    data, labels = case()
    found = mq.evaluate(data, labels, strata=["x"] * 90)
    found.to_json(tmp_path / "result.json")
    read = json.loads((tmp_path / "result.json").read_text())
    assert read == found.to_dict()
    assert read["means"]["nar"] == found.nar
    assert read["protocol"] == "standard"
    assert len(read["per_query"]["nar"]) == read["counts"]["queries"]
    assert read["by_stratum"]["x"]["means"] == read["means"]
    assert [p.name for p in tmp_path.iterdir()] == ["result.json"]
    assert "per_query" not in found.to_dict(per_query=False)
    assert "standard; queries" in repr(found)
    assert f"nar          {found.nar:.4f}  [" in repr(found)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"query_embeddings": np.ones(4)}, r"query_embeddings: the shape is \(4,\)"),
        ({"query_embeddings": np.ones((4, 3), complex)}, "complex"),
        ({"query_embeddings": np.ones((4, 0))}, "no columns"),
        (
            {"query_embeddings": np.ones((4, 2))},
            "gallery_embeddings: they have 3 dimensions, the query embeddings 2",
        ),
        ({"query_groups": [1, 2]}, "query_groups: 2 entries for 4 query embeddings"),
        ({"gallery_groups": [1, 2]}, "gallery_groups: 2 entries for 5 gallery embeddings"),
        ({"gallery_groups": None}, "gallery_groups: .* both, or neither"),
        ({"exclude": [[0]]}, "exclude: 1 entries for 4"),
        ({"exclude": [[0], [5], [], []]}, "exclude: that of query 1 .* outside 0 … 4"),
        ({"exclude": [[0], [-1], [], []]}, "outside"),
        ({"strata": ["x"]}, "strata: 1 entries for 4"),
        ({"ks": (0,)}, r"^ks: \(0,\)"),
        ({"map_ks": (1.5,)}, r"^map_ks: \(1.5,\)"),
        ({"block": 0}, "^block: 0 is less"),
        (
            {"query_embeddings": np.array([[1, 1, 1]] * 3 + [[np.nan, 1, 1]])},
            "query_embeddings: row 3",
        ),
        ({"gallery_embeddings": np.array([[1, 1, np.inf]] * 5)}, "gallery_embeddings: row 0"),
    ],
)
def test_wrong_input_is_one_sentence(change, message):
    rng = np.random.default_rng(0)
    given = {
        "query_embeddings": rng.normal(size=(4, 3)),
        "query_groups": [1, 1, 2, 2],
        "gallery_embeddings": rng.normal(size=(5, 3)),
        "gallery_groups": [1, 2, 3, 4, 5],
    }
    with pytest.raises(UsageError, match=message):
        mq.evaluate(**(given | change))


@pytest.mark.parametrize("block", [1, 7, 4096])
def test_top_k_equals_sorting(block):
    rng = np.random.default_rng(0)
    queries, gallery = rng.normal(size=(9, 5)), rng.normal(size=(80, 5))
    gallery[50] = gallery[20]
    unit = [x / np.linalg.norm(x, axis=1)[:, None] for x in (queries, gallery)]
    scores = np.round(unit[0] @ unit[1].T, 12)
    exclude = [rng.choice(80, 5, replace=False) for _ in range(9)]
    for out in (None, exclude):
        kept = scores.copy()
        for row, items in enumerate(out or ()):
            kept[row, items] = -np.inf
        indices, found = top_k(queries, gallery, 12, exclude=out, block=block)
        order = np.argsort(-kept, axis=1, kind="stable")[:, :12]
        same = indices == order
        # The two equal items may change places: their products may differ in the last bit.
        assert np.isin(indices[~same], [20, 50]).all()
        assert found == pytest.approx(np.take_along_axis(kept, order, axis=1))


def test_top_k_at_its_edges():
    e = np.eye(3, dtype=np.float32)
    indices, scores = top_k(e[:1], e, 10)
    assert indices.tolist() == [[0, 1, 2]]  # equal scores by index
    assert scores.tolist() == [[1, 0, 0]]
    assert scores.dtype == np.float32
    indices, scores = top_k(e[:1], e, 2, exclude=[[0, 1]])
    assert indices.tolist() == [[2, -1]]
    assert scores[0, 1] == -np.inf
    assert top_k(e[:1], e[:0], 3)[0].shape == (1, 0)
    for wrong in ((e, e[:, :2], 1), (e, e, 0)):
        with pytest.raises(UsageError):
            top_k(*wrong)
    with pytest.raises(UsageError, match="exclude"):
        top_k(e, e, 1, exclude=[[0]])
