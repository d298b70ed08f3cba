"""Turned queries."""

import numpy as np
import pytest
from PIL import Image

from marquery.errors import UsageError
from marquery.index import LogoIndex
from marquery.index.strategies.turning import AS_GIVEN, TURNS, Turn, turned

from ..encoders import tiny_encoder


def flag(seed=0):
    rng = np.random.default_rng(seed)
    pixels = np.full((48, 64, 3), 255, np.uint8)
    pixels[6:42, 6:26] = rng.integers(0, 200, 3)
    pixels[6:18, 26:58] = rng.integers(0, 200, 3)
    return Image.fromarray(pixels)


def test_quarter_turns_move_pixels_and_nothing_else():
    image = flag()
    pixels = np.asarray(image)
    assert np.array_equal(turned(image, Turn(90)), np.rot90(pixels, -1))
    assert np.array_equal(turned(image, Turn(180)), pixels[::-1, ::-1])
    assert np.array_equal(turned(image, Turn(0, mirrored=True)), pixels[:, ::-1])
    assert np.array_equal(turned(image, Turn(270, mirrored=True)), np.rot90(pixels[:, ::-1], 1))
    assert turned(image, AS_GIVEN) is image


def test_half_quarter_turns_keep_the_ink_on_the_background():
    pixels = np.asarray(flag())
    for ground in ((255, 255, 255), (10, 20, 30)):
        image = Image.fromarray(
            np.where((pixels == 255).all(-1, keepdims=True), ground, pixels).astype("u1")
        )
        out = np.asarray(turned(image, Turn(45))).astype(int)
        assert (np.abs(out[[0, 0, -1, -1], [0, -1, 0, -1]] - ground).max(axis=-1) == 0).all()
        ink = (np.abs(out - ground).max(axis=-1) > 40).sum()
        assert ink == pytest.approx((np.asarray(image) != ground).any(-1).sum(), rel=0.06)


def test_sixteen_different_views_with_names():
    assert len(set(TURNS)) == 16
    assert TURNS[0] == AS_GIVEN
    assert str(AS_GIVEN) == ""
    assert str(Turn(45)) == "turned by 45°"
    assert str(Turn(90, mirrored=True)) == "mirrored, turned by 90°"


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    root = tmp_path_factory.mktemp("turned")
    (root / "logos").mkdir()
    for seed in range(6):
        flag(seed).save(root / "logos" / f"{seed}.png")
    made = LogoIndex.create(root / "idx", tiny_encoder(), words=False)
    made.add(root / "logos")
    return made


@pytest.mark.parametrize("strategy", [None, "overall", "part", "overall=1,shape=1"])
def test_a_turned_mark_is_found_and_the_hit_says_how_it_was_turned(index, strategy):
    query = Image.fromarray(np.ascontiguousarray(np.rot90(np.asarray(flag(3)), 1)))
    best = index.search(query, 1, strategy=strategy, turned=True)[0]
    assert best.path.endswith("3.png")
    assert best.turned == "turned by 90°"
    assert best.score >= index.search(query, 1, strategy=strategy)[0].score - 1e-6
    upright = index.search(flag(3), 6, strategy=strategy, turned=True)
    assert (upright[0].turned, upright[0].path[-5:]) == ("", "3.png")
    mirrored = index.search(flag(3).transpose(Image.Transpose.FLIP_LEFT_RIGHT), 1, turned=True)[0]
    assert (mirrored.turned, mirrored.path[-5:]) == ("mirrored", "3.png")
    assert all(m.turned == "" for m in index.search(query, strategy=strategy))


def test_a_part_and_nothing_cannot_be_turned(index):
    with pytest.raises(UsageError, match="a part is given"):
        index.search(flag(), part=(0, 0, 20, 20), turned=True)
    with pytest.raises(UsageError, match="none is given"):
        index.search(like=[0], turned=True)
