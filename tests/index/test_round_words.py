"""Writing around circles: where it may be, the picture in which it runs straight, and what is
read.
"""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marquery.augment.lettering.lines import around, line_mask
from marquery.augment.lettering.typefaces import faces_at_hand
from marquery.index.strategies.ocr import ReadLine
from marquery.index.strategies.reading import may_hold_words, read_lines, read_words
from marquery.index.strategies.rings import Ring, find_rings
from marquery.index.strategies.round_writing import Arc, unroll
from marquery.segments import segment

INK, PAPER = (20, 60, 140), (255, 255, 255)


def blank(side=240):
    return np.full((side, side, 3), 255, np.uint8)


def set_blocks(image, middle, radius, angles, size=10, color=PAPER):
    """Upright blocks of unequal width, as letters are, with their middles on a circle."""
    for number, angle in enumerate(angles):
        x, y = middle[0] + radius * math.cos(angle), middle[1] + radius * math.sin(angle)
        wide = size - 2 * (number % 3)
        corner = round(x - wide / 2), round(y - size / 2)
        cv2.rectangle(image, corner, (corner[0] + wide - 1, corner[1] + size - 1), color, -1)
    return image


def badge(count=12, axes=(100, 100), middle=(120, 120)):
    image = blank()
    cv2.ellipse(image, middle, axes, 0, 0, 360, INK, -1)
    for number in range(count):
        angle = math.pi + 0.25 * number
        x = round(middle[0] + 0.8 * axes[0] * math.cos(angle))
        y = round(middle[1] + 0.8 * axes[1] * math.sin(angle))
        wide = 10 - 2 * (number % 3)
        cv2.rectangle(image, (x, y), (x + wide, y + 12), PAPER, -1)
    return image


FACE = faces_at_hand()["latin"][0].file


