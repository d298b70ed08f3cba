"""The search for confused logos, against a plain double loop."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from marquery.training.neighbours import nearest_of_other_classes


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 25), st.integers(1, 8), st.integers(1, 6))
def test_nearest_of_other_classes(seed, count, pool, kinds):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(count, 3)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    classes = rng.integers(0, kinds, count)
    found = nearest_of_other_classes(vectors, classes, pool)
    assert found.shape == (count, min(pool, count))
    for i, row in enumerate(found):
        others = [j for j in range(count) if classes[j] != classes[i]]
        others.sort(key=lambda j: -float(vectors[i] @ vectors[j]))
        expected = others[:pool]
        assert (row[len(expected) :] == -1).all()
        np.testing.assert_allclose(
            vectors[row[: len(expected)]] @ vectors[i], vectors[expected] @ vectors[i], atol=1e-6
        )
        assert not set(classes[row[row >= 0]]) & {classes[i]}
