"""Which paint is the ground where drawings fill the canvas, and where lines between segments lie in
pictures that are not crisp.
"""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

import marquery as mq
from marquery.segments.formation import find_formation
from marquery.segments.restoring import find_slopes

WHITE = (255, 255, 255)


def canvas(height, width, paint):
    return np.full((height, width, 3), paint, dtype=np.uint8)


@pytest.mark.parametrize("ink", [(0, 0, 0), (40, 90, 190), (200, 60, 40)])
def test_squares_that_reach_both_sides_of_a_strip_lie_on_white(ink):
    """Five in seven of the border is ink."""
    image = canvas(160, 32, WHITE)
    for top in (0, 64, 128):
        image[top : top + 32] = ink
    found = mq.segment(image)
    assert found.background.tolist() == [255, 255, 255]
    assert found.area.tolist() == [1024, 1024, 1024]


@pytest.mark.parametrize("quality", [None, 80, 40])
def test_a_square_with_a_notch_lies_on_white(quality):
    image = canvas(120, 120, (20, 60, 160))
    cv2.fillPoly(image, [np.array([[90, 0], [60, 50], [30, 0]])], WHITE)
    if quality:
        packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        image = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    found = mq.segment(image)
    assert found.background.min() >= 250
    assert found.labels[5, 60] == 0
    assert found.labels[100, 60] > 0


def test_a_white_figure_that_fills_the_canvas_keeps_its_dark_ground():
    image = canvas(120, 120, (30, 34, 40))
    cv2.circle(image, (60, 60), 60, WHITE, -1)
    found = mq.segment(image)
    assert found.background.tolist() == [30, 34, 40]
    assert found.count == 1


@pytest.mark.parametrize("method", [cv2.INTER_LINEAR, cv2.INTER_CUBIC])
def test_lines_of_an_enlarged_picture_lie_at_equal_shares(method):
    small = canvas(40, 40, WHITE)
    for radius, ink in ((14, (0, 0, 0)), (9, WHITE)):
        cv2.circle(small, (20, 20), radius, ink, -1, cv2.LINE_AA)
    large = cv2.resize(small, (160, 160), interpolation=method)
    found = mq.segment(large)
    assert found.count == 2
    ink = ~np.append(False, found.is_hole)[found.labels] & (found.labels > 0)
    dark = large[..., 0] < 128
    assert np.count_nonzero(ink != dark) <= 0.02 * np.count_nonzero(dark)


@pytest.mark.parametrize("sigma", [1.0, 1.5])
def test_a_steep_gradient_in_a_blurred_picture_is_one_segment(sigma):
    image = canvas(120, 160, WHITE)
    ramp = np.interp(np.arange(120), [0, 45, 75, 120], [40, 50, 210, 220])
    image[20:100, 20:140] = np.stack([ramp, 0.4 * ramp, 200 - 0.5 * ramp], axis=1)
    found = mq.segment(cv2.GaussianBlur(image, (0, 0), sigma))
    assert found.count == 1


@pytest.mark.parametrize("sigma", [1.0, 1.5])
def test_gradients_that_fade_into_each_other_are_two_in_a_blurred_picture(sigma):
    """They have one colour at the top, and differ by 48 levels at the bottom."""
    image = canvas(120, 160, WHITE)
    down = np.arange(80.0)
    for columns, rise in ((slice(20, 80), 1.0), (slice(80, 140), 1.6)):
        paint = np.stack([40 + rise * down, 0 * down + 30, 160 - rise * down], axis=1)
        image[20:100, columns] = paint[:, None]
    found = mq.segment(cv2.GaussianBlur(image, (0, 0), sigma))
    assert found.count == 2
    left, right = found.labels[25:95, 25:75], found.labels[25:95, 85:135]
    assert np.unique(left).size == np.unique(right).size == 1
    assert left[0, 0] != right[0, 0]


def test_slopes_are_where_levels_go_on_rising():
    edge = np.interp(np.arange(60), [28, 32], [20, 220])
    slope = np.interp(np.arange(60), [10, 50], [20, 220])
    for levels, wanted in ((edge, False), (slope, True)):
        image = np.repeat(np.repeat(levels[None, :, None], 40, 0), 3, 2).astype(np.uint8)
        assert find_slopes(image, 4.0, 1.6)[20, 30].all() == wanted


def test_dots_of_any_channel_are_dither():
    """A magenta ground has no green that could be dithered."""
    image = Image.new("RGB", (120, 120), (230, 0, 124))
    ImageDraw.Draw(image).ellipse([30, 30, 90, 90], fill=WHITE)
    web = image.convert("P", palette=Image.Palette.WEB, dither=Image.Dither.FLOYDSTEINBERG)
    pixels = np.asarray(web.convert("RGB"))
    assert find_formation(cv2.split(pixels)).kind == "dithered"
    assert mq.segment(pixels).count == 1
