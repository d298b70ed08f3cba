"""What must hold of segments whatever the picture: the semantics of ``mq.segment`` as
properties.
"""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

import marquery as mq

INKS = [(220, 20, 30), (20, 60, 200), (0, 130, 60), (250, 190, 0), (90, 20, 120)]
GROUNDS = [(255, 255, 255), (0, 0, 0), (24, 26, 32), (245, 240, 225), (0, 90, 170)]


def averaged(draw, height, width, ground, factor=4):
    """An anti-aliased drawing: made ``factor`` times larger, then averaged over boxes."""
    big = Image.new("RGB", (width * factor, height * factor), ground)
    draw(ImageDraw.Draw(big), factor)
    return np.asarray(big.reduce(factor))


@st.composite
def shapes(draw, height, width):
    """Rectangles and discs as (kind, box, ink), in quarter pixels so that edges are soft."""
    found = []
    for _ in range(draw(st.integers(0, 6))):
        w, h = draw(st.integers(12, 4 * width)), draw(st.integers(12, 4 * height))
        x, y = draw(st.integers(0, 4 * width - w)), draw(st.integers(0, 4 * height - h))
        kind = draw(st.sampled_from(["rectangle", "ellipse"]))
        found.append((kind, [x, y, x + w - 1, y + h - 1], draw(st.sampled_from(INKS))))
    return found


@st.composite
def drawings(draw, noises=(0, 0, 0, 3, 12)):
    """Anti-aliased drawings on white, dark and coloured grounds, some with noise."""
    height, width = draw(st.integers(8, 64)), draw(st.integers(8, 64))
    ground = draw(st.sampled_from(GROUNDS))
    figures = draw(shapes(height, width))

    def paint(pen, _):
        for kind, box, ink in figures:
            getattr(pen, kind)(box, fill=ink)

    image = averaged(paint, height, width, ground)
    noise = draw(st.sampled_from(noises))
    if noise:
        rng = np.random.default_rng(draw(st.integers(0, 1000)))
        image = np.clip(image + rng.integers(-noise, noise + 1, image.shape), 0, 255)
    return image.astype(np.uint8)


@st.composite
def photos(draw):
    """Smooth waves with grain, or plain noise: nothing a logo would have."""
    height, width = draw(st.integers(2, 48)), draw(st.integers(2, 48))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    grain = rng.normal(0, draw(st.sampled_from([4, 16, 80])), (height, width, 3))
    y, x = np.mgrid[0:height, 0:width] / draw(st.sampled_from([4, 12, 40]))
    waves = np.stack([np.sin(x + y), np.cos(x - y), np.sin(2 * y)], axis=-1)
    return np.clip(128 + 90 * waves + grain, 0, 255).astype(np.uint8)


def check(image, found):
    """What every segmentation of an image keeps to."""
    height, width = image.shape[:2]
    labels = found.labels
    assert labels.shape == (height, width)
    assert labels.dtype == np.int32
    assert found.count == len(found.is_hole) == len(found.colors) == len(found.area)
    assert sorted(np.unique(np.append(labels, 0))) == list(range(found.count + 1))
    first = [int(np.flatnonzero(labels == k)[0]) for k in range(1, found.count + 1)]
    assert first == sorted(first)
    for label in range(1, found.count + 1):
        mask = (labels == label).astype(np.uint8)
        assert cv2.connectedComponents(mask, connectivity=8)[0] == 2
    assert (found.coverage >= 0).all()
    assert (found.coverage <= 1).all()
    assert found.background.dtype == found.colors.dtype == np.uint8
    assert found.under.min() >= 0
    assert found.under.max() <= found.count
    total = np.zeros((height, width))
    for label in range(found.count + 1):
        total += found.alpha(label) if label else ground_alpha(found)
    np.testing.assert_allclose(total, 1, atol=1e-5)


def ground_alpha(found):
    first, second = found.labels == 0, found.under == 0
    return first * found.coverage + second * (1 - found.coverage) * (found.coverage < 1)


def same_parts(one, two):
    """Whether two label maps are one partition under other numbers, the background being the
    same.
    """
    if ((one == 0) != (two == 0)).any():
        return False
    pairs = np.unique(np.stack([one.reshape(-1), two.reshape(-1)]), axis=1)
    return len(np.unique(pairs[0])) == len(np.unique(pairs[1])) == pairs.shape[1]


def moved(array, turns, mirror):
    return np.ascontiguousarray(np.rot90(array[:, ::-1] if mirror else array, turns))


