"""Dominant colours and how alike they are."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image, ImageDraw

from marquery.index.strategies.palette import (
    COLORS,
    Palettes,
    dominant_colors,
    is_colored,
    to_hex,
)
from marquery.segments import segment


def palette(*colors):
    out = np.zeros((COLORS, 4), np.float32)
    out[: len(colors)] = colors
    return out


def halves(left, right, cut=60):
    image = Image.new("RGB", (120, 80), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((10, 10, cut - 1, 69), fill=left)
    pen.rectangle((cut, 10, 109, 69), fill=right)
    return dominant_colors(segment(np.asarray(image)))


def test_colours_are_those_of_the_ink_by_area():
    found = halves("red", "blue", cut=80)  # 70 of 100 columns, 30 of 100
    assert to_hex(found) == ["#ff0000", "#0000ff"]
    assert np.allclose(found[:2, 3], [0.7, 0.3], atol=0.01)
    assert not found[2:].any()
    assert abs(found[0, 0] - 53.24) < 0.1  # L of red, CIE 1976


def test_near_colours_count_as_one_and_a_blank_image_has_its_ground():
    image = Image.new("RGB", (120, 80), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((10, 10, 50, 69), fill=(200, 0, 0))
    pen.rectangle((70, 10, 109, 69), fill=(206, 4, 4))
    assert len(to_hex(dominant_colors(segment(np.asarray(image))))) == 1
    blank = np.full((30, 30, 3), (0, 0, 255), np.uint8)
    assert to_hex(dominant_colors(segment(blank))) == ["#0000ff"]


def test_similarity_of_one_colour_each_is_the_kernel():
    query = palette((50, 0, 0, 1))
    gallery = np.stack([palette((50, 0, 0, 1)), palette((50, 20, 0, 1)), palette((50, 0, 90, 1))])
    got = Palettes(gallery).similarity_to(query)
    assert np.allclose(got, [1, np.exp(-0.5), np.exp(-0.5 * 4.5**2)], atol=1e-5)


def test_order_does_not_matter_and_area_does():
    query = halves("red", "blue", cut=80)
    gallery = np.stack(
        [query[[1, 0, 2, 3, 4]], halves("red", "blue", cut=40), halves("red", "red")]
    )
    got = Palettes(gallery).similarity_to(query)
    assert got[0] > 0.999
    assert got[0] > got[2] > got[1]


@given(arrays.arrays(np.float32, (3, COLORS, 4), elements=st.floats(0, 1, width=32)))
def test_similarity_is_between_0_and_1_and_symmetric(palettes):
    palettes = palettes * np.array([100, 100, 100, 1], np.float32)
    palettes[:, 0, 3] += 0.5
    got = Palettes(palettes).similarity_to(palettes[0])
    assert abs(got[0] - 1) < 1e-4
    assert (got >= 0).all()
    assert (got <= 1 + 1e-4).all()
    assert abs(got[1] - Palettes(palettes).similarity_to(palettes[1])[0]) < 1e-5


def smooth(first, second):
    """The sum over all pairs of colours, as it is written."""
    return sum(
        a[3] * b[3] * np.exp(-(np.linalg.norm(a[:3] - b[:3]) ** 2) / 800)
        for a in first.astype(np.float64)
        for b in second.astype(np.float64)
    )


@given(
    arrays.arrays(np.float32, (4, COLORS, 4), elements=st.floats(0, 1, width=16)),
    arrays.arrays(np.bool_, (4, COLORS)),
)
def test_similarity_is_that_of_a_loop_whichever_colours_are_missing(palettes, missing):
    palettes = palettes * np.array([100, 60, 60, 1], np.float32)
    palettes[missing, 3] = 0
    palettes[0, 0, 3] = palettes[1, 2, 3] = 0.5  # the last two may have no colour at all
    got = Palettes(palettes).similarity_to(palettes[0])
    for one, other in zip(got, palettes, strict=True):
        norm = np.sqrt(smooth(palettes[0], palettes[0]) * smooth(other, other))
        assert (
            one == np.float32(0)
            if norm == 0
            else abs(one - smooth(palettes[0], other) / norm) < 1e-5
        )


def test_a_logo_is_coloured_where_enough_of_its_ink_has_a_hue():
    assert is_colored(halves("black", "red", cut=80))  # three tenths are red
    assert not is_colored(halves("black", "red", cut=100))  # one tenth
    assert not is_colored(halves("black", (90, 95, 100)))
    both = np.stack([halves("red", "blue"), halves("black", "grey")])
    assert Palettes(both).is_colored.tolist() == is_colored(both).tolist() == [True, False]
