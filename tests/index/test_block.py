"""Scores of many logos against loops, and the projection of part vectors."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marquery.index.ranking import best_first
from marquery.index.storage.table import ROW_KEY
from marquery.index.strategies import columns as columns_module
from marquery.index.strategies import part_columns, products
from marquery.index.strategies.block import block_of
from marquery.index.strategies.overall import VECTOR
from marquery.index.strategies.projection import fit_projection, identity

KINDS = ("words", "figure", "shape")


def make(counts, seed=0, dim=6):
    """A stored table of logos with so many parts each, ids in no order, and what is in it."""
    rng = np.random.default_rng(seed)
    ids = rng.permutation(len(counts)) * 3
    parts = [rng.normal(size=(1 + n, dim)).astype(np.float16) for n in counts]
    kinds = [[KINDS[int(k)] for k in rng.integers(0, 3, n)] for n in counts]
    vectors = rng.normal(size=(len(counts), dim)).astype(np.float32)
    table = pa.table(
        {
            "id": ids,
            "_rowid": pa.array(np.arange(len(counts)), pa.uint64()),
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), dim),
            "parts": pa.ListArray.from_arrays(
                pa.array(np.cumsum([0, *(len(p) for p in parts)]), pa.int32()),
                pa.FixedSizeListArray.from_arrays(pa.array(np.concatenate(parts).reshape(-1)), dim),
            ),
            "part_kinds": pa.array(kinds, pa.list_(pa.string())),
        }
    )
    order = np.argsort(ids)
    return table, [(parts[i], kinds[i], vectors[i]) for i in order], ids[order]


@pytest.mark.parametrize("widened", [True, False])
@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=12), st.integers(0, 9))
def test_best_parts_are_those_of_a_loop(widened, counts, seed):
    table, logos, ids = make(counts, seed)
    limit = columns_module._WIDENED_BYTES
    columns_module._WIDENED_BYTES = limit if widened else 0
    rows = products._ROWS
    products._ROWS = 5
    try:
        block = block_of(table, ROW_KEY)
        found = block.column(part_columns.PARTS)
        queries = np.random.default_rng(seed + 1).normal(size=(2, 6)).astype(np.float32)
        best = found.best(queries)
        parts_too, wholes = found.compared(queries)
        figures = found.best(queries, block.column(part_columns.PART_KINDS))
    finally:
        columns_module._WIDENED_BYTES, products._ROWS = limit, rows
    assert found.vectors.dtype == (np.float32 if widened else np.float16)
    assert np.array_equal(block.ids, ids)
    assert np.array_equal(parts_too, best)
    for i, (parts, kinds, vector) in enumerate(logos):
        assert np.array_equal(block.column(VECTOR)[i], vector)
        similar = queries @ parts.astype(np.float32).T
        assert np.allclose(best[:, i], similar.max(axis=1), atol=1e-5)
        assert np.allclose(wholes[:, i], similar[:, 0], atol=1e-5)
        assert found.nearest(i, queries) == int(similar.max(axis=0).argmax())
        has_words = "words" in kinds
        figure = [not has_words, *(kind != "words" for kind in kinds)]
        expected = np.where(figure, similar, -1).max(axis=1)
        assert np.allclose(figures[:, i], expected, atol=1e-5)


@given(st.lists(st.sampled_from([0.1, 0.2, 0.30000001, 0.3, 0.9]), max_size=30), st.integers(1, 9))
def test_the_best_are_those_of_a_sort_with_equal_ones_in_order(values, count):
    total = np.array(values, np.float32)
    expected = sorted(range(len(values)), key=lambda i: (-round(values[i], 6), i))[:count]
    assert best_first(total, count, None).tolist() == expected
    allowed = np.arange(len(values)) % 2 == 0
    expected = [
        i for i in sorted(range(len(values)), key=lambda i: (-round(values[i], 6), i)) if allowed[i]
    ]
    assert best_first(total, count, allowed).tolist() == expected[:count]


def test_a_projection_keeps_what_lies_in_its_directions():
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.normal(size=(20, 5)))[0]
    vectors = (rng.normal(size=(300, 5)) @ basis.T).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    projection = fit_projection(vectors, 5)
    assert (projection.dim, round(projection.kept, 5)) == (5, 1.0)
    assert np.allclose(projection(vectors) @ projection(vectors).T, vectors @ vectors.T, atol=1e-5)
    fewer = fit_projection(vectors, 3)
    assert 0.5 < fewer.kept < 1
    assert np.allclose(fewer.matrix.T @ fewer.matrix, np.eye(3), atol=1e-5)
    assert np.allclose(np.linalg.norm(fewer(vectors), axis=1), 1, atol=1e-5)
    assert np.allclose(identity(20)(vectors), vectors, atol=1e-6)
    assert fit_projection(vectors, 40).dim == 20
