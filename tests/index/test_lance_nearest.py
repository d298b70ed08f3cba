"""How many answers are asked for, so that enough fulfil a filter."""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marquery.index.metadata.conditions import Compare
from marquery.index.storage.lance import LanceStore, LanceTable
from marquery.index.storage.lance_nearest import answers_to_ask

VECTORS = np.random.default_rng(0).normal(size=(2000, 8)).astype(np.float32)


@pytest.mark.parametrize(
    ("wanted", "enough", "left", "rows", "most", "asked"),
    [
        (300, 30, 500_000, 1_000_000, 800, 600),  # half are left: twice as many
        (500, 30, 500_000, 1_000_000, 800, 800),  # no more than can be asked for
        (500, 30, 37_500, 1_000_000, 800, 800),  # of which 30 are expected to be left
        (500, 30, 37_000, 1_000_000, 800, None),
        (300, 300, 1_000_000, 1_000_000, 800, 300),  # a filter that leaves all
        (300, 30, 0, 1_000_000, 800, None),
    ],
)
def test_answers_for_a_share(wanted, enough, left, rows, most, asked):
    assert answers_to_ask(wanted, enough, left, rows, most) == asked


@given(st.integers(1, 1000), st.integers(1, 1000), st.integers(0, 10**6), st.integers(1, 50_000))
def test_enough_are_expected_to_be_left(wanted, enough, left, most):
    enough = min(wanted, enough)
    asked = answers_to_ask(wanted, enough, left, 10**6, most)
    assert (asked is None) == (left == 0 or most * left < enough * 10**6)
    if asked is not None:
        assert asked == most or (asked < most and asked * left >= wanted * 10**6)


@pytest.fixture
def table(tmp_path):
    rows = pa.table(
        {
            "id": np.arange(2000),
            "office": ["AK" if i % 4 == 0 else "BR" for i in range(2000)],
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(VECTORS.reshape(-1)), 8),
        }
    )
    table = LanceStore(tmp_path).create(rows)
    table.build_index("vector")
    return table


def ids(table, vectors, where):
    keys = table.nearest("vector", vectors, 400, where, probes=64, enough=30).tolist()
    return table.take(keys, ("id",))["id"].to_pylist()


def test_a_filter_is_evaluated_once_for_all_vectors_and_searches(table, monkeypatch):
    evaluated = []
    read = LanceTable.read
    monkeypatch.setattr(
        LanceTable, "read", lambda self, *asked: (evaluated.append(asked), read(self, *asked))[1]
    )
    for some in (VECTORS[:5], VECTORS[5:7]):
        found = ids(table, some, Compare("office", "=", "AK"))
        assert len(found) > 100
        assert all(i % 4 == 0 for i in found)
    assert len(evaluated) == 1


def test_threads_that_begin_at_once_evaluate_a_filter_once(table, monkeypatch):
    evaluated = []
    read = LanceTable.read

    def slowly(self, *asked):
        evaluated.append(asked)
        time.sleep(0.05)
        return read(self, *asked)

    monkeypatch.setattr(LanceTable, "read", slowly)
    some = Compare("office", "=", "BR")
    ask = partial(table.nearest, "vector", VECTORS[:1], 400, some, probes=64, enough=30)
    with ThreadPoolExecutor(4) as threads:
        found = [threads.submit(ask).result for _ in range(4)]
        assert all(len(answer()) > 100 for answer in found)
    assert len(evaluated) == 1


def test_what_a_filter_left_before_a_change_counts_no_more(table):
    some = Compare("id", "<", 1000)
    assert 0 in ids(table, VECTORS[:1], some)
    table.delete(Compare("id", "=", 0))
    found = ids(table, VECTORS[:1], some)
    assert 0 not in found
    assert 0 < len(found) <= 400
