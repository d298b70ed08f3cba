"""True segments from SVG, on drawings whose answer is plain."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marquery.datasets.openlogos.truth import framed, segment_truth, true_regions
from marquery.svg import render_svg

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
WHITE = (255, 255, 255)
RED_TO_BLUE = (
    '<defs><linearGradient id="a"><stop stop-color="#f00"/><stop offset="1" stop-color="#00f"/>'
    "</linearGradient></defs>"
)


def test_shapes_holes_and_background():
    svg = HEAD + (
        '<rect x="8" y="8" width="40" height="40" fill="#c00"/>'
        '<circle cx="28" cy="28" r="10" fill="#fff"/><rect x="52" y="52" width="8" height="8" fill="#00c"/>'  # noqa: E501
        '<rect x="2" y="60" width="2" height="2"/></svg>'
    )
    truth = segment_truth(svg, 64, WHITE)
    assert truth.labels.shape == (64, 64)
    assert truth.count == 3
    assert truth.is_hole.tolist() == [False, True, False]
    assert not truth.is_gradient.any()
    assert 300 <= (truth.labels == truth.labels[28, 28]).sum() <= 330  # pi 10 squared
    assert truth.labels[0, 0] == 0
    assert truth.labels[60, 2] == -1  # four pixels: too small to be told


def test_a_gradient_is_one_segment_and_paints_that_hardly_differ_are_one():
    svg = HEAD + (
        f'{RED_TO_BLUE}<rect x="4" y="4" width="56" height="20" fill="url(#a)"/>'
        '<rect x="4" y="32" width="20" height="20" fill="#101010"/><rect x="24" y="32" width="20" height="20" fill="#141414"/></svg>'  # noqa: E501
    )
    truth = segment_truth(svg, 64, WHITE)
    assert truth.count == 2
    assert truth.is_gradient.tolist() == [True, False]
    assert np.bincount(truth.labels.reshape(-1))[1:].tolist() == [56 * 20, 40 * 20]


def test_an_outline_is_visible_where_the_drawn_paints_differ():
    # Red to blue above a red bar: they touch along 48 of the gradient's 2 * (48 + 16) px, and for
    # the first 16 levels of 255, that is 3 px of 48, nobody sees it.
    svg = HEAD + (
        f'{RED_TO_BLUE}<rect x="8" y="8" width="48" height="16" fill="url(#a)"/>'
        '<rect x="8" y="24" width="48" height="16" fill="#f00"/></svg>'
    )
    truth = segment_truth(svg, 64, WHITE)
    assert truth.is_gradient.tolist() == [True, False]
    assert truth.visible == pytest.approx([1 - 3 / 128, 1 - 3 / 128], abs=0.005)


def test_necks_too_thin_for_the_size_cut_a_shape():
    svg = HEAD + (
        '<rect x="8" y="8" width="16" height="16"/><rect x="24" y="16" width="16" height="0.3"/>'
        '<rect x="40" y="8" width="16" height="16"/><rect x="8" y="40" width="16" height="16"/></svg>'  # noqa: E501
    )
    truth = segment_truth(svg, 64, WHITE)
    assert truth.count == 3
    assert truth.shape[0] == truth.shape[1] != truth.shape[2]


def test_the_ground_is_told_when_a_shape_begins_in_its_first_pixel():
    # Half of the cell at the top left is the disc's: the paint of the ground must not be read from
    # there.
    svg = HEAD + '<rect x="0.5" y="0" width="30" height="64" fill="#00c"/></svg>'
    truth = segment_truth(svg, 64, WHITE)
    assert truth.count == 1
    assert truth.labels[32, 63] == 0


def test_drawings_it_cannot_tell_are_left_out():
    svg = (
        HEAD
        + '<linearGradient id="a"><stop stop-color="#f00" stop-opacity=".2"/></linearGradient></svg>'  # noqa: E501
    )
    assert segment_truth(svg, 64, WHITE) is None
    with pytest.raises(ValueError):
        segment_truth("no drawing", 64, WHITE)


def test_what_is_translucent_above_a_gradient_varies_but_is_no_gradient():
    svg = HEAD + (
        f'{RED_TO_BLUE}<rect x="4" y="4" width="40" height="56" fill="url(#a)"/>'
        '<rect x="4" y="4" width="20" height="56" fill="#888" opacity=".5"/></svg>'
    )
    crisp = true_regions(svg, 64, WHITE, 2)
    backdrop, under, bare = (crisp.regions[y, x] for y, x in ((0, 0), (64, 16), (64, 70)))
    assert crisp.varies[[backdrop, under, bare]].tolist() == [False, True, True]
    assert crisp.is_gradient[[backdrop, under, bare]].tolist() == [False, False, True]


@settings(max_examples=25, deadline=None)
@given(
    width=st.floats(20, 200),
    height=st.floats(20, 200),
    left=st.floats(-50, 50),
    size=st.integers(16, 48),
    factor=st.sampled_from((2, 4)),
)
def test_a_framed_drawing_has_whole_pixels_at_every_multiple(width, height, left, size, factor):
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="9em" height="3" viewBox="{left} 0 {width} {height}">'  # noqa: E501
    svg = framed(f'{head}<rect x="{left}" width="{width}" height="{height}"/></svg>', size)
    small, large = render_svg(svg, size), render_svg(svg, size * factor)
    assert max(small.shape[:2]) == size
    assert large.shape[:2] == (small.shape[0] * factor, small.shape[1] * factor)
    # What the frame adds is under a pixel: the middle of a drawing that fills its box is covered.
    assert small[small.shape[0] // 2, small.shape[1] // 2, 3] > 120


def test_a_frame_needs_a_size():
    with pytest.raises(ValueError):
        framed('<svg width="0" height="4"></svg>', 64)
