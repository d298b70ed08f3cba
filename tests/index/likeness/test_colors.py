"""Colours kept and changed."""

import cv2
import numpy as np
import pytest

from marquery.index.likeness.colors import color_name, difference, match_colors


def lab(*rgb):
    pixel = np.array([[rgb]], np.float32) / 255
    return tuple(float(v) for v in cv2.cvtColor(pixel, cv2.COLOR_RGB2Lab)[0, 0])


def palette(*colors):
    out = np.zeros((5, 4), np.float32)
    for row, (rgb, share) in zip(out, colors, strict=False):
        row[:] = (*lab(*rgb), share)
    return out


RED, GREEN, BLUE, BLACK, WHITE = (
    *((220, 20, 30), (0, 140, 60), (20, 60, 200)),
    *((10, 10, 10), (255, 255, 255)),
)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [  # G. Sharma, W. Wu, E. N. Dalal, The CIEDE2000 color-difference formula, 2005, table 1
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_difference_is_that_of_the_published_table(one, other, expected):
    assert difference(one, other) == pytest.approx(expected, abs=1e-4)
    assert difference(other, one) == pytest.approx(expected, abs=1e-4)


def test_colours_are_matched_whatever_their_order():
    match = match_colors(
        palette((RED, 0.6), (BLUE, 0.4)), palette((BLUE, 0.7), (RED, 0.2), (GREEN, 0.1))
    )
    assert len(match.kept) == 2
    assert not match.are_same
    assert [color_name(c) for c in match.only_second] == ["green"]
    assert match.only_first == ()


def test_one_pair_far_apart_does_not_spoil_one_that_is_the_same():
    match = match_colors(palette((RED, 0.5), (WHITE, 0.5)), palette((RED, 0.5), (BLACK, 0.5)))
    assert [color_name(p.first) for p in match.kept] == ["red"]


def test_equal_palettes_are_the_same_and_details_do_not_count():
    one = palette((RED, 0.98), (BLUE, 0.02))
    assert match_colors(one, palette((RED, 1.0))).are_same
    assert not match_colors(one, palette((BLUE, 1.0))).are_same


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((255, 0, 0), "red"),
        ((0, 128, 0), "green"),
        ((0, 255, 0), "green"),
        ((0, 0, 255), "blue"),
        ((0, 0, 128), "dark blue"),
        ((24, 119, 242), "blue"),
        ((255, 230, 0), "yellow"),
        ((255, 140, 0), "orange"),
        ((139, 69, 19), "brown"),
        ((255, 192, 203), "pink"),
        ((128, 0, 128), "dark purple"),
        ((120, 80, 220), "purple"),
        ((0, 128, 128), "turquoise"),
        ((20, 20, 20), "black"),
        ((128, 128, 128), "grey"),
        ((211, 211, 211), "grey"),
        ((255, 255, 255), "white"),
        ((245, 235, 210), "beige"),
        ((170, 48, 80), "red"),
    ],
)
def test_colours_have_the_names_that_people_give_them(rgb, name):
    assert color_name(lab(*rgb)) == name
