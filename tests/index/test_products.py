"""Dot products: as NumPy computes them; those of a few milliseconds by one thread."""

import subprocess
import sys

import numpy as np
import pytest

from marquery.index.strategies import products
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


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("logos", [1, 2, 999, 1000, 1001])
def test_large_products_are_shared_out(monkeypatch, logos, dtype):
    vectors, asked = drawn(0, (logos, 16), dtype), drawn(1, (5, 16))
    alone = dot_products(vectors, asked)
    monkeypatch.setattr(products, "_SHARED_OUT", 1000)
    monkeypatch.setattr(products, "usable_cores", lambda: 7)
    ran = []
    shared = products.side_by_side
    monkeypatch.setattr(
        products, "side_by_side", lambda calls: (ran.append(len(calls)), shared(calls))[1]
    )
    assert np.array_equal(dot_products(vectors, asked), alone)
    assert ran == [1 if logos < 100 else 7]


# Other tests leave threads behind, so the threads of a process of its own are looked at.
WHO_COMPUTES = """
from pathlib import Path
import numpy as np
from marquery.index.strategies.products import dot_products

def spent():  # by every thread of this process, in ticks of the clock
    fields = (task.read_text().rpartition(")")[2].split() for task in
              Path("/proc/self/task").glob("*/stat"))
    return [int(line[11]) + int(line[12]) for line in fields if len(line) > 12]

vectors, asked = np.ones((20_000, 128), np.float32), np.ones((8, 128), np.float32)
dot_products(vectors, asked)  # compiled, or read
before = sorted(spent())
while sum(spent()) < sum(before) + 20:
    dot_products(vectors, asked)
print(sum(new > old for new, old in zip(sorted(spent()), before, strict=True)))
"""


def test_small_ones_take_one_thread():
    done = subprocess.run([sys.executable, "-c", WHO_COMPUTES], capture_output=True, text=True)
    assert done.stdout == "1\n", done.stderr
