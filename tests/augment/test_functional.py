"""The segment operations on images whose result is known."""

import cv2
import numpy as np
import pytest

import marquery as mq
from marquery.augment import functional as F
from marquery.errors import UsageError

from ..drawings import canvas, disc_and_bar, label_at, smooth


def test_recolouring_equals_drawing_in_the_other_colour():
    image = disc_and_bar((200, 30, 30), (30, 30, 200))
    found = mq.segment(image)
    out = F.recolor(image, found, {label_at(found, 32, 18): (20, 160, 60)})
    assert np.abs(out.astype(int) - disc_and_bar((20, 160, 60), (30, 30, 200))).max() <= 3


def test_removing_equals_never_having_drawn():
    ground = (40, 44, 52)
    image = disc_and_bar((200, 30, 30), (90, 160, 220), ground)
    found = mq.segment(image)
    out = F.remove(image, found, [label_at(found, 32, 18)])
    assert np.abs(out.astype(int) - disc_and_bar(ground, (90, 160, 220), ground)).max() <= 3


@pytest.mark.parametrize("ground", [(255, 255, 255), (18, 18, 24), (40, 90, 200), (250, 200, 30)])
@pytest.mark.parametrize("soft", [0, 3, 5])
def test_nothing_of_a_removed_disc_is_left(ground, soft):
    disc = smooth(
        lambda d, f: d.ellipse([14 * f, 12 * f, 51 * f, 49 * f], fill=(200, 40, 90)), ground=ground
    )
    if soft:
        disc = cv2.blur(disc, (soft, soft))
    found = mq.segment(disc)
    assert found.count >= 1
    gone = F.remove(disc, found, range(1, found.count + 1))
    assert np.abs(gone.astype(int) - ground).max() <= (4 if soft else 2)


def test_a_disc_moved_away_leaves_nothing_behind():
    ground = (40, 90, 200)
    disc = smooth(
        lambda d, f: d.ellipse([6 * f, 6 * f, 25 * f, 25 * f], fill=(250, 240, 90)), ground=ground
    )
    out = F.translate(disc, mq.segment(disc), 1, (32, 30)).astype(int)
    assert np.abs(out[:30] - ground).max() <= 2
    assert np.abs(out[34:60, 36:62] - disc[4:30, 4:30]).max() <= 1


def test_removing_a_hole_fills_it_with_the_paint_around_it():
    image = canvas(40, 40)
    image[5:35, 5:35] = (0, 100, 0)
    image[12:28, 12:28] = 255
    found = mq.segment(image)
    assert found.is_hole.tolist() == [False, True]
    assert (F.remove(image, found, [2])[5:35, 5:35] == (0, 100, 0)).all()
    # Both: down to the background.
    assert (F.remove(image, found, [1, 2]) == 255).all()


def test_removing_from_a_gradient_continues_the_gradient():
    image = canvas(60, 100)
    image[5:55, 5:95] = np.linspace((250, 40, 20), (30, 60, 240), 90)[None].astype(np.uint8)
    whole = image.copy()
    image[20:40, 40:60] = (255, 255, 0)
    found = mq.segment(image)
    assert found.count == 2
    out = F.remove(image, found, [label_at(found, 30, 50)])
    assert np.abs(out.astype(int) - whole).max() <= 3


