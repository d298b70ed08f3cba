"""The pictures of segments and augmentations have the parts they promise."""

import numpy as np
import pytest
import torch

from marquery import augment as A
from marquery.errors import UsageError
from marquery.visualization.augmentations import (
    draw_augmentations,
    draw_gallery,
    draw_rotation_steps,
)
from marquery.visualization.segments import draw_segmentation


def logo():
    image = np.full((60, 80, 3), 255, dtype=np.uint8)
    image[5:55, 5:40] = (200, 30, 30)
    image[15:35, 12:30] = 255
    image[10:50, 48:70] = (20, 60, 200)
    return image


def test_segmentation_picture_shows_logo_and_parts():
    picture = draw_segmentation(logo(), side=200)
    assert picture.mode == "RGB"
    assert picture.width > 400
    colors = {c for n, c in picture.getcolors(100000) if n > 300}
    assert (200, 30, 30) in colors
    assert len(colors) >= 5  # paper, the logo's two paints, and a colour for each of two parts


def test_augmentations_are_the_same_for_the_same_seed_and_leave_torch_alone():
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    ops = [A.SegmentColor(), A.SegmentRotate()]
    one = draw_augmentations(logo(), ops, 3, 7, side=64)
    two = draw_augmentations([logo()], ops, 3, 7, side=64)
    other = draw_augmentations(logo(), ops, 3, 8, side=64)
    assert (np.asarray(one) == np.asarray(two)).all()
    assert one.size == other.size
    assert (np.asarray(one) != np.asarray(other)).any()
    assert (torch.rand(3) == expected).all()


def test_rotation_steps_has_five_pictures():
    picture = draw_rotation_steps(logo(), 0, side=100)
    assert picture.width > 5 * 100
    with pytest.raises(UsageError, match="no segments"):
        draw_rotation_steps(np.full((30, 30, 3), 9, dtype=np.uint8))


def test_gallery_has_a_row_for_each_logo_and_a_column_for_each_operation():
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    ops = [A.SegmentColor(p=0.3), A.SegmentMirror()]
    one = draw_gallery([logo(), logo()], ops, 5, side=80)
    assert one.width == draw_gallery([logo()], ops, 5, side=80).width
    assert one.width > 4 * 80
    again = draw_gallery([logo(), logo()], ops, 5, side=80)
    assert (np.asarray(one) == np.asarray(again)).all()
    assert (torch.rand(3) == expected).all()
    with pytest.raises(UsageError, match="at least one"):
        draw_gallery([], ops)


def test_gallery_draws_anew_what_left_the_logo_as_it_was():
    never = draw_gallery([logo()], [A.SegmentColor(p=0)], side=80)
    seldom = draw_gallery([logo()], [A.SegmentColor(p=0.4)], side=80)
    assert (np.asarray(never) != np.asarray(seldom)).any()


def test_parts_picture_follows_mode_and_group():
    plain = draw_segmentation(logo(), side=100)
    front = draw_segmentation(logo(), side=100, mode="foreground")
    near = draw_segmentation(logo(), side=100, group="proximity")
    assert len({p.tobytes() for p in (plain, front, near)}) == 3
