"""A composition is a logo of which much is another's, or none at all."""

import numpy as np
import pytest
import torch
from PIL import Image

from marquery.augment import Subject
from marquery.sampling import POSITIVE, UNLABELLED, Draw
from marquery.training.augmentation import Augmentation
from marquery.training.compositions import changed_share, composition, share_of
from marquery.training.data import TrainingImages

RED, BLUE, GREEN, BLACK = (220, 20, 30), (20, 60, 220), (10, 150, 60), (0, 0, 0)


def logo(left, right, small=False):
    """Two bars, upright, on white; the right one may be a dot."""
    pixels = np.full((64, 64, 3), 255, np.uint8)
    pixels[8:56, 6:28] = left
    pixels[28 : 34 if small else 56, 36 : 42 if small else 58] = right
    return pixels


def has(pixels, color):
    return bool((np.abs(pixels.astype(int) - color).max(axis=2) < 10).any())


def test_changed_share_by_hand():
    before = logo(RED, BLUE)
    after = before.copy()
    after[8:56, 6:28] = GREEN  # 48 x 22 of 48 x 22 + 28 x 22 pixels
    assert changed_share(before, after) == pytest.approx(48 / 76)
    gone = before.copy()
    gone[8:56, 6:28] = 255
    assert changed_share(before, gone) == pytest.approx(48 / 76)
    assert changed_share(before, before) == 0
    assert changed_share(np.full((8, 8, 3), 7, np.uint8), np.full((8, 8, 3), 7, np.uint8)) == 0


def test_it_holds_parts_of_both():
    mine, other = Subject(logo(RED, BLUE)), Subject(logo(GREEN, BLACK))
    for seed in range(8):
        torch.manual_seed(seed)
        out = composition(mine, [other.pixels])
        assert out.shape == (64, 64, 3)
        assert has(out, RED) != has(out, BLUE)  # one has gone
        assert has(out, GREEN) != has(out, BLACK)  # and one has come


def test_a_small_change_makes_no_other_logo():
    """Of a bar and a dot only the dot may go (three tenths of the ink must stay), and that is too
    little.
    """
    mine, other = Subject(logo(RED, BLUE, small=True)), Subject(logo(GREEN, BLACK))
    torch.manual_seed(0)
    assert composition(mine, [other.pixels]) is None


def test_a_logo_of_one_part_has_no_composition():
    pixels = np.full((64, 64, 3), 255, np.uint8)
    pixels[10:50, 10:50] = RED
    torch.manual_seed(0)
    assert composition(Subject(pixels), [logo(GREEN, BLACK)]) is None


def test_all_of_the_donor_makes_no_other_logo():
    """One bar is all of its ink: what holds it is the donor, beside something."""
    donor = np.full((64, 64, 3), 255, np.uint8)
    donor[8:56, 20:42] = GREEN
    mine = Subject(logo(RED, BLUE))
    torch.manual_seed(0)
    assert composition(mine, [donor]) is None
    assert composition(mine, [donor, logo(GREEN, BLACK)]) is not None


def test_share_of_counts_what_lies_on_a_segment():
    pixels = np.full((64, 64, 3), 255, np.uint8)
    pixels[4:44, 4:44] = RED
    pixels[14:34, 14:34] = BLUE  # on the red square
    pixels[50:60, 50:60] = GREEN
    found = Subject(pixels).segmentation
    shares = sorted(share_of(found, label + 1) for label in range(found.count))
    assert shares == pytest.approx([100 / 1700, 400 / 1700, 1600 / 1700], abs=0.01)


def test_a_composed_item_is_a_negative_and_a_failed_one_a_view(tmp_path):
    files = []
    for name, pixels in (("two", logo(RED, BLUE)), ("dot", logo(RED, BLUE, small=True))):
        files.append(tmp_path / f"{name}.png")
        Image.fromarray(pixels).save(files[-1])
    files.append(tmp_path / "donor.png")
    Image.fromarray(logo(GREEN, BLACK)).save(files[-1])
    images = TrainingImages(files, 64, {POSITIVE: Augmentation(())})
    composed, label = images[Draw(0, 5, POSITIVE, 1, donors=(2,))]
    again, _ = images[Draw(0, 5, POSITIVE, 1, donors=(2,))]
    assert label == UNLABELLED
    assert torch.equal(composed, again)
    assert not torch.equal(composed, images[Draw(0, 5, POSITIVE, 1)][0])
    same, label = images[Draw(1, 5, POSITIVE, 1, donors=(2,))]
    assert label == 5
    assert torch.equal(same, images[Draw(1, 5, POSITIVE, 1)][0])
