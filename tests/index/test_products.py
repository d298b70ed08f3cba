"""Dot products: as NumPy computes them, by one thread."""

import time

import numpy as np
import pytest

from marquery.index.strategies.products import dot_products


def drawn(seed, shape, dtype=np.float32):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


@pytest.mark.parametrize("queries", [0, 1, 3, 4, 5, 9])
@pytest.mark.parametrize("logos", [0, 1, 20_000])
def test_as_in_double_precision(queries, logos):
    vectors, asked = drawn(0, (logos, 24)), drawn(1, (queries, 24))
    found = dot_products(vectors, asked)
    assert found.dtype == np.float32
    assert np.allclose(found, asked.astype(float) @ vectors.astype(float).T, atol=1e-4)


def test_half_precision_and_arrays_that_cannot_be_written():
    vectors = drawn(0, (70, 16), np.float16)
    vectors.flags.writeable = False
    asked = drawn(1, (16, 5)).T  # not in one piece
    expected = asked.astype(float) @ vectors.astype(float).T
    assert np.allclose(dot_products(vectors, asked), expected, atol=1e-4)


def test_a_pair_has_one_product_wherever_it_stands():
    vectors, asked = drawn(0, (500, 128)), drawn(1, (9, 128))
    together = dot_products(vectors, asked)
    for place in (0, 7, 499):
        alone = dot_products(vectors[place : place + 1], asked)
        assert np.array_equal(alone[:, 0], together[:, place])


def test_it_takes_one_thread():
    vectors, asked = drawn(0, (20_000, 128)), drawn(1, (8, 128))

    def cost():
        start = time.process_time(), time.thread_time()
        for _ in range(10):
            dot_products(vectors, asked)
        return time.process_time() - start[0], time.thread_time() - start[1]

    cost()
    assert any(process <= 1.3 * own + 0.002 for process, own in (cost() for _ in range(3)))
