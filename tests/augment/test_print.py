"""Prints, reliefs and photographs: what each leaves of a logo, by hand or by its definition."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from marquery.augment import LogoPrint
from marquery.augment import functional as F

from ..drawings import canvas, disc_and_bar

WHITE = (255, 255, 255)


def dark(image):
    return image.mean(axis=2) < 128


def square(color=(0, 0, 0), side=64):
    image = canvas(side, side)
    image[side // 4 : -side // 4, side // 4 : -side // 4] = color
    return image


def test_a_plain_scan_is_the_picture_on_paper():
    image = disc_and_bar((200, 30, 40), (30, 90, 200))
    paper = (247, 243, 232)
    expected = np.rint(image * (np.array(paper) / 255))
    assert np.abs(F.scan(image, paper=paper).astype(int) - expected).max() <= 1
    assert (F.scan(image, paper=WHITE) == image).all()


def test_light_and_grain_of_a_scan():
    page = canvas(80, 120, (200, 200, 200))
    lit = F.scan(page, paper=WHITE, light=(0.1, 0.0)).astype(int)
    assert (np.abs(lit[:, 0] - 180) <= 1).all()
    assert (np.abs(lit[:, -1] - 220) <= 1).all()
    grainy = F.scan(page, paper=WHITE, grain=5, seed=3).astype(float)
    # 5 levels of 255, at 200: 3.9 of fine grain, and coarse grain on top.
    assert 4.2 < (grainy - 200).std() < 6.5
    assert abs(grainy.mean() - 200) < 2
    assert (F.scan(page, grain=5, seed=3) == F.scan(page, grain=5, seed=3)).all()
    assert (F.scan(page, grain=5, seed=3) != F.scan(page, grain=5, seed=4)).any()


def test_a_turned_scan_turns_counter_clockwise():
    image = canvas(61, 61)
    image[28:33, 40:55] = 0  # to the right
    out = F.scan(image, turn=90, paper=WHITE)
    assert dark(out)[6:21, 28:33].all()  # above


def test_a_grey_scan_has_no_colours():
    out = F.scan(disc_and_bar((200, 30, 40), (30, 90, 200)), grey=True, paper=WHITE)
    assert (out == out[..., :1]).all()


@settings(max_examples=25, deadline=None)
@given(st.tuples(*[st.integers(0, 255)] * 3), st.integers(12, 80))
def test_a_fax_is_black_where_it_was_darker_than_the_threshold(color, side):
    light = 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]
    if light > 245:
        return
    out = F.fax(square(color), side)
    assert (out == out[..., :1]).all()
    assert (out[32, 32] == 0).all()  # the darkest of two tones, however pale
    assert (out[2, 2] == 255).all()


def test_a_fax_without_reduction_has_the_inked_pixels():
    image = disc_and_bar((200, 30, 40), (30, 90, 200))
    out = F.fax(image, side=64)
    grey = image @ np.array([0.299, 0.587, 0.114])
    expected = (grey - grey.min()) <= 0.5 * (grey.max() - grey.min())
    assert (dark(out) == expected).mean() > 0.998


def test_dithered_tones_and_specks():
    page = canvas(64, 64)
    page[:, :32] = 0
    page[16:48, 16:48] = 128
    out = dark(F.fax(page, 64, dithered=True))
    assert 0.3 < out[20:44, 20:44].mean() < 0.7
    specks = F.fax(canvas(100, 100, (0, 0, 0)), 100, specks=0.05, seed=1)
    assert 0.02 < (specks > 128).mean() < 0.12


def test_a_fax_does_not_lose_a_logo_whose_tones_are_alike():
    image = square((60, 60, 60))
    assert F.contours_kept(image, image) == 1
    assert F.contours_kept(image, canvas(64, 64)) == 0
    grey = canvas(64, 64, (0, 0, 0))
    grey[16:48, 16:48] = 110
    grey[:4, :4] = 255
    assert dark(F.fax(grey, 64))[10:].all()  # a threshold loses it
    torch.manual_seed(0)
    for _ in range(6):
        out = dark(LogoPrint(kinds=("fax",), side=(64, 64))(grey))
        assert out[6:14, 20:40].mean() > out[20:44, 20:44].mean() + 0.1


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize("tone", [0, 64, 128, 200, 255])
def test_a_halftone_is_as_dark_as_its_tone(tone, lines):
    page = canvas(120, 120, (tone, tone, tone))
    out = F.halftone(page, pitch=6, angle=30, lines=lines)
    assert out.mean() == pytest.approx(tone, abs=45)
    assert (out == out[..., :1]).all()
    if tone in (0, 255):
        assert (out == tone).mean() > 0.95


def test_darker_tones_give_more_ink_in_halftones():
    means = [F.halftone(canvas(60, 60, (t, t, t)), 5).mean() for t in range(0, 256, 32)]
    assert means == sorted(means)


def test_screens_of_colours_keep_the_colour():
    out = F.halftone(canvas(120, 120, (255, 40, 40)), 5, colors=True).reshape(-1, 3).mean(axis=0)
    assert out[0] > 240
    assert out[1] < 100


def test_an_engraving_is_black_on_white_whatever_the_background():
    for ground, ink in ((WHITE, (200, 30, 40)), ((20, 20, 60), (240, 220, 40))):
        image = canvas(64, 64, ground)
        image[16:48, 16:48] = ink
        out = F.engrave(image, ground, pitch=5, angle=45)
        assert (out == out[..., :1]).all()
        assert (out[:12] == 255).all()
        inside = dark(out)[20:44, 20:44].mean()
        assert 0.05 < inside < 0.95
        assert dark(out)[15:17, 20:44].all(axis=1).any()  # the contour


def test_solid_ink_and_hatching_of_tones():
    tones = [
        dark(F.engrave(square((t, t, t)), WHITE, 5))[20:44, 20:44].mean() for t in (0, 90, 180)
    ]
    assert tones[0] == 1
    assert tones[0] > tones[1] > tones[2] > 0


@pytest.mark.parametrize(("color", "angle"), [((220, 20, 20), 90), ((30, 60, 220), 0)])
def test_hatching_tells_the_hue(color, angle):
    """Red is hatched upright, blue level (Petra Sancta)."""
    out = dark(F.engrave(square(color), WHITE, 6, lined=True))[20:44, 20:44]
    along, across = (out.all(axis=0).any(), out.all(axis=1).any())
    assert (along, across) == ((True, False) if angle == 90 else (False, True))


def test_green_is_hatched_falling_to_the_right():
    out = dark(F.engrave(square((20, 160, 40)), WHITE, 6, lined=True))[20:44, 20:44]
    falling = [np.diagonal(out, k).mean() for k in range(-10, 11)]
    rising = [np.diagonal(out[:, ::-1], k).mean() for k in range(-10, 11)]
    assert max(falling) > 0.9
    assert max(rising) < 0.7


def test_embossing_lights_the_side_of_the_light():
    image = square((120, 120, 120))
    out = F.emboss(image, WHITE, 1.5, angle=180, strength=0.8).astype(int)
    assert out[32, 15:18].max() > out[32, 5].max()  # the left edge faces the light
    assert out[32, 46:49].min() < out[32, 32].min()
    blind = F.emboss(image, WHITE, 1.5, blind=True).astype(int)
    assert np.abs(blind[32, 32] - blind[4, 4]).max() <= 2
    assert np.ptp(blind) > 40


def test_a_shadow_lies_beside_the_ink_and_leaves_it():
    image = square((200, 30, 40))
    out = F.shadow(image, WHITE, (6, 0), 0, 0.5)
    assert (out[20:44, 16:48] == image[20:44, 16:48]).all()
    assert (np.abs(out[32, 49:53].astype(int) - 128) <= 1).all()
    assert (out[32, 58:] == 255).all()
    assert (out[32, :15] == 255).all()
    assert (F.shadow(square(WHITE), WHITE, (6, 0), 2) == 255).all()


def test_a_gradient_runs_over_the_ink_alone():
    image = canvas(40, 101)
    image[10:30] = (100, 100, 100)
    out = F.shaded(image, WHITE, (0.8, 0.0), (200, 0, 0))
    assert (out[:9] == 255).all()
    assert (out[20, 0] == 100).all()
    assert (np.abs(out[20, 100].astype(int) - (180, 20, 20)) <= 1).all()
    assert (np.abs(out[20, 50].astype(int) - (140, 60, 60)) <= 1).all()
    back = F.shaded(image, WHITE, (-0.8, 0.0), (200, 0, 0))
    assert (back[:, ::-1] == out).all()


def test_gloss_lightens_the_upper_ink():
    image = square((40, 40, 40))
    out = F.gloss(image, WHITE, 0.5, 0.5).astype(int)
    assert out[20, 32].min() > 90
    assert (out[44, 32] == 40).all()
    assert (out[2] == 255).all()


@pytest.mark.parametrize("kind", F.SURFACES)
def test_surfaces_are_about_as_light_as_they_should_and_repeat(kind):
    made = F.surface(kind, (90, 140), 5)
    assert made.shape == (90, 140)
    assert made.dtype == np.float32
    assert 0.8 < made.mean() < 1.2
    assert 0.02 < made.std() < 0.4
    assert (made == F.surface(kind, (90, 140), 5)).all()
    assert (made != F.surface(kind, (90, 140), 6)).any()
    assert F.surface(kind, (1, 1), 0).shape == (1, 1)


def corners(*xy):
    return np.array(xy, np.float64)


def test_a_photograph_from_the_front_on_an_even_wall():
    image = disc_and_bar((200, 30, 40), (30, 90, 200))
    whole = F.corner_map(corners((0, 0), (64, 0), (64, 64), (0, 64)), (64, 64))
    even = np.ones((64, 64), np.float32)
    board = F.photograph(image, WHITE, whole, even, (90, 90, 90), mount="board")
    assert np.abs(board[1:-1, 1:-1].astype(int) - image[1:-1, 1:-1]).max() <= 1
    paint = F.photograph(image, WHITE, whole, even, (90, 90, 90))
    assert (np.abs(paint[32, 18].astype(int) - image[32, 18]) <= 1).all()
    assert (np.abs(paint[2, 2].astype(int) - 90) <= 1).all()


def test_corners_are_where_they_should_be():
    image = canvas(64, 64, (0, 0, 0))
    image[:8, :8] = (255, 0, 0)
    to = corners((10, 20), (50, 10), (60, 60), (5, 55))
    out = F.photograph(
        *(image, (0, 0, 0), F.corner_map(to, (64, 64)), np.ones((64, 64), np.float32)),
        *((250, 250, 250),),
        mount="board",
    )
    assert tuple(out[22, 12]) > (200, 0, 0)  # the red corner
    assert out[22, 12, 1] < 60
    assert (out[5, 5] > 240).all()
    assert (out[50, 50] < 10).all()


def test_light_falls_off_and_warmth_reddens():
    image, whole = canvas(64, 64), np.eye(3)
    even = np.ones((64, 64), np.float32)
    out = F.photograph(image, WHITE, whole, even, (100, 100, 100), light=(0.3, 0, 0), warmth=0.05)
    out = out.astype(int)
    assert (np.abs(out[:, 0, 1] - 130) <= 1).all()
    assert (np.abs(out[:, -1, 1] - 70) <= 1).all()
    assert (out[..., 0] > out[..., 2]).all()
