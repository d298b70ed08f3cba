"""SegmentSwap and its donors."""

import pickle

import numpy as np
import pytest
import torch
from PIL import Image

from marquery import augment as A
from marquery.errors import MarqueryError

from ..drawings import logo, other_logo


def test_swap_brings_parts_of_the_donors_and_keeps_ink(tmp_path):
    Image.fromarray(other_logo()).save(tmp_path / "donor.png")
    tensor = torch.from_numpy(other_logo()).permute(2, 0, 1)
    for donor in (tmp_path / "donor.png", Image.fromarray(other_logo()), other_logo(), tensor):
        op = A.SegmentSwap([donor], keep=0.4)
        torch.manual_seed(3)
        out = op(logo())
        new = {tuple(c) for c in out.reshape(-1, 3)} - {tuple(c) for c in logo().reshape(-1, 3)}
        assert new & {(240, 160, 0), (90, 0, 120)}
        left = (out == logo()).all(axis=2) & (logo() != 255).any(axis=2)
        assert left.sum() >= 0.3 * (logo() != 255).any(axis=2).sum()
    single = np.full((40, 40, 3), 255, dtype=np.uint8)
    single[10:30, 10:30] = 0
    assert (A.SegmentSwap([other_logo()])(single) == single).all()


def test_a_missing_donor_is_named_when_it_is_drawn(tmp_path):
    with pytest.raises(MarqueryError, match=r"nowhere\.png"):
        A.SegmentSwap([tmp_path / "nowhere.png"])(logo())


def test_donors_are_segmented_once_and_not_pickled(monkeypatch):
    op = A.SegmentSwap([other_logo(), logo()])
    torch.manual_seed(0)
    for _ in range(5):
        op(logo())
    assert len(pickle.dumps(op)) < 2 * 14400 + 12000
    calls = []
    monkeypatch.setattr("marquery.augment.swap.segment", lambda *a, **k: calls.append(a))
    for _ in range(5):
        op(logo())
    assert calls == []
