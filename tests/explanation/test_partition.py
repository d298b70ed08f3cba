"""Pieces of a logo: no pixel twice, holes where they belong, few."""

from hypothesis import given, settings
from hypothesis import strategies as st

import marquery as mq
from marquery.explanation.partition import partition

from ..drawings import BLUE, GREEN, RED, disc_bar, draw_logo, paint


@given(st.integers(0, 40), st.integers(1, 6))
@settings(max_examples=25, deadline=None)
def test_every_segment_is_in_one_piece(seed, most):
    found = mq.segment(draw_logo(seed))
    pieces = partition(found, most)
    assert sorted(k for piece in pieces for k in piece.labels) == list(range(1, found.count + 1))
    assert len(pieces) <= most
    assert all(piece.labels == tuple(sorted(piece.labels)) for piece in pieces)


def test_blank_has_none():
    assert partition(mq.segment(paint((40, 40)))) == []


def test_a_ring_takes_its_inside():
    ring = paint(
        (100, 100), ("ellipse", (10, 10, 89, 89), RED), ("ellipse", (25, 25, 74, 74), "white")
    )
    (piece,) = partition(mq.segment(ring))
    assert (piece.kind, len(piece.labels)) == ("shape", 2)


def test_white_on_a_badge_is_a_piece():
    badge = paint(
        (100, 100),
        ("rectangle", (10, 10, 89, 89), BLUE),
        ("polygon", (30, 30, 70, 40, 40, 70), "white"),
    )
    found = mq.segment(badge)
    assert found.is_hole.tolist() == [False, True]
    assert [piece.labels for piece in partition(found)] == [(1,), (2,)]


def test_a_group_alone_is_taken_apart():
    touching = paint(
        (100, 60), ("rectangle", (10, 10, 49, 49), RED), ("rectangle", (50, 10, 89, 49), GREEN)
    )
    assert [piece.labels for piece in partition(mq.segment(touching))] == [(1,), (2,)]


def test_a_line_of_letters_is_words():
    letters = [("rectangle", (20 + 14 * i, 80, 27 + 14 * i, 99), BLUE) for i in range(6)]
    logo = paint((200, 120), ("ellipse", (70, 5, 129, 64), RED), *letters)
    pieces = partition(mq.segment(logo))
    assert [(piece.kind, len(piece.labels)) for piece in pieces] == [("shape", 1), ("words", 6)]


def test_pieces_beyond_the_most_join_the_nearest():
    left = ("rectangle", (5, 5, 64, 64), RED)
    right = ("rectangle", (235, 5, 294, 64), BLUE)
    speck = ("ellipse", (205, 30, 216, 41), GREEN)
    found = mq.segment(paint((300, 70), left, right, speck))
    of = {tuple(found.colors[k - 1]): k for k in range(1, 4)}
    pieces = partition(found, 2)
    assert {piece.labels for piece in pieces} == {
        (of[RED],),
        tuple(sorted((of[BLUE], of[GREEN]))),
    }


def test_the_largest_comes_first():
    found = mq.segment(disc_bar())
    areas = [sum(found.area[k - 1] for k in piece.labels) for piece in partition(found)]
    assert areas == sorted(areas, reverse=True)
