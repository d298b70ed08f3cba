"""References for edits, on drawings whose answer is plain, and against a drawing with the shape
repainted in the SVG.
"""

import numpy as np
import pytest

from marquery.datasets.openlogos.edit_truth import edit_truth
from marquery.datasets.openlogos.render import over
from marquery.datasets.openlogos.truth import framed
from marquery.svg import render_svg

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
WHITE = (255, 255, 255)
DISC = '<circle cx="30" cy="30" r="20.3" fill="{}"/>'
DOT = '<circle cx="32" cy="27" r="7.7" fill="{}"/>'
BAR = '<rect x="54" y="3.3" width="7.4" height="50" fill="{}"/>'


def drawn(*shapes):
    pixels = over(
        render_svg(framed(HEAD + "".join(shapes) + "</svg>", 64), 512, "crisp_edges"), WHITE
    )
    return pixels.reshape(64, 8, 64, 8, 3).mean(axis=(1, 3))


def shape_at(truth, y, x):
    (shape,) = [s for s in truth.shapes if truth.mask(s)[y, x]]
    return shape


@pytest.fixture(scope="module")
def badge():
    svg = HEAD + DISC.format("#c03020") + DOT.format("#fff") + BAR.format("#1050a0") + "</svg>"
    return edit_truth(svg, 64, WHITE)


def test_the_input_is_the_reduced_drawing(badge):
    expected = drawn(DISC.format("#c03020"), DOT.format("#fff"), BAR.format("#1050a0"))
    assert np.abs(badge.pixels - expected).max() <= 0.5
    assert (badge.fit, badge.unfit, len(badge.shapes)) == (3, 0, 3)


def test_repainting_is_as_if_the_drawing_had_been_another(badge):
    disc = shape_at(badge, 45, 30)
    expected = drawn(DISC.format("#20e080"), DOT.format("#fff"), BAR.format("#1050a0"))
    assert np.abs(badge.repainted(disc, (0x20, 0xE0, 0x80)) - expected).max() <= 0.5
    removed = badge.repainted(shape_at(badge, 20, 58), WHITE)
    assert np.abs(removed - drawn(DISC.format("#c03020"), DOT.format("#fff"))).max() <= 0.5


def test_what_lies_beneath(badge):
    disc, dot, bar = shape_at(badge, 45, 30), shape_at(badge, 27, 32), shape_at(badge, 20, 58)
    assert (disc.beneath, disc.below.tolist(), disc.is_hole) == ("backdrop", [255] * 3, False)
    assert (dot.beneath, dot.below.tolist(), dot.is_hole) == ("paint", [0xC0, 0x30, 0x20], True)
    assert (bar.beneath, bar.is_gradient) == ("backdrop", False)


def test_footprint_and_mask_of_an_edge_through_pixels(badge):
    bar = shape_at(badge, 20, 58)
    # x from 54 to 61.4: seven columns, and three of eight crisp ones of another; y from 3.3 to
    # 53.3.
    assert badge.footprint(bar).sum() == 8 * 51
    assert badge.mask(bar).sum() == 7 * 50
    assert bar.cover.max() == 64


def test_shading_keeps_light_and_dark():
    stops = '<stop stop-color="#404040"/><stop offset="1" stop-color="#808080"/>'
    svg = (
        f'{HEAD}<linearGradient id="a">{stops}</linearGradient>'
        '<rect x="8" y="8" width="48" height="48" fill="url(#a)"/></svg>'
    )
    truth = edit_truth(svg, 64, WHITE)
    (shape,) = truth.shapes
    assert shape.is_gradient
    shaded = truth.reshaded(shape, (100, 150, 120))
    assert np.abs(shaded[8:56, 8:56].mean(axis=(0, 1)) - (100, 150, 120)).max() < 0.5
    rise = shaded[30, 8:56].astype(int) - truth.pixels[30, 8:56]
    assert np.ptp(rise, axis=0).max() <= 1  # every pixel is moved alike
    assert (shaded[:8] == 255).all()


def test_grounds_and_shapes_that_fall_apart_are_left_out():
    full = HEAD + '<rect width="64" height="64" fill="#222"/>' + DOT.format("#fa0") + "</svg>"
    truth = edit_truth(full, 64, WHITE)
    assert (truth.fit, truth.unfit) == (1, 1)
    assert truth.shapes[0].beneath == "paint"
    assert truth.shapes[0].below.tolist() == [0x22] * 3
    dumbbell = HEAD + (
        '<rect x="8" y="8" width="16" height="16"/><rect x="24" y="16" width="16" height="0.3"/>'
        '<rect x="40" y="8" width="16" height="16"/></svg>'
    )
    assert (edit_truth(dumbbell, 64, WHITE).fit, edit_truth(dumbbell, 64, WHITE).unfit) == (0, 1)


def test_what_lies_on_a_gradient_or_between_two_paints_is_unknown():
    gradient = (
        '<linearGradient id="a"><stop stop-color="#f00"/><stop offset="1" stop-color="#00f"/></linearGradient>'  # noqa: E501
        '<rect x="4" y="4" width="56" height="56" fill="url(#a)"/>'
    )
    truth = edit_truth(HEAD + gradient + DOT.format("#0f0") + "</svg>", 64, WHITE)
    assert shape_at(truth, 27, 32).beneath == "unknown"
    halves = '<rect x="4" y="4" width="28" height="56" fill="#00f"/><rect x="32" y="4" width="28" height="56" fill="#f00"/>'  # noqa: E501
    truth = edit_truth(HEAD + halves + DOT.format("#0f0") + "</svg>", 64, WHITE)
    assert shape_at(truth, 27, 32).beneath == "unknown"


def test_a_sliver_at_the_rim_is_no_backdrop():
    # 63.5 units high: the frame of whole pixels adds a quarter of a pixel of backdrop above and
    # below.
    head = HEAD.replace("64 64", "64 63.5")
    halves = '<rect width="64" height="30" fill="#00f"/><rect y="30" width="64" height="34" fill="#f00"/>'  # noqa: E501
    truth = edit_truth(f'{head}{halves}<rect x="8" y="8" width="9" height="9"/></svg>', 64, WHITE)
    assert "backdrop" not in {s.beneath for s in truth.shapes}
    assert shape_at(truth, 10, 10).below.tolist() == [0, 0, 255]


@pytest.mark.parametrize(("width", "beneath"), [(1, "unknown"), (3, "paint")])
def test_what_lies_in_a_thin_outline_is_unknown(width, beneath):
    outlined = f'<circle cx="30" cy="30" r="20" fill="#0f0" stroke="#00f" stroke-width="{width}"/>'
    truth = edit_truth(f"{HEAD}{outlined}</svg>", 64, WHITE)
    assert shape_at(truth, 30, 30).beneath == beneath


def test_the_draw_is_the_same_each_time_and_no_more_than_asked_for():
    dots = "".join(f'<circle cx="{8 + 12 * i}" cy="20" r="5"/>' for i in range(5))
    one, two = (edit_truth(f"{HEAD}{dots}</svg>", 64, WHITE, most=2) for _ in range(2))
    assert [s.box for s in one.shapes] == [s.box for s in two.shapes]
    assert (len(one.shapes), one.fit) == (2, 5)
    assert edit_truth(HEAD + "<filter/></svg>", 64, WHITE) is None
