"""The kernels of the logo-level transforms, against hand-computed pictures."""

import numpy as np
import pytest
import torch

import marquery as mq
from marquery.augment import _words
from marquery.augment import functional as F
from marquery.augment._mono import mono_weights
from marquery.augment._palette import BLACK, WHITE, apart, background_for, ink_for, stands_free
from marquery.augment._words import font_count, made_up_word, word_mask
from marquery.errors import UsageError

from ..drawings import canvas, disc_and_bar, label_at, logo, smooth

RED, BLUE, GREEN = (200, 30, 40), (30, 90, 200), (20, 140, 60)


def square(top=20, side=20, color=RED):
    image = canvas(60, 60)
    image[top : top + side, top : top + side] = color
    return image


def test_another_ground_is_as_if_drawn_on_it():
    image, expected = disc_and_bar(RED, BLUE), disc_and_bar(RED, BLUE, ground=GREEN)
    out = F.change_background(image, mq.segment(image), GREEN)
    far = np.abs(out.astype(int) - expected).max(axis=2)
    assert far.max() <= 40  # the paint of a soft edge is that of a pixel near it
    assert far.mean() < 0.5
    assert (out[0, 0] == GREEN).all()


def test_holes_follow_only_when_named():
    image = logo()
    found = mq.segment(image)
    hole = label_at(found, 20, 20)
    assert found.is_hole[hole - 1]
    assert (F.change_background(image, found, BLACK)[20, 20] == 255).all()
    assert (F.change_background(image, found, BLACK, [hole])[20, 20] == 0).all()
    picture = F.gradient(found.shape, BLACK, (250, 0, 0), 0)
    out = F.change_background(image, found, picture, [hole])
    assert (out[found.labels == 0] == picture[found.labels == 0]).all()
    assert (out[8, 8] == image[8, 8]).all()
    with pytest.raises(UsageError, match="no segment 99"):
        F.change_background(image, found, BLACK, [99])
    with pytest.raises(UsageError, match="shape"):
        F.change_background(image[:30], found, BLACK)


def test_every_part_repainted():
    image, expected = disc_and_bar(RED, BLUE), disc_and_bar(GREEN, GREEN, ground=BLACK)
    found = mq.segment(image)
    out = F.repaint_all(image, found, np.array([BLACK] + [GREEN] * found.count))
    far = np.abs(out.astype(int) - expected).max(axis=2)
    assert far.max() <= 24
    assert far.mean() < 0.5


def test_gradients():
    across = F.gradient((5, 11), BLACK, (250, 100, 0), 0)
    assert across[0, 0].tolist() == [0, 0, 0]
    assert across[4, 10].tolist() == [250, 100, 0]
    assert across[2, 5].tolist() == pytest.approx([125, 50, 0], abs=1)
    assert (across == across[:1]).all()
    down = F.gradient((5, 11), BLACK, (250, 100, 0), 90)
    assert (down == down[:, :1]).all()
    radial = F.gradient((5, 11), BLACK, (250, 100, 0), 0, radial=True)
    assert (radial[2, 5] == 0).all()
    assert radial[0, 0].tolist() == radial[4, 10].tolist() == [250, 100, 0]


def test_speckle():
    noise = F.speckle((80, 90), (100, 120, 140), 8, seed=3)
    assert (noise == F.speckle((80, 90), (100, 120, 140), 8, seed=3)).all()
    assert (noise != F.speckle((80, 90), (100, 120, 140), 8, seed=4)).any()
    assert noise.mean(axis=(0, 1)) == pytest.approx([100, 120, 140], abs=5)
    assert 4 < noise[..., 0].std() < 12
    assert (F.speckle((4, 4), (7, 8, 9), 0, seed=0) == (7, 8, 9)).all()


def test_contour_of_a_square():
    out = F.contour(square(), 1, BLACK, WHITE)
    inked = out[..., 0] < 128
    ring = np.zeros((60, 60), dtype=bool)
    ring[19:41, 19:41] = True
    ring[21:39, 21:39] = False
    corners = [(y, x) for y in (19, 40) for x in (19, 40)]
    for y, x in corners:  # the pen is round
        ring[y, x] = inked[y, x]
    assert (inked == ring).all()


def test_contour_draws_inner_edges_and_no_shading():
    image = canvas(60, 60)
    image[10:50, 10:30] = RED
    image[10:50, 30:50] = BLUE
    assert F.contour(image, 1, BLACK, WHITE)[30, 30, 0] == 0
    shaded = F.gradient((60, 60), (100, 100, 100), (200, 200, 200), 0)
    # The frame around it, which is no ground, is drawn.
    assert (F.contour(shaded, 2, BLACK, WHITE)[4:-4, 4:-4] == 255).all()


