"""Gradients that fade into each other are two shapes where an edge is seen; kinks and flat paints
are not cut.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import marquery as mq
from marquery.segments.region_edges import split_region


def on_white(paint, top=10, left=10):
    canvas = np.full((paint.shape[0] + 20, paint.shape[1] + 20, 3), 255, dtype=np.uint8)
    canvas[top : top + paint.shape[0], left : left + paint.shape[1]] = np.rint(paint)
    return canvas


def facets(gap=0.1, step=30.0, size=60):
    """Two facets side by side; at the lower ``gap`` of their common line they have one colour."""
    y, x = np.mgrid[0:size, 0:size]
    fade = np.clip((1 - gap - y / size) * size / 10, 0, 1)  # the step fades out within ten pixels
    level = 60 + 1.2 * y + np.where(x >= size // 2, step * fade, 0)
    return np.repeat(level[..., None], 3, axis=2)


def test_facets_that_meet_in_a_gap_are_two_shapes():
    found = mq.segment(on_white(facets()))
    assert found.count == 2
    right = found.labels[10:70, 40:70]
    assert (right == found.labels[15, 60]).mean() > 0.97
    assert (found.labels[10:70, 10:40] == found.labels[15, 20]).mean() > 0.97


def test_an_edge_along_less_than_half_of_the_line_does_not_cut():
    assert mq.segment(on_white(facets(gap=0.6))).count == 1


def test_the_kink_of_a_gradient_is_no_edge():
    x = np.arange(60)
    level = np.where(x < 30, 60 + 5.0 * x, 60 + 5.0 * 30 + 0.2 * (x - 30))
    paint = np.repeat(np.repeat(level[None, :, None], 60, axis=0), 3, axis=2)
    assert mq.segment(on_white(paint)).count == 1


@pytest.mark.parametrize("slope", [0.3, 1.0, 2.5])
def test_round_gradients_stay_whole(slope):
    y, x = np.mgrid[0:61, 0:61]
    level = np.clip(230 - slope * np.hypot(y - 20.0, x - 35.0), 0, 255)
    assert mq.segment(on_white(np.repeat(level[..., None], 3, axis=2))).count == 1


def test_labels_are_in_reading_order_and_soft_edges_stay_valid():
    found = mq.segment(on_white(facets()))
    first = [np.flatnonzero(found.labels == label)[0] for label in range(1, found.count + 1)]
    assert first == sorted(first)
    own = found.labels.reshape(-1)[found.soft_edges.index]
    assert (own != found.soft_edges.under).all()
    assert (found.labels.reshape(-1)[found.soft_edges.paint[:, 0]] == own).all()
    assert (found.labels.reshape(-1)[found.soft_edges.paint[:, 1]] == found.soft_edges.under).all()


@settings(max_examples=25, deadline=None)
@given(
    step=st.floats(12, 60),
    gap=st.floats(0.02, 0.3),
    slope=st.floats(-1.5, 1.5),
    turns=st.integers(0, 3),
)
def test_pieces_fill_the_region_and_turn_with_it(step, gap, slope, turns):
    paint = facets(gap, step) + slope * np.arange(60)[None, :, None]
    pixels = np.clip(np.rint(paint), 0, 255).astype(np.uint8)
    inside = np.ones((60, 60), dtype=np.bool_)
    pieces = split_region(pixels, inside, inside, 3.0)
    turned = split_region(np.ascontiguousarray(np.rot90(pixels, turns)), inside, inside, 3.0)
    if pieces is None:
        assert turned is None
        return
    assert pieces.min() == 1
    assert turned is not None
    back = np.rot90(turned, -turns)
    pairs = set(zip(pieces.reshape(-1).tolist(), back.reshape(-1).tolist(), strict=True))
    # The same pieces but for single pixels that both sides reach at once.
    table = np.zeros((pieces.max() + 1, back.max() + 1), dtype=int)
    np.add.at(table, (pieces, back), 1)
    assert pieces.max() == back.max(), pairs
    assert table.max(axis=1).sum() >= 0.99 * pieces.size


def test_rounding_of_gradients_laid_over_each_other_is_no_edge():
    y, x = np.mgrid[0:120, 0:120]
    below = np.rint(60 + 0.9 * y[..., None] * (1, 0.4, -0.3) + 40)
    above = np.rint(215 - 1.1 * x[..., None] * (0.5, 1, 0.2))
    share = np.rint(255 * np.clip(1.2 - np.hypot(y - 10.0, x - 10.0) / 140, 0, 1))[..., None] / 255
    mixed = np.rint(np.rint(below * (1 - share)) + np.rint(above * share))
    assert mq.segment(on_white(mixed)).count == 1