@settings(max_examples=120, deadline=None)
@given(
    st.one_of(drawings(), photos()),
    st.sampled_from(["color", "foreground"]),
    st.sampled_from([1, 3, 12, 40]),
)
def test_every_segmentation_is_consistent(image, mode, min_area):
    check(image, mq.segment(image, mode=mode, min_area=min_area))


@settings(max_examples=80, deadline=None)
@given(drawings(noises=[0]), st.sampled_from(["color", "foreground"]), st.sampled_from([1, 3, 12]))
def test_no_segment_of_a_clean_drawing_is_under_the_least_area(image, mode, min_area):
    assert mq.segment(image, mode=mode, min_area=min_area).area.min(initial=min_area) >= min_area


@settings(max_examples=40, deadline=None)
@given(st.one_of(drawings(), photos()), st.sampled_from([None, "glyphs", "proximity"]))
def test_the_same_answer_each_time_and_the_input_untouched(image, group):
    image.flags.writeable = False
    before = image.copy()
    one, two = mq.segment(image, group=group), mq.segment(image, group=group)
    assert (image == before).all()
    assert (one.labels == two.labels).all()
    assert (one.coverage == two.coverage).all()
    assert (one.colors == two.colors).all()
    assert one.members == two.members
    view = np.repeat(image, 2, axis=1)[:, ::2]  # not contiguous
    assert (mq.segment(view).labels == mq.segment(image).labels).all()


def differing(one, two):
    """Share of pixels outside the best match of segments; 0 for one partition under other
    numbers.
    """
    names = two.max() + 1
    both = np.bincount(
        one.reshape(-1).astype(np.int64) * names + two.reshape(-1),
        minlength=(one.max() + 1) * names,
    ).reshape(-1, names)
    return 1 - min(both.max(axis=1).sum(), both.max(axis=0).sum()) / one.size


def random_drawing(rng):
    """Overlapping shapes whose edges cut pixels into quarters: many pixels are shared half and
    half.
    """
    height, width = (int(v) for v in rng.integers(16, 64, 2))

    def paint(pen, _):
        for _ in range(rng.integers(1, 7)):
            w, h = int(rng.integers(12, 4 * width + 1)), int(rng.integers(12, 4 * height + 1))
            x, y = int(rng.integers(0, 4 * width - w + 1)), int(rng.integers(0, 4 * height - h + 1))
            shape = pen.ellipse if rng.random() < 0.5 else pen.rectangle
            shape([x, y, x + w - 1, y + h - 1], fill=INKS[rng.integers(5)])

    return averaged(paint, height, width, GROUNDS[rng.integers(5)])


def test_soft_drawings_turned_or_mirrored_have_the_same_segments():
    """But one in a hundred, where equal specks lie between equal parts. Pictures with noise differ
    more.
    """
    rng = np.random.default_rng(0)
    same, shares = 0, []
    for _ in range(120):
        image, turns, mirror = random_drawing(rng), int(rng.integers(4)), bool(rng.integers(2))
        one = moved(mq.segment(image).labels, turns, mirror)
        two = mq.segment(moved(image, turns, mirror)).labels
        same += same_parts(one, two)
        shares.append(differing(one, two))
    assert same >= 116
    assert np.mean(shares) <= 0.002


def test_a_soft_pixel_has_the_label_of_the_larger_share():
    rng = np.random.default_rng(1)
    shares = np.concatenate([mq.segment(random_drawing(rng)).soft_edges.share for _ in range(80)])
    assert len(shares) > 1000
    assert shares.min() >= 0.499