def test_thicker_and_thinner_by_the_radius():
    image = square()
    found = mq.segment(image)
    thick = (F.thicken(image, found, 2)[30] == RED).all(axis=1)
    assert np.flatnonzero(thick).tolist() == list(range(18, 42))
    thin = (F.thin(image, found, 2)[30] == RED).all(axis=1)
    assert np.flatnonzero(thin).tolist() == list(range(22, 38))
    half = F.thicken(image, found, 0.5)[30, 19].astype(float)
    assert half == pytest.approx((np.array(WHITE) + RED) / 2, abs=1)


def test_thin_lines_do_not_vanish():
    image = canvas(60, 60)
    image[30:32, 5:55] = RED
    found = mq.segment(image)
    assert (F.thin(image, found, 3) == image).all()
    image = square(side=16)
    out = F.thin(image, mq.segment(image), 6)
    ink = ((255 - out[..., 1].astype(float)) / (255 - RED[1])).sum()
    assert 0.6 * 256 <= ink < 0.9 * 256


@pytest.mark.parametrize(
    ("shape", "area"),
    [("disc", np.pi / 4), ("square", 1.0), ("rounded", 1 - (4 - np.pi) * 0.21**2)],
)
def test_area_of_badges(shape, area):
    mask = F.badge_mask(shape, (90, 120), 80)
    assert mask.shape == (90, 120)
    assert mask.sum() == pytest.approx(area * 80**2, rel=0.002)


@pytest.mark.parametrize("shape", F.BADGE_SHAPES)
def test_badges_are_centred_and_symmetric(shape):
    mask = F.badge_mask(shape, (90, 121), 80)
    assert mask.min() == 0
    assert mask.max() == 1
    assert (mask[45, 60] == 0) == (shape == "ring")
    assert np.abs(mask - mask[:, ::-1]).max() < 0.15
    rows = np.flatnonzero(mask.max(axis=1) > 0.5)
    assert rows[-1] - rows[0] + 1 == pytest.approx(80, abs=1)


def test_frame_and_ink_box():
    image = square()
    assert F.ink_box(image, WHITE) == (20, 20, 40, 40)
    assert F.ink_box(canvas(7, 9), WHITE) == (0, 0, 7, 9)
    out = F.frame(image, (20, 20, 40, 40), (5, 8, 25, 28), GREEN)
    expected = canvas(60, 60, GREEN)
    expected[5:25, 8:28] = RED
    assert (out == expected).all()
    cut = F.frame(image, (20, 20, 40, 40), (-10, 50, 10, 70), GREEN)
    expected = canvas(60, 60, GREEN)
    expected[:10, 50:] = RED
    assert (cut == expected).all()


def test_warps():
    image, still = logo(), np.zeros((4, 4, 2), np.float32)
    assert (F.warp(image, np.eye(3), still, GREEN) == image).all()
    right = still + np.array([3, 0], np.float32)  # shows what lies three pixels to the right
    moved = F.warp(image, np.eye(3), right, GREEN)
    assert (moved[:, :-3] == image[:, 3:]).all()
    assert (moved[:, -3:] == GREEN).all()
    half = F.warp(square(20, 20), np.diag([2.0, 2.0, 1.0]), still, WHITE)
    assert F.ink_box(half, WHITE, 128) == (25, 25, 35, 35)


def test_edges_of_a_gradient_are_continued():
    image = F.gradient((30, 40), BLACK, (250, 0, 0), 0)
    assert not F.plain_border(image, (125, 0, 0))
    assert F.plain_border(logo(), WHITE)
    tile = canvas(40, 40, RED)  # a rounded tile drawn to the edges leaves the corners alone
    tile[[0, 0, -1, -1], [0, -1, 0, -1]] = 255
    assert F.plain_border(tile, WHITE)
    tile[[0, 0], [0, -1]] = RED
    assert not F.plain_border(tile, WHITE)
    out = F.frame(image, (0, 0, 30, 40), (5, 10, 35, 50), None)
    assert (out[:, 10:] == image[:, :30]).all()
    assert (out[:, :10] == image[:, :1]).all()
    moved = F.warp(image, np.eye(3), np.full((4, 4, 2), 3, np.float32), None)
    assert (moved[:, -3:] == image[:, -1:]).all()


def test_contour_is_closed_along_the_frame():
    image = canvas(40, 40)
    image[10:30, :20] = RED
    inked = F.contour(image, 1, BLACK, WHITE)[..., 0] < 128
    assert inked[11:29, 0].all()
    assert not inked[11:29, 1].any()


