"""Small pictures that are not crisp: segmented in a larger copy."""

import io
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

import marquery as mq
from marquery.segments import SegmenterSettings
from marquery.segments.formation import find_formation
from marquery.segments.small import mean_colors, part_pieces, reduce_labels

SETTINGS = SegmenterSettings()
AS_BEFORE = replace(SETTINGS, small=replace(SETTINGS.small, max_side=0))


def as_jpeg(picture, quality):
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=quality)
    return np.asarray(Image.open(stream).convert("RGB"))


def rings(side, quality):
    """Four rings, each around a counter of four pixels across, and their true number."""
    big = Image.new("RGB", (8 * side, 8 * side), "white")
    pen = ImageDraw.Draw(big)
    for x in (side // 4, 3 * side // 4):
        for y in (side // 4, 3 * side // 4):
            pen.ellipse([8 * (x - 7), 8 * (y - 7), 8 * (x + 7), 8 * (y + 7)], fill=(180, 20, 40))
            pen.ellipse([8 * (x - 2), 8 * (y - 2), 8 * (x + 2), 8 * (y + 2)], fill="white")
    return as_jpeg(big.reduce(8), quality)


@pytest.mark.parametrize("quality", [50, 75, 90])
def test_small_counters_are_found(quality):
    picture = rings(56, quality)
    assert find_formation(cv2.split(picture)).kind in ("compressed", "scanned", "blurred")
    found = mq.segment(picture)
    assert (found.count, int(found.is_hole.sum())) == (8, 4)
    if quality < 90:  # why it is enlarged
        assert int(mq.segment(picture, settings=AS_BEFORE).is_hole.sum()) < 4


@pytest.mark.parametrize(("quality", "step"), [(50, 60), (75, 44), (85, 44), (92, 44)])
def test_shades_of_one_colour_stay_apart(quality, step):
    big = Image.new("RGB", (512, 512), "white")
    pen = ImageDraw.Draw(big)
    for k, corners in enumerate(
        (
            [(52, 170), (256, 280), (256, 470), (52, 340)],
            [(256, 60), (52, 170), (256, 280)],
            [(256, 60), (460, 170), (256, 280)],
        )
    ):
        pen.polygon(corners, fill=(40, 140 + (k - 1) * step, 60))
    labels = mq.segment(as_jpeg(big.reduce(8), quality)).labels
    assert len({0, labels[39, 19], labels[21, 23], labels[21, 40]}) == 4


def test_colours_are_those_of_the_picture_as_it_arrived():
    picture = rings(56, 90)
    found = mq.segment(picture)
    inks = found.colors[~found.is_hole].astype(int)
    assert np.abs(inks - (180, 20, 40)).max() <= 6
    assert np.abs(found.background.astype(int) - 255).max() <= 2
    assert found.settings == SETTINGS


def test_crisp_and_larger_pictures_are_as_they_were():
    big = Image.new("RGB", (800, 800), "white")
    ImageDraw.Draw(big).ellipse([100, 100, 700, 700], fill=(20, 60, 160))
    for picture in (np.asarray(big.reduce(8)), as_jpeg(big.reduce(4), 60)):
        one, two = mq.segment(picture), mq.segment(picture, settings=AS_BEFORE)
        assert (one.labels == two.labels).all()
        assert (one.coverage == two.coverage).all()


def test_the_most_frequent_of_four_labels_and_of_equals_the_rarer():
    labels = np.array([[0, 0, 1, 1], [0, 2, 2, 2], [1, 0, 0, 0], [1, 0, 0, 0]], np.int32)
    # There are nine of label 0, four of 1 and three of 2.
    assert reduce_labels(labels, 2).tolist() == [[0, 2], [1, 0]]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 12), st.integers(1, 5))
def test_reducing_against_plain_loops(seed, height, width, most):
    labels = np.random.default_rng(seed).integers(0, most, (2 * height, 2 * width), dtype=np.int32)
    area = np.bincount(labels.reshape(-1), minlength=most)
    reduced = reduce_labels(labels, most - 1)
    for y in range(height):
        for x in range(width):
            four = labels[2 * y : 2 * y + 2, 2 * x : 2 * x + 2].reshape(-1).tolist()
            best = max((four.count(k), -int(area[k])) for k in four)
            chosen = int(reduced[y, x])
            assert (four.count(chosen), -int(area[chosen])) == best


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 14), st.integers(2, 14), st.integers(1, 9))
def test_pieces_hang_together_and_none_is_too_small(seed, height, width, min_area):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, (height, width), dtype=np.int32)
    parted, origin = part_pieces(labels, 2, min_area)
    assert parted.min() >= 0
    for number in range(1, len(origin) + 1):
        mask = (parted == number).astype(np.uint8)
        assert mask.sum() >= min_area
        assert cv2.connectedComponents(mask, connectivity=8)[0] == 2
    # What is large enough stays where it was: at least the pieces themselves.
    for label in (1, 2):
        pieces, marks = cv2.connectedComponents((labels == label).astype(np.uint8), connectivity=8)
        for piece in range(1, pieces):
            if (marks == piece).sum() >= min_area:
                names = np.unique(parted[marks == piece])
                assert len(names) == 1
                assert origin[names[0] - 1] == label


def test_a_piece_of_the_background_that_is_cut_off_is_a_hole():
    labels = np.zeros((9, 9), np.int32)
    labels[1:8, 1:8] = 1
    labels[3:6, 3:6] = 0
    parted, origin = part_pieces(labels, 1, 4)
    assert origin[parted[4, 4] - 1] == 0
    assert parted[0, 0] == 0


def test_mean_colours_leave_the_rim_out_where_there_is_more():
    labels = np.zeros((7, 7), np.int32)
    labels[1:6, 1:6] = 1
    labels[0, 0] = 2
    pixels = np.full((7, 7, 3), 200, np.uint8)
    pixels[1:6, 1:6] = 100  # its rim
    pixels[2:5, 2:5] = 40
    pixels[0, 0] = 7
    assert mean_colors(pixels, labels, 2)[:, 0].tolist() == [200, 40, 7]
