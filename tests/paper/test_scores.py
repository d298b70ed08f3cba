"""What queries score, worked out by hand."""

from pathlib import Path

import numpy as np
import pytest

from marquery.datasets import LogoSet
from marquery.datasets.edit_set import EditSet
from marquery.datasets.strata import PairStrata
from marquery.paper.reproduce.material import Material
from marquery.paper.reproduce.panels import make_panels
from marquery.paper.reproduce.scores import load_scores, save_scores, score, score_pairs


def unit(*degrees):
    turned = np.radians(degrees)
    return np.stack([np.cos(turned), np.sin(turned)], axis=1).astype(np.float32)


@pytest.fixture
def material():
    """Three logos of brand a, two of token t, one that is alone; two edits of the first logo."""
    words = np.array(["brand"] * 3 + ["crypto"] * 2 + ["brand"])
    logos = LogoSet(
        root=Path("nowhere"),
        paths=("a0", "a1", "a2", "t0", "t1", "x"),
        groups=np.array(["a", "a", "a", "t", "t", "x"]),
        namespaces=words,
        collections=words,
        splits=np.array(["test"] * 6),
        digests=words,
    )
    edits = EditSet(
        files=[Path("e0"), Path("e1")],
        sources=[0, 0],
        excluded=[[1, 2], [1, 2]],
        strata=["drop 1", "drop 3"],
    )
    return Material(logos, logos, logos, edits)


TEST = unit(0, 10, 50, 30, 90, 41)
EDITS = unit(5, 26)


def test_cross_by_hand(material):
    cross = score(TEST, EDITS, material)["cross"]
    assert cross["query"].tolist() == [0, 1, 2, 3, 4]
    # a0 sees a1 10, t0 30, x 41, a2 50, t1 90: a1 first, a2 fourth.
    assert cross["ap"][0] == pytest.approx((1 + 2 / 4) / 2)
    # a2 sees x at 9, t0 20, then a1 and t1 together at 40, a0 50.
    assert cross["ap"][2] == pytest.approx(((1 / 3 + 1 / 4) / 2 + 2 / 5) / 2, abs=1e-3)
    assert cross["recall@1"].tolist() == [1, 1, 0, 0, 0]
    # a0: ranks 1 and 4 of 5: (5 - 3) / (5 * 2).
    assert cross["nar"][0] == pytest.approx(0.2)


def test_edits_leave_the_brands_other_logos_out(material):
    edits = score(TEST, EDITS, material)["edits"]
    # e1 at 26: a1 (16) does not count, t0 (4) and x (15) stand before a0 (26).
    assert edits["ap"].tolist() == pytest.approx([1, 1 / 3])


def test_strata_leave_pairs_of_other_strata_out(material):
    pairs = PairStrata(
        np.array([0, 0, 1, 3]),
        np.array([1, 2, 2, 4]),
        np.array(["recoloured", "redrawn", "redrawn", "redrawn"]),
    )
    scores = score_pairs(TEST, material, pairs)
    assert list(scores) == ["pairs/recoloured", "pairs/redrawn"]
    assert scores["pairs/recoloured"]["query"].tolist() == [0, 1]
    redrawn = scores["pairs/redrawn"]
    assert redrawn["query"].tolist() == [0, 1, 2], "tokens are not asked"
    # a0 without a1: t0 30, x 41, a2 50.
    assert redrawn["ap"][0] == pytest.approx(1 / 3)
    panels = make_panels(score(TEST, EDITS, material) | scores, material)
    found = {panel.key: panel.counts for panel in panels}
    assert found["pairs/redrawn"] == (3, 1)
    assert found["cross/brand"] == (3, 1)


def test_scores_come_back_from_their_file(material, tmp_path):
    scores = score(TEST, EDITS, material)
    scores["pairs/part"] = scores["cross"]
    save_scores(scores, tmp_path / "scores.npz")
    back = load_scores(tmp_path / "scores.npz")
    assert {name: {k: c.tolist() for k, c in part.items()} for name, part in back.items()} == {
        name: {k: c.tolist() for k, c in part.items()} for name, part in scores.items()
    }
