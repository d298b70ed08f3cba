"""True segments from SVG, on drawings whose answer is plain."""

import numpy as np

from marquery.datasets.openlogos.truth import segment_truth

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
WHITE = (255, 255, 255)


def test_shapes_holes_and_background():
    svg = HEAD + (
        '<rect x="8" y="8" width="40" height="40" fill="#c00"/>'
        '<circle cx="28" cy="28" r="10" fill="#fff"/><rect x="52" y="52" width="8" height="8" fill="#00c"/>'
        '<rect x="2" y="60" width="2" height="2"/></svg>'
    )
    truth = segment_truth(svg, 64, WHITE)
    assert truth.labels.shape == (64, 64)
    assert truth.count == 3
    assert truth.is_hole.tolist() == [False, True, False]
    assert not truth.is_gradient.any()
    assert (truth.labels == truth.labels[28, 28]).sum() == np.clip(
        (truth.labels == truth.labels[28, 28]).sum(), 300, 330
    )
    assert truth.labels[0, 0] == 0
    assert truth.labels[60, 2] == -1  # four pixels: too small to be told


def test_a_gradient_is_one_segment_and_paints_that_hardly_differ_are_one():
    svg = HEAD + (
        '<defs><linearGradient id="a"><stop stop-color="#f00"/><stop offset="1" stop-color="#00f"/></linearGradient></defs>'
        '<rect x="4" y="4" width="56" height="20" fill="url(#a)"/>'
        '<rect x="4" y="32" width="20" height="20" fill="#101010"/><rect x="24" y="32" width="20" height="20" fill="#141414"/></svg>'
    )
    truth = segment_truth(svg, 64, WHITE)
    assert truth.count == 2
    assert truth.is_gradient.tolist() == [True, False]
    assert np.bincount(truth.labels.reshape(-1))[1:].tolist() == [56 * 20, 40 * 20]


def test_drawings_it_cannot_tell_are_left_out():
    svg = (
        HEAD
        + '<linearGradient id="a"><stop stop-color="#f00" stop-opacity=".2"/></linearGradient></svg>'
    )
    assert segment_truth(svg, 64, WHITE) is None