def written(above="KESTREL", below="SINCE 1921", side=260, rim=True):
    """Words around the middle of a picture, as a badge has them."""
    image = np.full((side, side, 3), 255.0)
    radius = 0.45 * side
    if rim:
        cv2.circle(image, (side // 2, side // 2), round(radius), INK, -1)
    ink = np.array(PAPER if rim else INK, np.float64)
    for text, is_below in ((above, False), (below, True)):
        if text:
            mask = around(
                line_mask(text, FACE), (side, side), 0.72 * radius, 0.2 * radius, below=is_below
            )[..., None]
            image += mask * (ink - image)
    return np.rint(image).astype(np.uint8)


@given(
    st.floats(0.1, 1.5),
    st.floats(-3.1, 3.1),
    st.floats(20, 200),
    st.floats(20, 200),
)
def test_points_of_a_ring_and_their_places_on_it_are_inverse(share, angle, wide, tall):
    ring = Ring(31.0, -7.0, wide, tall)
    found = ring.polar(*ring.points(np.array([share]), np.array([angle])))
    assert found[0][0] == pytest.approx(share)
    assert found[1][0] == pytest.approx(angle)


def test_bands_show_the_ring_from_outside_in_and_the_lower_one_from_inside_out():
    rows, columns = np.mgrid[0:201, 0:201]
    image = np.stack([columns, rows, np.zeros_like(rows)], axis=-1).astype(np.uint8)
    ring = Ring(100.0, 100.0, 80.0, 60.0)
    band = unroll(image, ring, np.zeros(3, np.uint8))
    height, width = band.pixels.shape[:2]
    assert height == 80 + 12 + 80
    for row, column in ((0, width // 2), (79, width // 2), (40, width // 4), (10, width - 5)):
        turn = ((column + 0.5) / width - 0.5) * 1.5 * math.pi
        share = 1.03 - (row + 0.5) / 80 * 0.53
        for place, angle in ((row, -math.pi / 2 + turn), (171 - row, math.pi / 2 - turn)):
            x, y = 100 + 80 * share * math.cos(angle), 100 + 60 * share * math.sin(angle)
            assert band.pixels[place, column, :2] == pytest.approx([x, y], abs=1.01)


def test_a_line_of_a_band_is_told_where_it_stands_in_the_picture():
    band = unroll(blank(), Ring(120.0, 120.0, 100.0, 100.0), np.full(3, 255, np.uint8))
    width = band.pixels.shape[1]
    # A quarter of the unrolled angle, half the band high, in the middle: 11 to 1 o'clock.
    arc = band.arc((round(3 * width / 8), 0, round(width / 4), 40))
    assert arc.shares == pytest.approx((0.765, 1.03))
    assert np.rad2deg(arc.angles) == pytest.approx((-90 - 33.75, -90 + 33.75), abs=0.5)
    left, top, wide, tall = arc.box
    assert (left + wide / 2, top) == pytest.approx((120, 120 - 103), abs=1.5)
    assert wide == pytest.approx(2 * 103 * math.sin(math.radians(33.75)), abs=3)
    assert top + tall == pytest.approx(120 - 76.5 * math.cos(math.radians(33.75)), abs=2)
    assert arc.holds(np.array([120.0, 120.0, 30.0]), np.array([30.0, 200.0, 120.0])).tolist() == [
        True,
        False,
        False,
    ]
    below = band.arc((round(3 * width / 8), 92 + 40, round(width / 4), 40))
    assert np.rad2deg(below.angles) == pytest.approx((90 - 33.75, 90 + 33.75), abs=0.5)
    assert below.shares == pytest.approx((0.765, 1.03))


@settings(max_examples=60)
@given(
    st.tuples(st.floats(0.5, 0.9), st.floats(0.01, 0.4)),
    st.tuples(st.floats(-4, 4), st.floats(0.1, 4)),
)
def test_an_arc_holds_its_own_middle_and_nothing_of_the_other_side(shares, angles):
    arc = Arc(
        Ring(50.0, 60.0, 40.0, 30.0),
        (shares[0], shares[0] + shares[1]),
        (angles[0], angles[0] + angles[1]),
    )
    assert arc.holds(*arc.along(9))[1:-1].all()
    beyond = np.array([angles[0] + angles[1] + 0.05, angles[0] - 0.05])
    assert not arc.holds(*arc.ring.points(np.full(2, np.mean(arc.shares)), beyond)).any()


@pytest.mark.parametrize("axes", [(100, 100), (110, 60)])
def test_an_outline_with_letters_along_it_is_a_ring(axes):
    (ring,) = find_rings(segment(badge(axes=axes)))
    assert (ring.x, ring.y) == pytest.approx((120, 120), abs=1)
    assert (ring.wide, ring.tall) == pytest.approx(axes, abs=1.5)


def test_round_pictures_without_letters_and_letters_of_other_outlines_are_no_rings():
    assert find_rings(segment(badge(count=0))) == []
    assert find_rings(segment(badge(count=3))) == []
    # Few letters, on a square and on a disc.
    angles = np.pi + 0.24 * np.arange(5)
    square = blank()
    cv2.rectangle(square, (20, 20), (220, 220), INK, -1)
    assert find_rings(segment(set_blocks(square, (120, 120), 80, angles))) == []
    disc = blank()
    cv2.circle(disc, (120, 120), 100, INK, -1)
    assert len(find_rings(segment(set_blocks(disc, (120, 120), 80, angles, size=14)))) == 1


def test_letters_on_a_circle_of_their_own_are_a_ring():
    angles = -0.3 - 0.23 * np.arange(9)
    image = set_blocks(blank(), (118, 130), 80, angles, size=14, color=INK)
    cv2.rectangle(image, (8, 180), (230, 232), INK, -1)  # a figure below them
    (ring,) = find_rings(segment(image))
    assert (ring.x, ring.y) == pytest.approx((118, 130), abs=2)
    assert 80 < ring.wide == ring.tall < 80 + 14


def test_straight_lines_are_no_ring():
    image = blank()
    for row in (60, 90, 120, 150):
        for column in range(20, 216, 17):
            wide = 12 - column % 5
            cv2.rectangle(image, (column, row), (column + wide, row + 14), INK, -1)
    assert find_rings(segment(image)) == []


@pytest.mark.parametrize("rim", [True, False])
def test_words_around_a_circle_are_read_above_and_below(rim):
    image = written(above="KESTREL HARBOUR", rim=rim)
    found = segment(image)
    assert may_hold_words(found)
    words = read_words(image, found)
    assert "KESTREL HARBOUR" in words
    assert "SINCE 1921" in words
    assert words.index("KESTREL") < words.index("SINCE")


def test_words_amid_those_around_them_are_read_too():
    image = written(above="NORTHERN BREWERS", below="COMPANY")
    cv2.putText(image, "1874", (84, 142), cv2.FONT_HERSHEY_DUPLEX, 1.2, PAPER, 2)
    words = read_words(image, segment(image)).split()
    assert words == ["NORTHERN", "BREWERS", "1874", "COMPANY"]


def test_lines_around_a_circle_are_told_where_they_stand():
    image = written(above="KESTREL HARBOUR", below="")
    line = next(line for line in read_lines(image, segment(image)) if "HARBOUR" in line.text)
    left, top, wide, tall = line.box
    assert top < 40
    assert left + wide / 2 == pytest.approx(130, abs=8)
    assert wide > 150
    assert tall < 130


class Reader:
    """Reads what it is told: lines of the picture, then lines of the bands."""

    def __init__(self, straight, bands):
        self.told = [straight, bands]

    def lines(self, pixels, background):
        return self.told.pop(0)


@pytest.mark.parametrize(
    ("straight", "bent", "expected"),
    [
        # A piece that was read of the bent line yields to the whole one.
        (("RUC", 0.9), ("STARBUCKS", 0.9), ["STARBUCKS"]),
        # The straight one stays where it has as many letters, or is surer.
        (("HARBOUR", 0.9), ("HARBOUR", 0.9), ["HARBOUR"]),
        (("HARBOUR", 1.0), ("HARBOURI", 0.81), ["HARBOUR"]),
        # A piece of it elsewhere, of letters that stand on the circle by chance.
        (("NET LEASE", 1.0, (0, 200, 150, 30)), ("EASE", 1.0), ["NET LEASE"]),
        # What is read upside down, or of ornaments, is not sure, or short.
        (None, ("HARBOUR", 0.79), []),
        (None, ("IO", 1.0), []),
    ],
)
def test_a_piece_of_writing_is_told_once(monkeypatch, straight, bent, expected):
    image = badge()
    found = segment(image)
    (ring,) = find_rings(found)
    width = unroll(image, ring, found.background).pixels.shape[1]
    lines = [ReadLine(*straight[:2], *(straight[2:] or [(95, 25, 50, 25)]))] if straight else []
    bands = [ReadLine(bent[0], bent[1], (width // 4, 5, width // 2, 40))]
    monkeypatch.setattr(
        "marquery.index.strategies.reading.word_reader", lambda: Reader(lines, bands)
    )
    monkeypatch.setattr("marquery.index.strategies.reading._may_hold_lines", lambda _: True)
    assert [line.text for line in read_lines(image, found)] == expected


def test_straight_lines_elsewhere_stay_between_those_above_and_below(monkeypatch):
    image = badge()
    found = segment(image)
    width = unroll(image, find_rings(found)[0], found.background).pixels.shape[1]
    straight = [ReadLine("1874", 1.0, (90, 110, 60, 20))]
    bands = [
        ReadLine("COMPANY", 1.0, (width // 4, 97, width // 2, 40)),
        ReadLine("BREWERS", 1.0, (width // 4, 5, width // 2, 40)),
    ]
    monkeypatch.setattr(
        "marquery.index.strategies.reading.word_reader", lambda: Reader(straight, bands)
    )
    monkeypatch.setattr("marquery.index.strategies.reading._may_hold_lines", lambda _: True)
    assert [line.text for line in read_lines(image, found)] == ["BREWERS", "1874", "COMPANY"]


def test_a_ring_without_a_reader_is_told_as_such(monkeypatch):
    monkeypatch.setattr("marquery.index.strategies.reading.word_reader", lambda: "none here")
    image = badge()
    assert read_words(image, segment(image)) is None
