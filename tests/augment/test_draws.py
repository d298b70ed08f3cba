"""What the transforms draw: limits, what stays, which parts."""

import numpy as np
import pytest
import torch

import marquery as mq
from marquery import augment as A

from ..drawings import logo


def test_colours_stay_away_from_the_background():
    subject = A.Subject(logo())
    torch.manual_seed(0)
    for _ in range(200):
        for color in A.SegmentColor(contrast=100).make_params([subject])["colors"].values():
            assert np.abs(np.array(color) - 255).max() >= 100


def test_removal_keeps_ink_and_outlines():
    subject = A.Subject(logo())
    segments = subject.segmentation
    ink = np.where(segments.is_hole, 0, segments.area)
    op = A.SegmentRemove(share=(0.5, 1.0), keep=0.6)
    torch.manual_seed(0)
    sizes = set()
    for _ in range(100):
        gone = op.make_params([subject])["labels"]
        sizes.add(len(gone))
        left = ink.sum() - sum(ink[label - 1] for label in gone)
        assert left >= 0.6 * ink.sum()
    assert max(sizes) >= 1
    single = np.full((40, 40, 3), 255, dtype=np.uint8)
    single[10:30, 10:30] = 0
    assert (A.SegmentRemove(keep=0.0)(single) == single).all()


def test_the_white_figure_of_a_badge_is_not_removed():
    badge = np.full((60, 60, 3), 255, dtype=np.uint8)
    badge[4:56, 4:56] = (200, 0, 0)
    badge[15:45, 15:45] = 255
    badge[25:35, 25:35] = (200, 0, 0)
    torch.manual_seed(0)
    for _ in range(30):
        out = A.SegmentRemove(keep=0.6)(badge)
        assert (out[15:45, 15:45] == 255).any()


def test_moves_stay_on_the_canvas():
    image = np.full((60, 60, 3), 255, dtype=np.uint8)
    image[2:8, 2:58] = 0  # a bar along the upper edge: most turns would lose half of it
    subject = A.Subject(image)
    torch.manual_seed(0)
    op = A.SegmentRotate(max_outside=0.1)
    for _ in range(40):
        params = op.make_params([subject])
        out = op.transform(subject, params)
        assert (255 - out.astype(int)).sum() >= 0.88 * (255 - image.astype(int)).sum()


@pytest.mark.parametrize("op", [A.SegmentTranslate, A.SegmentDuplicate, A.SegmentRotate])
def test_no_part_loses_more_than_it_may(op):
    image = logo()
    subject = A.Subject(image)
    segments = subject.segmentation
    torch.manual_seed(0)
    for _ in range(60):
        params = op(max_outside=0.2).make_params([subject])
        if params["label"] is None:
            continue
        alone = np.full_like(image, 255)
        part = segments.alpha(*segments.enclosed(params["label"])) > 0
        alone[part] = 0  # the part, black and without its hole
        out = op().transform(A.Subject(alone), {**params, "label": 1})
        assert (out < 128).all(axis=2).sum() >= 0.75 * part.sum()


def test_a_hole_stays_on_its_part():
    badge = np.full((80, 80, 3), 255, dtype=np.uint8)
    badge[20:60, 20:60] = (200, 0, 0)
    badge[34:46, 34:46] = 255
    subject = A.Subject(badge)
    torch.manual_seed(0)
    op = A.SegmentTranslate(distance=(0.1, 0.5), max_outside=0.0)
    drawn = [op.make_params([subject]) for _ in range(100)]
    shifts = [d["shift"] for d in drawn if d["label"] == 2]
    assert shifts
    assert all(max(abs(v) for v in shift) <= 14 for shift in shifts)


def test_what_would_show_nothing_is_not_given():
    image = np.full((40, 40, 3), 255, dtype=np.uint8)
    image[4:36, 4:36] = (200, 0, 0)
    op = A.SegmentScale(scale=(4, 4), max_outside=1.0)
    assert (op(image) == image).all()  # it would be red all over
    gone = A.SegmentTranslate(distance=(1, 1), max_outside=1.0)
    assert (gone(image) == image).all()


