"""Badges, rings, rows, columns, figure and words."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

import marquery as mq
from marquery.index.likeness.arrangement import find_backing, is_enclosed, order_of, placing

RED, BLUE = (200, 20, 30), (20, 60, 200)


def drawn(*shapes, size=(200, 200)):
    """The segmentation of shapes (method, box, colour) on white."""
    image = Image.new("RGB", (size[0] * 4, size[1] * 4), "white")
    pen = ImageDraw.Draw(image)
    for method, box, color in shapes:
        getattr(pen, method)([4 * v for v in box], fill=color)
    return mq.segment(np.asarray(image.resize(size, Image.Resampling.BOX)))


def dots(centres, radius=14):
    return [("ellipse", (x - radius, y - radius, x + radius, y + radius), RED) for x, y in centres]


def ring(count, reach=70):
    angles = 2 * np.pi * np.arange(count) / count
    return [(100 + reach * np.cos(a), 100 + reach * np.sin(a)) for a in angles]


def every(found):
    return range(1, found.count + 1)


@pytest.mark.parametrize("count", [5, 6, 8, 12])
def test_rings(count):
    found = drawn(*dots(ring(count)))
    assert order_of(found, every(found)) == ("ring", count)


@pytest.mark.parametrize("count", [3, 4])
def test_rows_and_columns(count):
    places = [40 + 45 * i for i in range(count)]
    row, column = (drawn(*dots(c)) for c in ([(x, 90) for x in places], [(90, y) for y in places]))
    assert order_of(row, every(row)) == ("row", count)
    assert order_of(column, every(column)) == ("column", count)


def test_others_are_neither():
    half = ring(12)[:7]
    skew = [(40, 60), (85, 90), (130, 120)]
    uneven = [(30, 90), (65, 90), (170, 90)]
    for centres in (half, skew, uneven, [(60, 60), (120, 60)]):
        found = drawn(*dots(centres))
        assert order_of(found, every(found)) is None
    unlike = drawn(
        ("ellipse", (10, 80, 60, 130), RED), *dots([(90, 105), (130, 105), (170, 105)], 8)
    )
    assert order_of(unlike, every(unlike)) is None


@pytest.mark.parametrize(
    ("method", "box", "shape"),
    [
        ("ellipse", (10, 10, 190, 190), "disc"),
        ("rectangle", (10, 10, 190, 190), "square"),
        ("rectangle", (10, 60, 190, 150), "bar"),
    ],
)
def test_badges(method, box, shape):
    found = drawn((method, box, BLUE), ("ellipse", (70, 80, 130, 130), "white"))
    backing = find_backing(found)
    assert backing is not None
    assert backing.shape == shape
    assert is_enclosed(found)


def test_what_is_no_badge():
    frame = drawn(("ellipse", (10, 10, 190, 190), BLUE), ("ellipse", (22, 22, 178, 178), "white"))
    beside = drawn(("ellipse", (10, 60, 90, 140), BLUE), ("rectangle", (110, 60, 190, 140), RED))
    alone = drawn(("ellipse", (10, 10, 190, 190), BLUE))
    cross = drawn(
        ("rectangle", (80, 10, 120, 190), BLUE),
        ("rectangle", (10, 80, 190, 120), BLUE),
        ("ellipse", (90, 90, 110, 110), "white"),
    )
    assert [find_backing(found) for found in (frame, beside, alone, cross)] == [None] * 4
    assert not is_enclosed(cross)


@pytest.mark.parametrize(
    ("figure", "words", "expected"),
    [
        ((10, 40, 5, 95), (60, 90, 10, 90), "above"),
        ((60, 90, 10, 90), (10, 40, 5, 95), "below"),
        ((40, 60, 5, 30), (42, 58, 40, 95), "left of"),
        ((42, 58, 40, 95), (40, 60, 5, 30), "right of"),
        ((10, 40, 5, 30), (60, 90, 60, 90), None),
        ((10, 60, 5, 60), (40, 90, 20, 90), None),
    ],
)
def test_where_the_figure_stands(figure, words, expected):
    masks = []
    for top, bottom, left, right in (figure, words):
        mask = np.zeros((100, 100), bool)
        mask[top:bottom, left:right] = True
        masks.append(mask)
    assert placing(*masks) == expected
