"""Prepared queries are kept, and never taken for another."""

import numpy as np
import pytest

from marquery.index import LogoIndex
from marquery.index.strategies.auto import AutoQuery
from marquery.index.strategies.embedding import embed_once

from ..drawings import draw, fill
from ..encoders import tiny_encoder


@pytest.fixture
def index(tmp_path):
    fill(tmp_path / "logos", range(6))
    made = LogoIndex.create(tmp_path / "idx", tiny_encoder(), words=False)
    made.add(tmp_path / "logos")
    return made


@pytest.fixture
def embedded(index, monkeypatch):
    """Numbers of pictures that each call embeds."""
    calls = []
    real = index.encoder.embed_squares

    def counted(squares, **options):
        calls.append(len(squares))
        return real(squares, **options)

    monkeypatch.setattr(index.encoder, "embed_squares", counted)
    return calls


def test_pages_filters_and_places_embed_a_picture_once(index, embedded):
    first = index.search(draw(2), 3)
    assert index.search(draw(2), 3, offset=3) == index.search(draw(2), 6)[3:]
    index.search(draw(2), 3, where="width > 5")
    index.places([first[0].id], draw(2))
    assert len(embedded) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"strategy": "overall"},
        {"strategy": "overall=1,color=2"},
        {"turned": True},
        {"part": (0, 0, 20, 20)},
    ],
)
def test_another_search_is_prepared_anew(index, embedded, other):
    index.search(draw(2), 3)
    changed = index.search(draw(2), 3, **other)
    assert len(embedded) > 1
    alone = LogoIndex.open(index.path).search(draw(2), 3, **other)
    assert [hit.id for hit in changed] == [hit.id for hit in alone]
    assert [hit.score for hit in changed] == pytest.approx([hit.score for hit in alone], abs=1e-5)


def test_another_picture_version_and_feedback_too(index, embedded, tmp_path):
    before = index.search(draw(2), 3)
    assert index.search(draw(3), 3) != before
    overall = index.search(draw(2), 6, strategy="overall")
    moved = index.search(draw(2), 6, like=[5])
    assert [hit.score for hit in moved] != [hit.score for hit in overall]
    assert index.search(draw(2), 6, strategy="overall") == overall  # not moved for others
    draw(2).save(tmp_path / "logos" / "again.png")
    index.add(tmp_path / "logos")
    assert [hit.path[-9:] for hit in index.search(draw(2), 2)] == ["s/002.png", "again.png"]


def test_many_queries_are_kept_and_few_with_their_scores(index, embedded, monkeypatch):
    forgotten = []
    forget = AutoQuery.forget
    monkeypatch.setattr(AutoQuery, "forget", lambda self: (forgotten.append(self), forget(self)))
    first = [index.search(draw(seed), 3) for seed in range(20)]
    assert (len(embedded), len(forgotten)) == (20, 12)
    assert [query._last for query in forgotten] == [None] * 12
    assert [index.search(draw(seed), 3) for seed in range(20)] == first
    assert len(embedded) == 20


class Counting:
    """An encoder whose vectors are sums; it keeps what it was asked for."""

    dim = 1

    def __init__(self):
        self.asked = []

    def embed_squares(self, squares, *, compressed):
        self.asked.append((len(squares), compressed))
        return np.array([[square.sum()] for square in squares], np.float32).reshape(-1, 1)


SQUARES = [np.full((2, 2, 3), value, np.uint8) for value in (7, 3, 7, 7, 9, 3)]


def test_equal_squares_are_embedded_once():
    encoder = Counting()
    vectors = embed_once(encoder, SQUARES)
    assert vectors[:, 0].tolist() == [12 * value for value in (7, 3, 7, 7, 9, 3)]
    assert encoder.asked == [(3, False)]
    assert embed_once(encoder, []).shape == (0, 1)


def test_what_is_compressed_afterwards_is_embedded_apart_and_what_is_also_kept_whole_exactly():
    encoder = Counting()
    vectors = embed_once(encoder, SQUARES, [True, True, False, True, True, True])
    assert vectors[:, 0].tolist() == [12 * value for value in (7, 3, 7, 7, 9, 3)]
    assert encoder.asked == [(1, False), (2, True)]  # 7 is kept whole once; 3 and 9 never
