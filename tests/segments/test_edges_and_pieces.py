"""The steps behind pictures that are not crisp, each against brute force or by hand."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import marquery as mq
from marquery.segments import SegmenterSettings
from marquery.segments.bands import join_bands
from marquery.segments.depth import label_depths
from marquery.segments.pieces import split_pieces
from marquery.segments.regions import find_runs
from marquery.segments.restoring import steepen

BANDS = SegmenterSettings().bands


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 10_000), st.integers(1, 5))
def test_depth_is_the_distance_to_the_nearest_pixel_of_another_label(height, width, seed, most):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, (-(-height // 4), -(-width // 4))).repeat(4, 0).repeat(4, 1)
    labels = labels[:height, :width].astype(np.int32)
    y, x = np.mgrid[0:height, 0:width]
    for v in range(height):
        for u in range(width):
            away = np.maximum(abs(y - v), abs(x - u))[labels != labels[v, u]]
            expected = min(away.min(), most) if away.size else most
            assert label_depths(labels, most)[v, u] == expected


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 12), st.integers(2, 12), st.integers(0, 10_000))
def test_each_piece_of_a_region_gets_a_number_of_its_own(height, width, seed):
    rng = np.random.default_rng(seed)
    names = rng.integers(1, 5, (height, width)).astype(np.int32)
    root = np.array([0, 1, 1, 3, 4], dtype=np.int32)  # numbers 1 and 2 are one region
    marks = np.pad(names, 1).reshape(-1)
    grown = split_pieces(marks, find_runs(marks), root, width + 2)
    after = grown[marks].reshape(height + 2, width + 2)[1:-1, 1:-1]
    count = 0
    for region in (1, 3, 4):
        mask = (root[names] == region).astype(np.uint8)
        number, pieces, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        count += number - 1
        for piece in range(1, number):
            assert len(np.unique(after[pieces == piece])) == 1
        if number > 1:  # the largest keeps the number
            largest = stats[1:, cv2.CC_STAT_AREA].max()
            assert (after == region).sum() == largest
    assert len(np.unique(after)) == count


def test_a_core_that_its_neck_lost_to_another_paint_is_two_segments():
    """Grain on waves: before pieces were told apart, one label was in two places."""
    rng = np.random.default_rng(49)
    assert rng.random() < 0.6
    height, width = rng.integers(2, 49, 2)
    grain = rng.normal(0, rng.choice([4, 16, 80]), (height, width, 3))
    y, x = np.mgrid[0:height, 0:width] / rng.choice([4, 12, 40])
    waves = np.stack([np.sin(x + y), np.cos(x - y), np.sin(2 * y)], axis=-1)
    image = np.clip(128 + 90 * waves + grain, 0, 255).astype(np.uint8)
    for min_area in (1, 12):
        found = mq.segment(image, min_area=min_area, tolerance=7)
        for label in range(1, found.count + 1):
            mask = (found.labels == label).astype(np.uint8)
            assert cv2.connectedComponents(mask, connectivity=8)[0] == 2


@pytest.mark.parametrize("columns", [(255, 20), (200, 90)])
def test_a_ramp_becomes_a_step_at_its_steepest_place(columns):
    ramp = np.repeat(np.array(columns, dtype=float), 10)[None].repeat(6, axis=0)
    soft = cv2.GaussianBlur(ramp, (0, 0), 1.5)
    picture = np.rint(soft)[..., None].repeat(3, axis=2).astype(np.uint8)
    sharp = steepen(picture, 4, 10)[..., 0].astype(int)
    assert (abs(sharp[:, :9] - columns[0]) <= 6).all()
    assert (abs(sharp[:, 11:] - columns[1]) <= 6).all()


def test_steepening_makes_no_colour_that_was_not_there_and_leaves_gradients():
    rng = np.random.default_rng(0)
    picture = cv2.GaussianBlur(rng.integers(0, 256, (20, 20, 3), dtype=np.uint8), (0, 0), 1.0)
    before = {tuple(c) for c in picture.reshape(-1, 3).tolist()}
    after = {tuple(c) for c in steepen(picture, 3, 10).reshape(-1, 3).tolist()}
    assert after <= before
    slope = (
        np.arange(80, 200, 3, dtype=np.uint8)[None, :, None].repeat(20, axis=0).repeat(3, axis=2)
    )
    assert (steepen(slope, 3, 10) == slope).all()


@pytest.mark.parametrize("least", [256, 300])
def test_no_ramp_is_as_high_as_eight_bits_do_not_hold(least):
    soft = cv2.GaussianBlur(np.float32([[0] * 10 + [255] * 10] * 6), (0, 0), 1.5)
    picture = np.rint(soft)[..., None].repeat(3, axis=2).astype(np.uint8)
    assert (steepen(picture, 4, least) == picture).all()


def banded(*paints, widths):
    """Upright stripes, each 40 pixels long, on white; segmented as they are."""
    row = np.concatenate([np.tile(p, (w, 1)) for p, w in zip(paints, widths, strict=True)])
    picture = np.full((60, len(row) + 20, 3), 255, dtype=np.uint8)
    picture[10:50, 10 : 10 + len(row)] = row
    return mq.segment(picture, min_area=4, tolerance=7)


@pytest.mark.parametrize(("step", "label"), [((222, 134, 134), 1), ((238, 190, 190), 0)])
def test_a_step_of_a_ramp_joins_the_paint_it_shows_most_of(step, label):
    found = banded((200, 40, 40), step, widths=(20, 2))  # 57 % and 30 % red
    assert found.count == 2
    joined = join_bands(found, 2, 0.1, BANDS)
    assert joined.count == 1
    assert joined.labels[30, 31] == label
    assert joined.colors.tolist() == [[200, 40, 40]]


def test_a_ring_joins_its_paint_if_overshoot_reaches_so_far():
    found = banded((120, 120, 120), (100, 100, 100), widths=(20, 2))  # 15 % beyond
    assert join_bands(found, 2, 0.2, BANDS).count == 1
    far = banded((120, 120, 120), (40, 40, 40), widths=(20, 2))  # an outline
    assert join_bands(far, 2, 0.2, BANDS).count == 2


def test_stripes_of_another_paint_and_wide_ones_stay():
    other = banded((200, 40, 40), (40, 200, 40), widths=(20, 2))
    assert join_bands(other, 2, 0.1, BANDS).count == 2
    wide = banded((200, 40, 40), (222, 134, 134), widths=(20, 12))
    assert join_bands(wide, 2, 0.1, BANDS).count == 2
