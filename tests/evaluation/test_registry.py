"""A metric that is registered once is found everywhere; each wrong registration is one sentence."""

import json

import numpy as np
import pytest

import marquery as mq
from marquery.errors import UsageError
from marquery.evaluation import registry
from marquery.evaluation.paired import paired_differences
from marquery.evaluation.registry import metric, metric_at, temporary_metrics


def ring(*degrees):
    radians = np.deg2rad(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1)


# Queries at 0°, 90° and 180°; the gallery so that their first relevant item is at rank 1, 2 and 4.
QUERIES, GROUPS = ring(0, 90, 180), ["a", "b", "c"]
GALLERY = ring(2, 92, 86, 176, 175, 174, 172, 60)
GALLERY_GROUPS = ["a", "", "b", "", "", "", "c", "a"]


def reciprocal_rank(queries):
    return 1 / queries.ranks[queries.offsets[:-1]]


def found_by(k):
    """Share of the relevant items among the first k."""

    def score(queries):
        inside = np.add.reduceat((queries.ranks <= k).astype(float), queries.offsets[:-1])
        return inside / queries.relevant

    return score


def ranked(**options):
    return mq.evaluate(
        QUERIES, GROUPS, GALLERY, GALLERY_GROUPS, rank_queries=False, **{"ks": (1, 3), **options}
    )


def test_a_new_metric_is_found_everywhere():
    before = ranked().means
    with temporary_metrics():
        metric("mrr", label="MRR", column="reciprocal_rank")(reciprocal_rank)
        found = ranked(strata=["x", "x", "y"])
        other = mq.evaluate(
            QUERIES, GROUPS, GALLERY[::-1], GALLERY_GROUPS, rank_queries=False, ks=(1, 3)
        )
        gaps = paired_differences(found.per_query, other.per_query)
        titles = registry.table_titles(found.means)
    # By hand: 1/1, 1/2 and 1/4; the third has three strangers before it.
    assert found.per_query["reciprocal_rank"].tolist() == [1, 0.5, 0.25]
    assert found.means["mrr"] == pytest.approx(1.75 / 3)
    low, high = found.intervals["mrr"]
    assert 0.25 <= low < 1.75 / 3 < high <= 1
    assert {s: part.means["mrr"] for s, part in found.by_stratum.items()} == {"x": 0.75, "y": 0.25}
    plain = json.loads(json.dumps(found.to_dict()))
    assert plain["means"]["mrr"] == found.means["mrr"]
    assert plain["intervals"]["mrr"] == [low, high]
    assert plain["per_query"]["reciprocal_rank"] == [1, 0.5, 0.25]
    assert f"mrr          {found.means['mrr']:.4f}  [{low:.4f}, {high:.4f}]" in repr(found)
    assert gaps["mrr"].one == pytest.approx(1.75 / 3)
    assert gaps["mrr"].difference == pytest.approx(other.means["mrr"] - found.means["mrr"])
    assert titles["mrr"] == "MRR ↑"
    # The others stay as they are, and the registry is as it was.
    assert {name: found.means[name] for name in before} == before
    assert set(ranked().means) == set(before)
    assert registry.find("mrr") is None


def test_a_new_metric_at_k_takes_the_cutoffs_that_it_names():
    with temporary_metrics():

        @metric_at("ks", "coverage", label="C", column="covered")
        def covered(queries, k):
            return found_by(k)(queries)

        found = ranked(ks=(1, 4), bootstrap=0)
    # The second relevant item of "a", at 60°, is at rank 2: behind 2° only.
    assert found.per_query["covered@1"].tolist() == [0.5, 0, 0]
    assert found.per_query["covered@4"].tolist() == [1, 1, 1]
    assert found.at_cutoffs("coverage") == pytest.approx({1: 1 / 6, 4: 1})
    assert "coverage@4" in repr(found)


def test_only_the_protocols_that_define_a_metric_have_it():
    with temporary_metrics():
        metric("mrr", label="MRR", protocols=("metu",))(reciprocal_rank)
        assert "mrr" not in ranked(bootstrap=0).means
        assert "mrr" in ranked(bootstrap=0, protocol="metu").means


def test_a_protocol_takes_cutoffs_once_a_metric_of_it_does():
    with pytest.raises(UsageError, match=r"^map_ks: .*'upstream' defines no mAP@K"):
        mq.evaluate(GALLERY, GALLERY_GROUPS, protocol="upstream", map_ks=(2,))
    with temporary_metrics():

        @metric_at("map_ks", "coverage", label="C")
        def coverage(queries, k):
            return found_by(k)(queries)

        found = mq.evaluate(GALLERY, GALLERY_GROUPS, protocol="upstream", map_ks=(2,), bootstrap=0)
    # 2° and 60° are of one group: 60° finds 86° and 92° first; 2° finds it at once.
    assert found.at_cutoffs("coverage") == {2: 0.5}
    assert found.map_at == {}


def test_a_column_without_a_mean_and_a_metric_that_the_text_leaves_out():
    with temporary_metrics():
        metric("first", label="first", averaged=False)(reciprocal_rank)
        metric("quiet", label="quiet", in_repr=False, in_tables=False)(reciprocal_rank)
        found = ranked()
        titles, text = registry.table_titles(found.means), repr(found)
    assert "first" in found.per_query
    assert "first" not in {*found.means, *found.intervals}
    assert "quiet" in found.intervals
    assert "quiet" not in text
    assert "quiet" not in titles


def test_headings_of_tables():
    means = ranked(bootstrap=0).means
    assert list(means) == [
        *("nar", "map", "map@50", "map@100", "recall@1", "recall@3"),
        *("mean_rank", "r_precision"),
    ]
    assert registry.table_titles(means) == {
        "nar": "NAR ↓",
        "map": "mAP ↑",
        "recall@1": "R@1 ↑",
        "recall@3": "R@3 ↑",
    }
    assert registry.title("map@50") == "mAP@50 ↑"
    assert registry.title("other") == "other"


def test_the_registry_is_restored_after_an_error():
    names = [m.name for m in registry.registered()]

    def fail():
        with temporary_metrics():
            metric("mrr", label="MRR")(reciprocal_rank)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [m.name for m in registry.registered()] == names


@pytest.mark.parametrize(
    ("register", "message"),
    [
        (metric("nar", label="NAR"), "^name: 'nar' is taken"),
        (metric("mine", label="M", column="ap"), "^column: 'ap' is taken"),
        (metric("mine", label="M", column="group"), "^column: 'group' is taken"),
        (metric("mine@3", label="M"), "^name: 'mine@3' cannot"),
        (metric_at("ks", "recall", label="R"), "^name: 'recall' is taken"),
        (metric_at("ks", "mine", label="M", column="ap"), "^column: 'ap' is taken"),
    ],
)
def test_wrong_registration_is_one_sentence(register, message):
    with temporary_metrics(), pytest.raises(UsageError, match=message):
        register(reciprocal_rank)


def test_a_metric_must_give_one_number_a_query():
    with temporary_metrics():
        metric("pairs", label="P")(lambda queries: queries.ranks)
        with pytest.raises(UsageError, match=r"'pairs' gives values of shape \(4,\) for 3 queries"):
            ranked()
