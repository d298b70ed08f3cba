"""Streamed counts against full score matrices: any block, precision, number of relevant items."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import marquery as mq
from marquery.evaluation import ranks
from marquery.evaluation.embeddings import Pool

from . import evaluation_oracles as oracles


def pool_of(*matrices, dtype=np.float64):
    return Pool(tuple("abc"[: len(matrices)]), matrices, dtype)


@given(
    seed=st.integers(0, 10**6),
    block=st.sampled_from([1, 3, 16, 1000]),
    levels=st.sampled_from([3, 1000]),
    relevant=st.sampled_from([1, 5, 60]),
)
@settings(max_examples=60, deadline=None)
def test_counts_equal_a_full_comparison(seed, block, levels, relevant):
    rng = np.random.default_rng(seed)
    # Few levels make many exact ties; 60 relevant items go through the sorting kernel.
    data = rng.integers(1, levels, (90, 2)).astype(float)
    queries, gallery = data[:4], data[4:]
    wanted = [np.sort(rng.choice(90, relevant, replace=False)) for _ in range(4)]
    out = [np.setdiff1d(rng.choice(90, 6, replace=False), w) for w in wanted]
    found = ranks.rank_relevant(
        pool_of(queries),
        np.arange(4),
        pool_of(queries, gallery),
        wanted,
        out,
        as_sorted=True,
        block=block,
    )
    scores = oracles.cosine(queries, gallery)
    for q in range(4):
        s = scores[q].copy()
        s[out[q]] = -np.inf
        assert found.ranked[q] == 90 - len(out[q])
        assert found.first[q] >= 0
        pairs = range(found.offsets[q], found.offsets[q + 1])
        assert sorted(found.items[pairs]) == wanted[q].tolist()
        for k in pairs:
            mine = s[found.items[k]]
            near = np.abs(s - mine) <= 1e-6
            assert found.better[k] == (s > mine + 1e-6).sum()
            assert found.tied[k] == near.sum()
            assert found.better_relevant[k] == (s[wanted[q]] > mine + 1e-6).sum()
            assert found.tied_relevant[k] == near[wanted[q]].sum()
            assert found.better[k] <= found.before[k] < found.better[k] + found.tied[k]
        assert (np.diff(found.before[pairs]) > 0).all()


@pytest.mark.parametrize("relevant", [3, 200])
def test_float32_ranks_equal_float64_but_for_scores_within_rounding(relevant):
    rng = np.random.default_rng(3)
    data = rng.normal(size=(1500, 48)).astype(np.float32)
    wanted = [np.sort(rng.choice(1500, relevant, replace=False)) for _ in range(60)]
    found = ranks.rank_relevant(
        pool_of(data[:60], dtype=np.float32),
        np.arange(60),
        pool_of(data, dtype=np.float32),
        wanted,
        [np.zeros(0, np.int64)] * 60,
    )
    scores, rounding = oracles.cosine(data[:60], data, rank_queries=False), 4e-7
    sure = 0
    for k, (q, item) in enumerate(zip(found.query, found.items, strict=True)):
        gap = scores[q] - scores[q, item]
        edges = [ranks.TIE_TOLERANCE + rounding, ranks.TIE_TOLERANCE - rounding]
        least, most = ((gap > edge).sum() for edge in edges)
        assert least <= found.better[k] <= most
        lowest, highest = ((gap >= -edge).sum() for edge in edges[::-1])
        assert lowest <= found.better[k] + found.tied[k] <= highest
        sure += least == most and lowest == highest
    assert sure > 0.99 * len(found.items)  # nearly all are decided to the unit
    labels = rng.integers(0, 60, 1500)
    single = mq.evaluate(data[:300], labels[:300], data[300:], labels[300:], bootstrap=0)
    exact = mq.evaluate(data[:300] * 1.0, labels[:300], data[300:].astype(float), labels[300:])
    assert single.nar == pytest.approx(exact.nar, abs=1e-6)
    assert single.map == pytest.approx(exact.map, abs=1e-5)


@pytest.mark.parametrize("protocol", ["standard", "metu", "upstream"])
def test_blocks_chunks_threads_and_mapping_do_not_matter(protocol, tmp_path, monkeypatch):
    rng = np.random.default_rng(5)
    data = rng.normal(size=(400, 12))
    data[200:230] = data[:30]  # exact ties too
    labels = rng.integers(-1, 6, 400)
    whole = mq.evaluate(data[:150], labels[:150], data[150:], labels[150:], protocol).to_dict()
    np.save(tmp_path / "gallery.npy", data[150:])
    mapped = np.load(tmp_path / "gallery.npy", mmap_mode="r")
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert ranks._threads() in (1, 2)
    for block in (1, 17, 4096):
        monkeypatch.setattr(ranks, "QUERIES", 64 if block == 17 else 2048)
        other = mq.evaluate(
            data[:150], labels[:150], mapped, labels[150:], protocol, block=block
        ).to_dict()
        if protocol == "upstream":
            # Equal vectors may get scores that differ in the last bit, and any order is a sort.
            assert other["means"]["nar"] == pytest.approx(whole["means"]["nar"], abs=1e-3)
        else:
            assert other == whole


@pytest.mark.parametrize(
    ("protocol", "rank_queries"),
    [("standard", True), ("standard", False), ("metu", True), ("metu", False), ("upstream", True)],
)
def test_order_of_items_does_not_matter(protocol, rank_queries):
    rng = np.random.default_rng(6)
    data, labels = rng.normal(size=(120, 5)), rng.integers(-1, 9, 120)
    p, r = rng.permutation(40), 40 + rng.permutation(80)
    options = {"protocol": protocol, "rank_queries": rank_queries, "bootstrap": 0}
    first = mq.evaluate(data[:40], labels[:40], data[40:], labels[40:], **options)
    other = mq.evaluate(data[p], labels[p], data[r], labels[r], **options)
    assert other.means == pytest.approx(first.means)


def test_length_of_vectors_and_zero_vectors():
    rng = np.random.default_rng(7)
    data, labels = rng.normal(size=(60, 4)), rng.integers(0, 5, 60)
    first = mq.evaluate(data, labels, bootstrap=0)
    stretched = mq.evaluate(data * rng.uniform(0.01, 100, (60, 1)), labels, bootstrap=0)
    assert stretched.means == pytest.approx(first.means)
    # A zero vector has no direction; its cosine with anything counts as 0: here it is third of
    # four.
    plane = np.array([[1.0, 0], [1, 0.1], [0.1, 1], [0, 0], [-1, 0]])
    found = mq.evaluate(plane[:1], ["a"], plane[1:], ["", "", "a", ""], bootstrap=0)
    assert found.per_query["first_rank"].tolist() == [3]


def test_whole_numbers_and_half_precision_are_taken():
    rng = np.random.default_rng(8)
    pixels, labels = rng.integers(0, 256, (50, 64), dtype=np.uint8), rng.integers(0, 5, 50)
    expected = mq.evaluate(pixels.astype(np.float32), labels, bootstrap=0).means
    assert mq.evaluate(pixels, labels, bootstrap=0).means == expected
    half = rng.normal(size=(50, 8)).astype(np.float16)
    assert mq.evaluate(half, labels, bootstrap=0).means == pytest.approx(
        mq.evaluate(half.astype(np.float32), labels, bootstrap=0).means
    )