@st.composite
def crisp(draw):
    """Flat rectangles of at least 3 pixels on a flat ground, none on the border."""
    height, width = draw(st.integers(12, 48)), draw(st.integers(12, 48))
    ground = draw(st.sampled_from(GROUNDS))
    image = np.empty((height, width, 3), dtype=np.uint8)
    image[:] = ground
    for _ in range(draw(st.integers(0, 8))):
        y, x = 3 * draw(st.integers(1, height // 3 - 2)), 3 * draw(st.integers(1, width // 3 - 2))
        h = 3 * draw(st.integers(1, (height - 3 - y) // 3))
        w = 3 * draw(st.integers(1, (width - 3 - x) // 3))
        image[y : y + h, x : x + w] = draw(st.sampled_from([ground, *INKS]))
    return image


@settings(max_examples=80, deadline=None)
@given(crisp(), st.integers(0, 3), st.booleans())
def test_a_crisp_drawing_turned_or_mirrored_has_the_same_segments(image, turns, mirror):
    """With no least area: which of two equal parts gets an equal speck is not told by the
    picture.
    """
    one = moved(mq.segment(image, min_area=1).labels, turns, mirror)
    two = mq.segment(moved(image, turns, mirror), min_area=1).labels
    assert same_parts(one, two)


@settings(max_examples=80, deadline=None)
@given(crisp())
def test_foreground_is_the_connected_components_of_what_is_not_background(image):
    found = mq.segment(image, mode="foreground", min_area=1)
    ink = (image != image[0, 0]).any(axis=2).astype(np.uint8)
    _, expected = cv2.connectedComponents(ink, connectivity=8)
    assert same_parts(found.labels, expected)


@settings(max_examples=80, deadline=None)
@given(crisp())
def test_enclosed_regions_of_the_background_colour_are_holes_and_open_ones_are_not(image):
    found = mq.segment(image, min_area=1)
    flat = (image == image[0, 0]).all(axis=2).astype(np.uint8)
    # 8-connected like all segments: what leaks out at a corner is open.
    count, regions = cv2.connectedComponents(flat, connectivity=8)
    for region in range(1, count):
        ours = np.unique(found.labels[regions == region])
        assert len(ours) == 1
        if regions[0, 0] == region:
            assert ours[0] == 0
        else:
            assert found.is_hole[ours[0] - 1]
    assert found.is_hole.sum() == count - 2


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("noise", [0, 3, 10])
def test_ring_and_open_ring_on_any_ground(ground, noise):
    def paint(pen, f):
        pen.ellipse([6 * f, 6 * f, 42 * f, 42 * f], outline=(200, 120, 20), width=7 * f)
        pen.arc([54 * f, 6 * f, 90 * f, 42 * f], 40, 320, fill=(200, 120, 20), width=7 * f)

    image = averaged(paint, 48, 96, ground).astype(int)
    image += np.random.default_rng(0).integers(-noise, noise + 1, image.shape)
    found = mq.segment(np.clip(image, 0, 255).astype(np.uint8))
    assert found.count == 3
    assert found.is_hole.sum() == 1
    hole = found.labels[24, 24]
    assert found.is_hole[hole - 1]
    assert found.parent[hole - 1] == found.labels[24, 9]
    assert found.labels[24, 72] == 0
    assert np.abs(found.background.astype(int) - ground).max() <= 3


def test_transparent_ground():
    image = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle([10, 10, 29, 29], fill=(10, 20, 200, 255))
    ImageDraw.Draw(image).rectangle([15, 15, 24, 24], fill=(0, 0, 0, 0))
    found = mq.segment(image)
    assert found.area.tolist() == [300, 100]
    assert found.is_hole.tolist() == [False, True]
    white = Image.new("RGBA", (60, 40), (0, 0, 0, 0))  # would vanish on white
    ImageDraw.Draw(white).rectangle([10, 10, 29, 29], fill=(255, 255, 255, 255))
    assert mq.segment(white).area.tolist() == [400]


@pytest.mark.parametrize("side", [1, 2, 3, 30])
@pytest.mark.parametrize("group", [None, "glyphs", "proximity"])
@pytest.mark.parametrize("mode", ["color", "foreground"])
def test_one_colour_is_all_background(side, group, mode):
    for ink in GROUNDS:
        image = np.empty((side, side, 3), dtype=np.uint8)
        image[:] = ink
        found = mq.segment(image, group=group, mode=mode)
        assert found.count == 0
        assert found.background.tolist() == list(ink)


def test_full_bleed_badge_takes_its_own_ground():
    """Where nothing surrounds the figure the colour that holds the border is the background."""
    image = np.empty((64, 64, 3), dtype=np.uint8)
    image[:, :] = (30, 90, 200)
    image[20:44, 20:44] = 255
    image[50:64, 28:36] = (250, 200, 0)
    found = mq.segment(image)
    assert found.background.tolist() == [30, 90, 200]
    assert found.area.tolist() == [576, 112]
    assert not found.is_hole.any()


@pytest.mark.parametrize(
    ("size", "group"), [((30, 30), None), ((30, 30), "glyphs"), ((1800, 1800), "proximity")]
)
def test_photos_of_any_size_give_an_answer(size, group):
    y, x = np.mgrid[0 : size[0], 0 : size[1]] / 50
    image = np.stack([np.sin(x * y / 9), np.cos(x + y), np.sin(x)], axis=-1) * 110 + 128
    found = mq.segment(image.astype(np.uint8), group=group)
    assert found.labels.shape == size
    assert found.count >= 0
    assert len(found.parent) == found.count