def test_a_curved_gradient_is_continued_without_a_seam():
    y, x = np.mgrid[:80, :100]
    light = np.clip(250 - 0.055 * ((y - 45) ** 2 + (x - 20) ** 2), 20, 255)
    image = canvas(80, 100)
    image[5:75, 5:95] = np.stack([light, light // 2, 200 + 0 * light], axis=2)[5:75, 5:95]
    whole = image.copy()
    image[25:55, 30:60] = 255
    found = mq.segment(image)
    hole = label_at(found, 40, 45)
    out = F.remove(image, found, [hole]).astype(int)
    rim = np.zeros((80, 100), dtype=bool)
    rim[25:55, 30:60] = True
    rim[27:53, 32:58] = False
    assert (
        np.abs(out - whole)[rim].max() <= 11
    )  # where a seam would show; a plane alone is 15 levels off
    assert np.abs(out - whole)[rim].mean() <= 3.5


def test_shade_keeps_light_and_dark():
    image = canvas(40, 80)
    image[10:30, 10:70] = np.linspace(60, 180, 60)[None, :, None].astype(np.uint8)
    found = mq.segment(image)
    out = F.recolor(image, found, {1: (120, 60, 60)}, style="shade").astype(int)
    row = out[20, 10:70]
    assert (np.diff(row[:, 0]) >= 0).all()
    assert row[-1, 0] - row[0, 0] >= 115
    assert np.abs(row.mean(axis=0) - (120, 60, 60)).max() < 6
    flat = F.recolor(image, found, {1: (120, 60, 60)}, style="flat")
    assert (flat[11:29, 11:69] == (120, 60, 60)).all()


def test_quarter_turn_of_a_bar_about_its_centre():
    image = canvas(64, 64)
    image[28:36, 12:52] = (0, 0, 200)  # centre of gravity at (31.5, 31.5)
    found = mq.segment(image)
    out = F.rotate(image, found, 1, 90)
    assert (out == np.rot90(image)).all()


def test_rotation_is_counter_clockwise_and_leaves_background_beneath():
    image = disc_and_bar((200, 30, 30), (30, 30, 200))
    found = mq.segment(image)
    bar = label_at(found, 30, 45)
    out = F.rotate(image, found, bar, 20)
    y, x = np.nonzero((out[..., 2] > 150) & (out[..., 0] < 100))
    upper, lower = x[y < 15].mean(), x[y > 50].mean()
    original = found.labels == bar
    oy, ox = np.nonzero(original)
    assert upper - lower < ox[oy < 15].mean() - ox[oy > 50].mean()  # the top has moved to the left
    assert abs(y.mean() - oy.mean()) < 0.7
    assert abs(x.mean() - ox.mean()) < 0.7
    # Nothing but the paints and mixes of bar and ground: no dark or red outline is left behind.
    changed = (out != image).any(axis=2)
    t = (255 - out[changed].astype(float)) / (255 - np.array([30, 30, 200]))
    assert np.abs(t - t.mean(axis=1, keepdims=True)).max() < 0.05


def test_rotation_takes_what_lies_on_the_part_along():
    image = canvas(64, 64)
    image[12:52, 12:52] = (0, 100, 0)
    image[16:24, 16:40] = (250, 220, 0)
    found = mq.segment(image)
    assert (F.rotate(image, found, 1, 90)[24:48, 16:24] == (250, 220, 0)).all()
    alone = F.rotate(image, found, 1, 90, with_enclosed=False)
    assert (alone[16:24, 16:40] == 255).sum() == 0 or not (alone == image).all()


def test_scaling_changes_area_by_the_square_and_keeps_the_centre():
    image = disc_and_bar((200, 30, 30), (30, 30, 200))
    found = mq.segment(image)
    disc = label_at(found, 32, 18)
    before = found.alpha(disc)
    for factor in (0.5, 0.8, 1.2):
        out = F.scale(image, found, disc, factor).astype(float)
        ink = np.clip((255 - out[..., 1]) / 225, 0, 1)[:, :36]
        assert abs(ink.sum() / before.sum() / factor**2 - 1) < 0.03
        centre = (ink * np.arange(36)).sum() / ink.sum()
        assert abs(centre - (before * np.arange(64)).sum() / before.sum()) < 0.3


def test_translation_is_to_the_right_and_down_and_cut_at_the_canvas():
    image = canvas(40, 60)
    image[10:20, 10:30] = (0, 0, 200)
    found = mq.segment(image)
    expected = canvas(40, 60)
    expected[15:25, 22:42] = (0, 0, 200)
    assert (F.translate(image, found, 1, (12, 5)) == expected).all()
    far = canvas(40, 60)
    far[:5, 45:] = (0, 0, 200)
    assert (F.translate(image, found, 1, (35, -15)) == far).all()
    assert (F.translate(image, found, 1, (-100, 0)) == 255).all()


def test_duplicate_keeps_the_original_and_lies_above():
    image = canvas(40, 60)
    image[10:20, 10:30] = (0, 0, 200)
    image[10:20, 40:50] = (200, 0, 0)
    found = mq.segment(image)
    expected = image.copy()
    expected[14:24, 25:45] = (0, 0, 200)
    assert (F.duplicate(image, found, 1, (15, 4)) == expected).all()


def test_a_part_goes_with_what_lies_on_it_unless_told_not_to():
    image = canvas(40, 60)
    image[5:25, 5:25] = (0, 100, 0)
    image[10:16, 10:20] = (250, 220, 0)
    found = mq.segment(image)
    out = F.translate(image, found, 1, (30, 10))
    assert (out[20:26, 40:50] == (250, 220, 0)).all()
    assert (out[5:25, 5:25] == 255).all()
    alone = F.translate(image, found, 1, (30, 10), with_enclosed=False)
    assert (alone[10:16, 10:20] == (250, 220, 0)).all()
    assert (alone[20:26, 40:50] != (250, 220, 0)).any()


def test_mirror_turns_a_part_over_in_its_box():
    image = canvas(50, 50)
    image[10:40, 10:16] = (0, 0, 200)
    image[34:40, 10:30] = (0, 0, 200)  # an L
    found = mq.segment(image)
    over, down = canvas(50, 50), canvas(50, 50)
    over[10:40, 24:30] = over[34:40, 10:30] = (0, 0, 200)
    down[10:40, 10:16] = down[10:16, 10:30] = (0, 0, 200)
    assert (F.mirror(image, found, 1, "horizontal") == over).all()
    assert (F.mirror(image, found, 1, "vertical") == down).all()
    assert (F.mirror(over, mq.segment(over), 1, "horizontal") == image).all()


def test_mirror_of_a_symmetric_part_changes_nothing():
    image = smooth(
        lambda d, f: d.ellipse([9 * f, 12 * f, 50 * f - 1, 41 * f - 1], fill=(200, 30, 30))
    )
    found = mq.segment(image)
    for direction in F.DIRECTIONS:
        assert np.abs(F.mirror(image, found, 1, direction).astype(int) - image).max() <= 2


def test_exchange_equals_drawing_in_each_others_colours():
    image = disc_and_bar((200, 30, 30), (30, 30, 200))
    found = mq.segment(image)
    out = F.exchange(image, found, [1], [2])
    assert np.abs(out.astype(int) - disc_and_bar((30, 30, 200), (200, 30, 30))).max() <= 3
    assert np.abs(F.exchange(out, mq.segment(out), [2], [1]).astype(int) - image).max() <= 3


def test_exchange_takes_the_mean_of_several_by_area():
    image = canvas(30, 60)
    image[5:25, 2:12] = (100, 0, 0)
    image[5:10, 20:30] = (200, 0, 0)
    image[5:25, 40:50] = (0, 0, 90)
    out = F.exchange(image, mq.segment(image), [1, 2], [3])
    assert (out[5:25, 40:50] == (120, 0, 0)).all()  # (200 * 100 + 50 * 200) / 250
    assert (out[5:25, 2:12] == (0, 0, 90)).all()
    assert (out[5:10, 20:30] == (0, 0, 90)).all()


def test_swap_fits_the_other_part_into_the_box():
    image = canvas(60, 60)
    image[10:40, 10:50] = (0, 0, 200)
    donor = canvas(30, 30, (0, 0, 0))
    donor[5:15, 5:15] = (240, 200, 0)
    donor[8:12, 8:12] = (200, 0, 0)
    out = F.swap(image, mq.segment(image), 1, donor, mq.segment(donor), 1)
    y, x = np.nonzero((out != 255).any(axis=2))
    # 30 x 30 pixels, three times as large, on the middle of the box; its soft edge may reach a
    # pixel further.
    assert (y.min(), y.max(), x.min(), x.max()) in {(10, 39, 15, 44), (9, 40, 14, 45)}
    assert (out[25, 30] == (200, 0, 0)).all()
    assert (out[13, 18] == (240, 200, 0)).all()
    assert not ((out < 60).all(axis=2)).any()  # nothing of the donor's black ground


def test_what_lay_beneath_a_grouped_part_is_the_paint_of_the_segment_it_lay_on():
    image = canvas(60, 90)
    image[10:50, 10:50] = (200, 0, 0)
    image[10:50, 50:80] = (0, 0, 200)
    image[25:35, 20:30] = 255
    parts = mq.segment(image, group="proximity")
    assert parts.count < mq.segment(image).count
    hole = label_at(parts, 30, 25)
    assert (F.remove(image, parts, [hole])[20:40, 15:35] == (200, 0, 0)).all()


def test_part_that_leaves_the_canvas_is_cut():
    image = canvas(40, 40)
    image[2:38, 2:38] = (0, 0, 0)
    out = F.scale(image, mq.segment(image), 1, 15.0)
    assert out.shape == image.shape
    assert (out == 0).all()


def test_a_segmentation_can_be_used_again_after_recolouring():
    image = disc_and_bar((200, 30, 30), (30, 30, 200))
    found = mq.segment(image)
    once = F.recolor(image, found, {label_at(found, 32, 18): (20, 160, 60)})
    twice = F.remove(once, found, [label_at(found, 30, 45)])
    assert np.abs(twice.astype(int) - disc_and_bar((20, 160, 60), (255, 255, 255))).max() <= 4


def test_wrong_use_is_named():
    image = canvas(40, 40)
    image[10:20, 10:20] = 0
    found = mq.segment(image)
    with pytest.raises(UsageError, match="no segment 2"):
        F.remove(image, found, [2])
    with pytest.raises(UsageError, match=r"^factor: .* above 0"):
        F.scale(image, found, 1, 0.0)
    with pytest.raises(UsageError, match=r"^direction: 'diagonal'"):
        F.mirror(image, found, 1, "diagonal")
    with pytest.raises(UsageError, match="give two sets"):
        F.exchange(image, found, [1], [1])
    with pytest.raises(UsageError, match="no segment 3"):
        F.swap(image, found, 1, image, found, 3)
    with pytest.raises(UsageError, match=r"^segmentation: it is of"):
        F.recolor(canvas(30, 40), found, {1: (0, 0, 0)})