def test_mirror_passes_over_symmetric_parts():
    image = np.full((60, 90, 3), 255, dtype=np.uint8)
    image[5:55, 5:45] = (200, 0, 0)
    image[5:30, 50:56] = image[24:30, 50:80] = (0, 0, 200)  # an L: the smaller of the two
    subject = A.Subject(image)
    torch.manual_seed(0)
    drawn = [A.SegmentMirror().make_params([subject])["label"] for _ in range(30)]
    assert drawn.count(2) >= 25
    assert 1 not in drawn


def test_exchange_takes_all_of_two_colours_or_one_part_of_each():
    image = np.full((40, 90, 3), 255, dtype=np.uint8)
    image[5:35, 5:25] = image[5:35, 35:55] = (200, 0, 0)
    image[5:35, 65:85] = (0, 0, 200)
    subject = A.Subject(image)
    torch.manual_seed(0)
    every = A.SegmentExchange().make_params([subject])
    assert sorted([*every["first"], *every["second"]]) == [1, 2, 3]
    one = A.SegmentExchange(all_of_color=False).make_params([subject])
    assert len(one["first"]) == len(one["second"]) == 1
    out = A.SegmentExchange()(image)
    assert (out[5:35, 5:25] == (0, 0, 200)).all()
    assert (out[5:35, 65:85] == (200, 0, 0)).all()


def test_exchange_does_not_lose_a_badge_on_its_ground():
    badge = np.full((60, 60, 3), 255, dtype=np.uint8)
    badge[4:56, 4:56] = (200, 0, 0)
    badge[25:35, 25:35] = 255
    assert (A.SegmentExchange(keep=0.5)(badge) == badge).all()
    assert (A.SegmentExchange(keep=0.1)(badge) != badge).any()


def test_a_part_can_be_a_word():
    image = np.full((60, 200, 3), 255, dtype=np.uint8)
    for i in range(6):
        image[20:40, 20 + 14 * i : 30 + 14 * i] = (20, 30, 120)  # six letters
    image[10:50, 140:180] = (200, 0, 0)
    word = mq.segment(image, group="glyphs")
    assert word.count == 2
    torch.manual_seed(0)
    for _ in range(10):
        out = A.SegmentColor(share=(0.5, 0.5), group="glyphs")(image)
        letters = out[30, 25:100:14]
        assert (letters == letters[0]).all()  # one word, one colour
    mix = A.RandomSegmentOp(
        [A.SegmentColor(share=(0.5, 0.5), group="glyphs"), A.SegmentColor()], [1, 0]
    )
    both = A.RandomSegmentOp([A.SegmentColor(share=(0.5, 0.5))], group="glyphs")
    for op in (mix, both):
        letters = op(image)[30, 25:100:14]
        assert (letters == letters[0]).all()


def test_mixing_follows_the_weights():
    op = A.RandomSegmentOp([A.SegmentColor(), A.SegmentScale()], [0, 1])
    subject = A.Subject(logo())
    assert {op.make_params([subject])["index"] for _ in range(50)} == {1}
    even = A.RandomSegmentOp([A.SegmentColor(), A.SegmentScale()])
    torch.manual_seed(0)
    assert 20 < sum(even.make_params([subject])["index"] for _ in range(80)) < 60


def test_holes_only_shrink_and_are_not_painted_like_the_part_around_them():
    badge = np.full((60, 60, 3), 255, dtype=np.uint8)
    badge[4:56, 4:56] = (200, 0, 0)
    badge[15:45, 15:45] = 255
    subject = A.Subject(badge)
    torch.manual_seed(0)
    drawn = [A.SegmentScale(scale=(1.2, 1.5)).make_params([subject]) for _ in range(40)]
    assert all(d["factor"] < 1 for d in drawn if d["label"] == 2)
    assert any(d["label"] == 2 for d in drawn)
    for _ in range(300):
        color = A.SegmentColor(share=(1, 1), contrast=100).make_params([subject])["colors"][2]
        assert np.abs(np.array(color) - (200, 0, 0)).max() >= 100
