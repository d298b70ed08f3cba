"""A long job gives others their turn between a few pictures."""

import threading

import numpy as np
import pytest

from marquery.explanation import explain
from marquery.web.examiner.shared_encoder import SharedEncoder

from ..drawings import draw
from ..encoders import tiny_encoder


class Watched:
    """Says how many pictures it was given at once, and whether the lock was held."""

    image_size = 32

    def __init__(self, lock):
        self.lock = lock
        self.seen = []

    def embed_squares(self, squares):
        self.seen.append((len(squares), self.lock.locked()))
        return np.arange(len(squares), dtype=np.float32)[:, None] + squares[0][0, 0, 0]

    def embed(self, images, *, engine="auto"):
        assert engine == "pytorch"
        return self.embed_squares(images)


def test_the_lock_is_taken_for_sixteen_pictures_at_a_time():
    lock = threading.Lock()
    watched = Watched(lock)
    shared = SharedEncoder(watched, lock)
    squares = [np.full((32, 32, 3), n, np.uint8) for n in range(40)]
    assert shared.embed_squares(squares)[:, 0].tolist() == list(range(40))
    assert shared.embed(squares, engine="pytorch").shape == (40, 1)
    assert watched.seen == [(16, True), (16, True), (8, True)] * 2
    assert not lock.locked()


def test_an_explanation_is_the_same_as_with_the_encoder_itself():
    encoder = tiny_encoder()
    one = explain(encoder, draw(3), draw(5))
    other = explain(SharedEncoder(encoder, threading.Lock()), draw(3), draw(5))
    assert other.score == pytest.approx(one.score, abs=1e-6)
    assert other.pairs == pytest.approx(one.pairs, abs=1e-6)