def test_degrade():
    image = logo()
    assert (F.degrade(image) == image).all()
    assert (F.degrade(image, side=200) == image).all()  # never larger
    for damage in ({"side": 16}, {"blur": 1.5}, {"noise": 5}, {"quality": 20}):
        out = F.degrade(image, **damage)
        assert out.shape == image.shape
        assert 0.3 < np.abs(out.astype(float) - image).mean() < 40
    grain = F.degrade(canvas(60, 80, (128, 128, 128)), noise=6, seed=1)
    assert grain[..., 0].std() == pytest.approx(6, rel=0.1)
    fine, coarse = (np.abs(F.degrade(image, quality=q) - image.astype(float)) for q in (90, 20))
    assert fine.mean() < coarse.mean()
    assert F.degrade(canvas(5, 5, RED), quality=95)[2, 2] == pytest.approx(RED, abs=4)


def test_one_colour_versions():
    torch.manual_seed(0)
    single = mq.segment(disc_and_bar(RED, RED))
    assert mono_weights(single).tolist() == [0, 1, 1]

    def letter(d, f):
        d.ellipse([4 * f, 4 * f, 60 * f, 60 * f], fill=BLUE)
        d.rectangle([26 * f, 12 * f, 38 * f, 52 * f], fill=(250, 200, 30))

    on_badge = mq.segment(smooth(letter))
    for _ in range(8):  # the silhouette would be a plain disc or keep too little
        weights = mono_weights(on_badge)
        assert weights[label_at(on_badge, 32, 10)] == 1
        assert weights[label_at(on_badge, 32, 32)] in (0, 1)
    assert any(mono_weights(on_badge)[label_at(on_badge, 32, 32)] == 0 for _ in range(20))

    def halves(d, f):
        for k, paint in enumerate((BLUE, (250, 200, 30), BLACK, RED)):
            d.rectangle([(8 + 12 * k) * f, 4 * f, (20 + 12 * k) * f - 1, 60 * f], fill=paint)

    stripes = mq.segment(smooth(halves))
    assert stripes.count == 4
    weights = [mono_weights(stripes) for _ in range(20)]
    assert any(len(set(w[1:].tolist())) == 4 for w in weights)  # tones keep the inner edges
    assert all((w[1:] > 0).all() for w in weights)


def test_contrast_of_colours():
    assert float(apart(WHITE, BLACK)) == pytest.approx(255, abs=0.01)
    assert float(apart((0, 0, 255), BLACK)) == pytest.approx(85)
    assert float(apart(RED, RED)) == 0
    torch.manual_seed(0)
    found = mq.segment(disc_and_bar(RED, BLUE))
    for _ in range(30):
        ground = background_for(found, 48, unlike=WHITE)
        assert apart(found.colors, ground).min() >= 48
        assert float(apart(ground, WHITE)) >= 24
        assert float(apart(ink_for(ground, 100), ground)) >= 100
    assert ink_for(WHITE, 64, RED) == RED
    assert ink_for(RED, 64, RED) != RED


def test_pictures_that_fill_their_frame():
    assert stands_free(mq.segment(logo()))
    noisy = np.random.default_rng(0).integers(0, 256, (6, 6, 3)).astype(np.uint8)
    patches = np.ascontiguousarray(noisy.repeat(10, axis=0).repeat(10, axis=1))
    assert not stands_free(mq.segment(patches))


def test_words():
    torch.manual_seed(0)
    words = {made_up_word() for _ in range(50)}
    assert len(words) > 40
    assert all(1 <= len(w) <= 20 for w in words)
    assert font_count() > 10
    for font in range(font_count()):
        for spacing in (0, 4):
            mask = word_mask("Hn", font, spacing)
            assert mask.max() > 0.9
            assert 10 < mask.shape[0] < 64
            # Cut to the ink on all sides.
            assert all(edge.any() for edge in (mask[0], mask[-1], mask[:, 0], mask[:, -1]))
    assert word_mask("Hn", 0, 8).shape[1] == word_mask("Hn", 0, 0).shape[1] + 8
    assert word_mask(" ", 0).shape == (1, 1)


def test_words_without_font_files(monkeypatch):
    monkeypatch.setattr(_words, "matplotlib_fonts", tuple)
    word_mask.cache_clear()
    try:
        assert font_count() == 5
        for font in range(5):
            mask = word_mask("Hn", font)
            assert mask.max() > 0.9
            assert 10 < mask.shape[0] < 64
    finally:
        word_mask.cache_clear()
