"""The segmenter on images small enough to know the answer, and against a flood fill."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

import marquery as mq
from marquery.augment import functional
from marquery.errors import UsageError

WHITE = np.array([255, 255, 255], dtype=np.uint8)
PAINTS = np.array(
    [[255, 255, 255], [220, 20, 30], [20, 60, 200], [0, 0, 0], [250, 200, 20]], dtype=np.uint8
)


def canvas(height, width, color=(255, 255, 255)):
    image = np.empty((height, width, 3), dtype=np.uint8)
    image[:] = color
    return image


def smooth(draw, side=64, factor=8, ground=(255, 255, 255)):
    """An anti-aliased drawing: made ``factor`` times larger, then averaged over boxes."""
    big = Image.new("RGB", (side * factor, side * factor), ground)
    draw(ImageDraw.Draw(big), factor)
    return np.asarray(big.reduce(factor))


def flood_fill(image, min_area):
    """8-connected regions of equal colour by the plainest means; the border's main colour is 0."""
    height, width = image.shape[:2]
    labels = np.full((height, width), -1)
    regions = []
    for start in np.ndindex(height, width):
        if labels[start] >= 0:
            continue
        labels[start] = len(regions)
        stack, members = [start], []
        while stack:
            y, x = stack.pop()
            members.append((y, x))
            for v in range(max(0, y - 1), min(height, y + 2)):
                for u in range(max(0, x - 1), min(width, x + 2)):
                    if labels[v, u] < 0 and (image[v, u] == image[y, x]).all():
                        labels[v, u] = len(regions)
                        stack.append((v, u))
        regions.append(members)
    return labels, regions


