"""The file of a projection, whole and damaged."""

import random

import numpy as np
import pytest

from marquery.errors import MarqueryError
from marquery.index.strategies.projection import (
    Projection,
    fit_projection,
    identity,
    read_projection,
    write_projection,
)


def vectors(dim=24):
    found = np.random.default_rng(0).normal(size=(200, dim)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.mark.parametrize("made", [identity(24), fit_projection(vectors(), 8, "abc")])
def test_it_comes_back_as_it_was_written(made, tmp_path):
    write_projection(made, tmp_path / "p.npz")
    found = read_projection(tmp_path / "p.npz")
    assert np.array_equal(found.matrix, made.matrix)
    assert (found.kept, found.fingerprint) == (pytest.approx(made.kept), made.fingerprint)


def test_a_damaged_file_is_one_sentence_or_the_same_projection(tmp_path):
    file = tmp_path / "p.npz"
    write_projection(fit_projection(vectors(), 8, "abc"), file)
    whole, right = file.read_bytes(), read_projection(file).matrix
    rng, refused = random.Random(0), set()
    for _ in range(400):
        content = bytearray(whole)
        # Beginning and end are what is read in many ways.
        for _ in range(rng.randrange(1, 4)):
            places = (rng.randrange(len(content)), rng.randrange(200), -rng.randrange(1, 300))
            content[rng.choice(places)] = rng.randrange(256)
        file.write_bytes(content[: rng.choice([len(content), rng.randrange(len(content))])])
        found = read_or_refused(file)
        if isinstance(found, Projection):
            assert np.array_equal(found.matrix, right)
        else:
            refused.add(found)
    assert refused == {f"{file}: cannot be read; build the index again"}


def read_or_refused(file):
    try:
        return read_projection(file)
    except MarqueryError as error:
        return str(error)


@pytest.mark.parametrize(
    "matrix",
    [np.zeros(3, np.float32), np.full((4, 2), np.nan), np.zeros((2, 4)), np.zeros((2, 2, 2))],
)
def test_what_is_no_projection_is_refused(matrix, tmp_path):
    file = tmp_path / "p.npz"
    np.savez(file, matrix=matrix, kept=1.0, fingerprint="")
    with pytest.raises(MarqueryError, match="cannot be read"):
        read_projection(file)


def test_a_projection_that_keeps_nearly_all_asks_for_full_precision():
    matrix = np.eye(4, dtype=np.float32)[:, :2]
    assert not identity(4).loses_more_than_bfloat16
    assert not Projection(matrix, 0.995).loses_more_than_bfloat16
    assert Projection(matrix, 0.98).loses_more_than_bfloat16
