"""Each protocol against its own oracle and against cases worked out by hand."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import marquery as mq
from marquery.errors import MarqueryError, UsageError

from . import evaluation_oracles as oracles

KS = (1, 3, 10)


def some_case(seed, queries=25, gallery=60, dim=6, groups=8, dtype=np.float64):
    rng = np.random.default_rng(seed)
    labels = rng.integers(-1, groups, queries + gallery)
    data = rng.normal(size=(queries + gallery, dim)) + rng.normal(size=(groups + 1, dim))[labels]
    data = data.astype(dtype)
    return data[:queries], labels[:queries], data[queries:], labels[queries:]


def angles(degrees):
    """Unit vectors in the plane: neighbours and distances can be read off."""
    radians = np.deg2rad(np.asarray(degrees, np.float64))
    return np.stack([np.cos(radians), np.sin(radians)], axis=1)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rank_queries", [True, False])
def test_standard_equals_sorting(seed, rank_queries):
    q, ql, g, gl = some_case(seed)
    result = mq.evaluate(q, ql, g, gl, ks=KS, map_ks=KS, rank_queries=rank_queries, bootstrap=0)
    scores = oracles.cosine(q, g, rank_queries)
    pool = np.concatenate([ql, gl]) if rank_queries else gl
    rows = []
    for i in range(len(q)):
        keep = np.ones(len(pool), bool)
        if rank_queries:
            keep[i] = False
        relevant = keep & (pool == ql[i])
        if ql[i] == -1 or not relevant.any():
            continue
        nar, ap, ranks = oracles.standard(scores, i, relevant, keep)
        at = {
            k: sum(m / r for m, r in enumerate(ranks, 1) if r <= k) / min(len(ranks), k) for k in KS
        }
        rows.append((i, nar, ap, ranks[0], np.mean(ranks), at))
    table = result.per_query
    assert table["query"].tolist() == [r[0] for r in rows]
    assert table["nar"] == pytest.approx([r[1] for r in rows], abs=1e-12)
    assert table["ap"] == pytest.approx([r[2] for r in rows], abs=1e-12)
    assert table["first_rank"].tolist() == [r[3] for r in rows]
    assert result.nar == pytest.approx(np.mean([r[1] for r in rows]))
    assert result.mean_rank == pytest.approx(np.mean([r[4] for r in rows]))
    for k in KS:
        assert result.recall[k] == pytest.approx(np.mean([r[3] <= k for r in rows]))
        assert result.map_at[k] == pytest.approx(np.mean([r[5][k] for r in rows]))
    assert result.counts["ranked"] == len(pool) - rank_queries
    assert result.counts["left_out"] == len(q) - len(rows)


@pytest.mark.parametrize("seed", range(5))
def test_metu_equals_counting(seed):
    q, ql, g, gl = some_case(seed)
    result = mq.evaluate(q, ql, g, gl, "metu", ks=KS, map_ks=KS, bootstrap=0)
    scores, pool = oracles.cosine(q, g), np.concatenate([ql, gl])
    labelled = np.flatnonzero(ql != -1)
    rows = [oracles.metu(scores, i, pool == ql[i]) for i in labelled]
    assert result.per_query["query"].tolist() == labelled.tolist()
    assert result.per_query["nar"] == pytest.approx([r[0] for r in rows], abs=1e-12)
    assert result.per_query["ap"] == pytest.approx([r[1] for r in rows], abs=1e-12)
    for k in KS:
        expected = [
            sum(m / rank for m, rank in enumerate(r[2], 1) if rank < k) / len(r[2]) for r in rows
        ]
        assert result.per_query[f"ap@{k}"] == pytest.approx(expected)
    assert result.counts["ranked"] == len(pool)
    assert set(mq.evaluate(q, ql, g, gl, "metu", bootstrap=0).map_at) == {50, 100, 200, 400}


@pytest.mark.parametrize("seed", range(5))
def test_upstream_equals_sorting(seed):
    q, ql, g, gl = some_case(seed)
    result = mq.evaluate(q, ql, g, gl, "upstream", ks=KS, bootstrap=0)
    scores, pool = oracles.cosine(q, g), np.concatenate([ql, gl])
    rows = {i: oracles.upstream(scores, i, pool == ql[i]) for i in np.flatnonzero(ql != -1)}
    rows = {i: row for i, row in rows.items() if row is not None}
    assert result.per_query["query"].tolist() == list(rows)
    assert result.per_query["nar"] == pytest.approx([r[0] for r in rows.values()], abs=1e-12)
    assert result.per_query["ap"] == pytest.approx([r[1] for r in rows.values()], abs=1e-12)
    assert result.map_at == {}


@pytest.mark.parametrize("block", [1, 7, 100])
def test_upstream_sorts_ties_by_position(block):
    # Unit vectors along the axes: all scores are exactly 0 or 1, and most tie.
    rng = np.random.default_rng(1)
    data, labels = np.eye(4)[rng.integers(0, 4, 60)], rng.integers(0, 5, 60)
    result = mq.evaluate(
        data[:20], labels[:20], data[20:], labels[20:], "upstream", bootstrap=0, block=block
    )
    rows = [oracles.upstream(data[:20] @ data.T, i, labels == labels[i]) for i in range(20)]
    assert result.per_query["nar"] == pytest.approx([r[0] for r in rows], abs=1e-12)
    assert result.per_query["first_rank"].tolist() == [r[2][0] for r in rows]


def test_by_hand_without_ties():
    # Query at 0°; relevant at 10° and 30°; others at 20° and 40°.
    # Ranked without the query: 10 (relevant), 20, 30 (relevant), 40: ranks 1 and 3, N = 4, n = 2.
    q, g = angles([0]), angles([10, 20, 30, 40])
    groups = ["a", "", "a", "b"]
    result = mq.evaluate(q, ["a"], g, groups, ks=(1,), map_ks=(1, 2, 3), bootstrap=0)
    assert result.nar == pytest.approx((1 + 3 - 3) / (4 * 2))
    assert result.map == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert result.map_at[1] == 1  # ranks <= 1: 1/1, divided by min(2, 1)
    assert result.map_at[2] == pytest.approx(1 / 2)
    assert result.map_at[3] == pytest.approx((1 + 2 / 3) / 2)
    assert result.recall == {1: 1}
    assert result.mean_rank == 2
    assert result.r_precision == 0.5  # of the first two, one is relevant
    # metu: the query is at rank 1, the others at 2 and 4; N = 5, n = 3.
    result = mq.evaluate(q, ["a"], g, groups, "metu", map_ks=(2, 4, 5), bootstrap=0)
    assert result.nar == pytest.approx((1 + 2 + 4 - 6) / (5 * 3))
    assert result.map == pytest.approx((1 + 2 / 2 + 3 / 4) / 3)
    assert result.map_at[2] == pytest.approx(1 / 3)  # rank 1 only: ranks < 2, divided by n
    assert result.map_at[4] == pytest.approx(2 / 3)
    assert result.map_at[5] == pytest.approx((1 + 1 + 3 / 4) / 3)
    # upstream: the query, first, is dropped; ranks 1 and 3, n = 2, N still 5, (n² + 1)/2 = 2.5.
    result = mq.evaluate(q, ["a"], g, groups, "upstream", bootstrap=0)
    assert result.nar == pytest.approx((1 + 3 - 2.5) / (5 * 2))
    assert result.map == pytest.approx((1 + 2 / 3) / 2)


def test_by_hand_with_ties():
    # Query at 0°; at 10° one relevant and two irrelevant tie, at 20° a relevant one.
    # Ranks: mean of 1, 2, 3 = 2, and 4. N = 4, n = 2.
    q, g = angles([0]), angles([10, 10, 10, 20])
    groups = [1, 2, 3, 1]
    result = mq.evaluate(q, [1], g, groups, ks=(1, 2, 3), map_ks=(2,), bootstrap=0)
    assert result.nar == pytest.approx((2 + 4 - 3) / (4 * 2))
    # Each place equally likely: (1/1 + 1/2 + 1/3) / 3; then the second relevant at rank 4.
    assert result.map == pytest.approx(((1 + 1 / 2 + 1 / 3) / 3 + 2 / 4) / 2)
    assert result.map_at[2] == pytest.approx((1 + 1 / 2) / 3 / 2)
    assert result.recall == pytest.approx({1: 1 / 3, 2: 2 / 3, 3: 1})
    assert result.per_query["first_rank"].tolist() == [2]
    worst = mq.evaluate(q, [1], g, groups, ties="worst", ks=(1, 3), bootstrap=0)
    assert worst.nar == pytest.approx((3 + 4 - 3) / 8)
    assert worst.map == pytest.approx((1 / 3 + 2 / 4) / 2)
    assert worst.recall == {1: 0, 3: 1}
    best = mq.evaluate(q, [1], g, groups, ties="best", ks=(1,), bootstrap=0)
    assert best.nar == pytest.approx((1 + 4 - 3) / 8)
    assert best.map == pytest.approx((1 + 2 / 4) / 2)
    # metu: query 1; tied at 10°: all at rank 4; then 5. N = 5, n = 3.
    metu = mq.evaluate(q, [1], g, groups, "metu", bootstrap=0)
    assert metu.nar == pytest.approx((1 + 4 + 5 - 6) / (5 * 3))
    assert metu.map == pytest.approx((1 + 2 / 4 + 3 / 5) / 3)


@given(st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_ties_are_the_mean_over_all_orders(seed):
    rng = np.random.default_rng(seed)
    # Few angles for six items, so that most tie; one query at 0°.
    degrees = rng.choice([10, 20, 30], 6)
    relevant = (
        rng.permutation([1, 1, 1, 0, 0, 0]) if seed % 2 else rng.permutation([1, 1, 0, 0, 0, 0])
    )
    result = mq.evaluate(
        angles([0]),
        [1],
        angles(degrees),
        np.where(relevant, 1, 2),
        ks=(1, 2, 4),
        map_ks=(1, 2, 4),
        bootstrap=0,
    )
    n = relevant.sum()
    seen = {
        name: []
        for name in ("ap", "rank", "first", "rp", *((m, k) for m in "ar" for k in (1, 2, 4)))
    }
    for order in itertools.permutations(range(6)):
        if any(degrees[a] > degrees[b] for a, b in itertools.pairwise(order)):
            continue
        ranks = [place for place, j in enumerate(order, 1) if relevant[j]]
        precisions = [m / r for m, r in enumerate(ranks, 1)]
        seen["ap"].append(np.mean(precisions))
        seen["rank"].append(np.mean(ranks))
        seen["first"].append(ranks[0])
        seen["rp"].append(sum(r <= n for r in ranks) / n)
        for k in (1, 2, 4):
            inside = sum(p for p, r in zip(precisions, ranks, strict=True) if r <= k)
            seen["a", k].append(inside / min(n, k))
            seen["r", k].append(ranks[0] <= k)
    assert result.map == pytest.approx(np.mean(seen["ap"]))
    assert result.mean_rank == pytest.approx(np.mean(seen["rank"]))
    assert result.per_query["first_rank"][0] == pytest.approx(np.mean(seen["first"]))
    assert result.r_precision == pytest.approx(np.mean(seen["rp"]))
    for k in (1, 2, 4):
        assert result.map_at[k] == pytest.approx(np.mean(seen["a", k]))
        assert result.recall[k] == pytest.approx(np.mean(seen["r", k]))


def test_metu_and_standard_are_related_exactly():
    q, ql, g, gl = some_case(7, queries=40, gallery=200)
    standard = mq.evaluate(q, ql, g, gl, bootstrap=0).per_query
    metu = mq.evaluate(q, ql, g, gl, "metu", bootstrap=0).per_query
    shared = np.isin(metu["query"], standard["query"])
    n, total = metu["n"][shared], metu["ranked"][shared]
    assert (n == standard["n"] + 1).all()
    assert (total == standard["ranked"] + 1).all()
    expected = standard["nar"] * ((n - 1) / n) * ((total - 1) / total)
    assert metu["nar"][shared] == pytest.approx(expected, abs=1e-9, rel=1e-9)


def test_all_equal_embeddings_are_chance():
    ones, labels = np.ones((50, 3)), np.arange(50) % 5
    # n = 9 of N = 49, every mean rank 25: (25 * 9 - 45) / (49 * 9).
    assert mq.evaluate(ones, labels, bootstrap=0).nar == pytest.approx((225 - 45) / 441)
    # The worst case of metu: every rank is 50, n = 10.
    assert mq.evaluate(ones, labels, protocol="metu", bootstrap=0).nar == pytest.approx(445 / 500)


def test_random_is_about_half_and_perfect_is_zero():
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(40), 5)
    assert mq.evaluate(rng.normal(size=(200, 64)), labels, bootstrap=0).nar == pytest.approx(
        0.5, abs=0.02
    )
    perfect = mq.evaluate(np.eye(40)[labels], labels, bootstrap=0)
    assert (perfect.nar, perfect.map, perfect.recall[1], perfect.r_precision) == (0, 1, 1, 1)


def test_upstream_drops_a_duplicate_in_place_of_the_query():
    # The second query is a copy of the first: of the two the earlier one is dropped as
    # first-ranked.
    data = angles([0, 0, 50, 60])
    result = mq.evaluate(data, [1, 1, 2, 2], protocol="upstream", bootstrap=0)
    # Queries 0 and 1: one relevant left at rank 1; (1 - (1 + 1)/2) / (4 * 1) = 0, the same for 2
    # and 3.
    assert result.per_query["nar"].tolist() == [0, 0, 0, 0]
    assert result.per_query["n"].tolist() == [1, 1, 1, 1]


def test_wrong_protocols_are_refused():
    q, ql, g, gl = some_case(0)
    with pytest.raises(UsageError, match=r"^protocol: 'metus' is unknown"):
        mq.evaluate(q, ql, g, gl, "metus")
    with pytest.raises(UsageError, match="rank_queries"):
        mq.evaluate(q, ql, g, gl, "upstream", rank_queries=False)
    with pytest.raises(UsageError, match="ties"):
        mq.evaluate(q, ql, g, gl, "upstream", ties="mean")
    with pytest.raises(UsageError, match=r"^ties: .* is unknown"):
        mq.evaluate(q, ql, g, gl, ties="lucky")
    with pytest.raises(UsageError, match="map_ks"):
        mq.evaluate(q, ql, g, gl, "upstream", map_ks=(10,))
    with pytest.raises(MarqueryError, match="no query has a relevant item"):
        mq.evaluate(q, range(len(q)), protocol="standard")
    with pytest.raises(MarqueryError, match="no query has a relevant item"):
        mq.evaluate(q, range(len(q)), protocol="upstream")