@st.composite
def crisp_images(draw):
    """Flat rectangles of up to four paints on white, nothing thinner than 4 pixels, none on the
    border.
    """
    height, width = draw(st.integers(24, 48)), draw(st.integers(24, 48))
    image = canvas(height, width)
    for _ in range(draw(st.integers(0, 5))):
        y = 4 * draw(st.integers(1, height // 4 - 3))
        x = 4 * draw(st.integers(1, width // 4 - 3))
        h = 4 * draw(st.integers(1, (height - 4 - y) // 4))
        w = 4 * draw(st.integers(1, (width - 4 - x) // 4))
        image[y : y + h, x : x + w] = PAINTS[draw(st.integers(0, 4))]
    return image


def test_two_squares():
    image = canvas(40, 60)
    image[10:20, 10:20] = (255, 0, 0)
    image[10:30, 30:50] = (0, 0, 255)
    found = mq.segment(image)
    expected = np.zeros((40, 60), dtype=np.int32)
    expected[10:20, 10:20], expected[10:30, 30:50] = 1, 2
    assert (found.labels == expected).all()
    assert found.labels.dtype == np.int32
    assert found.count == 2
    assert found.background.tolist() == [255, 255, 255]
    assert found.colors.tolist() == [[255, 0, 0], [0, 0, 255]]
    assert found.area.tolist() == [100, 400]
    assert found.boxes.tolist() == [[10, 10, 20, 20], [10, 30, 30, 50]]
    assert (found.coverage == 1).all()


def test_touching_paints_are_two_segments():
    image = canvas(32, 32)
    image[8:24, 8:16], image[8:24, 16:24] = (200, 30, 30), (30, 30, 200)
    assert mq.segment(image).area.tolist() == [128, 128]


def test_ring_with_a_hole_and_a_figure_inside():
    image = canvas(40, 40)
    image[5:35, 5:35] = (0, 100, 0)
    image[10:30, 10:30] = 255
    image[15:25, 15:25] = (200, 0, 0)
    found = mq.segment(image)
    assert found.is_hole.tolist() == [False, True, False]
    assert found.parent.tolist() == [0, 1, 2]
    assert found.enclosed(1) == (1, 2, 3)
    assert found.enclosed(2) == (2, 3)
    assert found.area.tolist() == [900 - 400, 400 - 100, 100]


def test_foreground_mode_joins_touching_paints_and_counts_holes_as_background():
    image = canvas(40, 60)
    image[5:35, 5:20], image[5:35, 20:35] = (0, 100, 0), (200, 0, 0)
    image[15:25, 10:16] = 255
    image[5:35, 42:54] = (0, 0, 0)
    found = mq.segment(image, mode="foreground")
    assert found.count == 2
    assert found.area.tolist() == [30 * 30 - 60, 30 * 12]
    assert not found.is_hole.any()
    assert found.labels[20, 12] == 0
    assert (
        np.abs(found.colors[0].astype(int) - (107, 47, 0)).max() <= 2
    )  # 390 green, 450 red pixels


def test_gradient_is_one_segment():
    image = canvas(40, 120)
    image[10:30, 10:110] = np.linspace((255, 0, 0), (0, 40, 255), 100)[None].astype(np.uint8)
    found = mq.segment(image)
    assert found.count == 1
    assert found.area.tolist() == [2000]


@pytest.mark.parametrize("ground", [(255, 255, 255), (20, 20, 30), (240, 120, 0)])
def test_smooth_disc_is_one_segment_whose_coverage_adds_up(ground):
    radius = 20.3
    ink = (30, 60, 160)
    image = smooth(
        lambda d, f: d.ellipse(
            [(32 - radius) * f, (32 - radius) * f, (32 + radius) * f, (32 + radius) * f], fill=ink
        ),
        ground=ground,
    )
    found = mq.segment(image)
    assert found.count == 1
    assert found.background.tolist() == list(ground)
    assert found.colors.tolist() == [list(ink)]
    alpha = found.alpha(1)
    assert abs(alpha.sum() - np.pi * radius**2) < 0.01 * np.pi * radius**2
    # The mix of both paints by coverage is the image again.
    mix = alpha[..., None] * np.array(ink) + (1 - alpha[..., None]) * np.array(ground)
    assert np.abs(mix - image).max() <= 3
    # Every soft pixel shares with the other side.
    assert (found.under[found.coverage < 1] != found.labels[found.coverage < 1]).all()


def test_slow_edge_does_not_leak():
    """An edge that drops one pixel over 60 has an anti-aliased row in steps of 4 levels from side
    to side.
    """
    image = smooth(
        lambda d, f: d.polygon(
            [(2 * f, 20 * f), (62 * f, 21 * f), (62 * f, 50 * f), (2 * f, 50 * f)], fill=(0, 0, 0)
        )
    )
    assert mq.segment(image).count == 1


def test_thin_line_is_one_segment():
    image = smooth(
        lambda d, f: d.line(
            [(6 * f, 10 * f), (58 * f, 50 * f)], fill=(0, 0, 0), width=round(1.2 * f)
        )
    )
    assert mq.segment(image).count == 1


def test_white_letter_in_a_badge_is_a_hole():
    def draw(d, f):
        d.rounded_rectangle([0, 0, 64 * f - 1, 64 * f - 1], radius=14 * f, fill=(200, 20, 20))
        d.line([(20 * f, 14 * f), (20 * f, 50 * f)], fill="white", width=6 * f)
        d.line([(44 * f, 14 * f), (22 * f, 32 * f), (44 * f, 50 * f)], fill="white", width=6 * f)

    found = mq.segment(smooth(draw))
    assert found.background.tolist() == [255, 255, 255]
    assert found.count == 2
    assert found.is_hole.tolist() == [False, True]
    assert found.parent.tolist() == [0, 1]


def test_small_regions_join_a_neighbour():
    image = canvas(32, 32)
    image[8:24, 8:24] = (0, 0, 200)
    image[14:16, 14:16] = (255, 200, 0)  # a speck in the square
    image[3:5, 3:5] = (0, 0, 0)  # a speck on the ground
    assert mq.segment(image).area.tolist() == [256]
    assert mq.segment(image, min_area=4).area.tolist() == [4, 252, 4]


def test_noise_on_the_background_is_background():
    rng = np.random.default_rng(0)
    image = canvas(64, 64, (40, 44, 52)).astype(int) + rng.integers(-3, 4, (64, 64, 3))
    image[20:44, 20:44] = (250, 200, 40)
    found = mq.segment(image.astype(np.uint8))
    assert found.count == 1
    assert np.abs(found.background.astype(int) - (40, 44, 52)).max() <= 2


@settings(max_examples=60, deadline=None)
@given(crisp_images())
def test_crisp_images_match_flood_fill(image):
    found = mq.segment(image, min_area=1)
    oracle, regions = flood_fill(image, 1)
    ground = oracle[0, 0]
    for members in regions:
        ys, xs = np.array(members).T
        ours = np.unique(found.labels[ys, xs])
        assert len(ours) == 1
        if oracle[ys[0], xs[0]] == ground:
            assert ours[0] == 0
        else:
            assert (found.labels == ours[0]).sum() == len(members)
            hole = (image[ys[0], xs[0]] == WHITE).all()
            assert found.is_hole[ours[0] - 1] == hole
    assert (found.coverage == 1).all()


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 40), st.sampled_from([4, 40, 255])
)
def test_any_image_gives_consistent_8_connected_labels(seed, height, width, levels):
    rng = np.random.default_rng(seed)
    image = rng.integers(0, levels, (height, width, 3), dtype=np.uint8)
    image[: height // 2, : width // 2] = 200
    for mode in ("color", "foreground"):
        found = mq.segment(image, mode=mode, min_area=3)
        assert found.labels.shape == (height, width)
        assert sorted(np.unique(np.append(found.labels, 0))) == list(range(found.count + 1))
        assert found.colors.shape == (found.count, 3)
        assert (found.coverage >= 0).all()
        assert (found.coverage <= 1).all()
        assert found.under.max(initial=0) <= found.count
        for label in range(1, found.count + 1):
            _, regions = flood_fill((found.labels == label)[..., None], 1)
            assert sum((found.labels[m[0]] == label) for m in regions) == 1


@settings(max_examples=40, deadline=None)
@given(crisp_images(), st.integers(0, 3), st.booleans())
def test_turning_and_mirroring_the_image_turns_and_mirrors_the_segments(image, turns, mirror):
    def move(a):
        return np.ascontiguousarray(np.rot90(a[:, ::-1] if mirror else a, turns))

    one, two = move(mq.segment(image).labels), mq.segment(move(image)).labels
    pairs = np.unique(np.stack([one.reshape(-1), two.reshape(-1)]), axis=1)
    assert len(np.unique(pairs[0])) == len(np.unique(pairs[1])) == pairs.shape[1]
    assert ((one == 0) == (two == 0)).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 2), (30, 30), (1800, 1800)])
def test_sizes(size):
    image = canvas(*size)
    image[size[0] // 3 : size[0] // 2, size[1] // 3 : size[1] // 2] = (200, 0, 0)
    found = mq.segment(image)
    assert found.labels.shape == size
    assert found.count == (1 if min(size) >= 30 else 0)


def test_photo_gives_a_sensible_answer():
    y, x = np.mgrid[0:120, 0:160] / 20
    waves = np.stack([np.sin(x + y), np.cos(x * y / 3), np.sin(y * 2)], axis=-1)
    noise = np.random.default_rng(1).normal(0, 12, waves.shape)
    found = mq.segment(np.clip(waves * 100 + 128 + noise, 0, 255).astype(np.uint8))
    assert 0 <= found.count < 400
    assert found.labels.shape == (120, 160)


def test_pil_images_of_any_mode():
    image = Image.new("LA", (40, 40), (0, 0))
    image.paste((30, 255), (10, 10, 30, 30))
    assert mq.segment(image).area.tolist() == [400]


@pytest.mark.parametrize(
    ("options", "words"),
    [({"mode": "parts"}, "mode"), ({"min_area": 0}, "min_area"), ({"tolerance": 200}, "tolerance")],
)
def test_wrong_options_are_named(options, words):
    with pytest.raises(UsageError, match=words):
        mq.segment(canvas(8, 8), **options)


def test_squares_of_one_paint_that_touch_at_a_corner_are_one_segment():
    image = canvas(32, 32)
    image[8:16, 8:16] = image[16:24, 16:24] = (0, 90, 0)
    assert mq.segment(image).area.tolist() == [128]
    image[16:24, 16:24] = (90, 0, 0)
    assert mq.segment(image).area.tolist() == [64, 64]


@pytest.mark.parametrize(
    "rows", [(32, 0, 159), (159, 0, 32), (0, 223), (128, 128), (96, 0, 0, 128)]
)
def test_a_soft_line_is_one_segment_and_goes_without_a_trace(rows):
    image = canvas(30, 60)
    for i, level in enumerate(rows):
        image[12 + i, 5:50] = level
    found = mq.segment(image)
    assert found.count == 1
    assert (functional.remove(image, found, [1]) == 255).all()
