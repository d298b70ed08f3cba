"""Strata of pairs: drawings whose difference is known, and what is kept of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from marquery.datasets import LogoSet
from marquery.datasets.silhouettes import SIDE, agreements, color_change, silhouettes
from marquery.datasets.strata import STRATA, PairStrata, pair_strata, stratum_of
from marquery.errors import ImageError
from marquery.visibility import DARK

INKS = ("#111111", "#d02020", "#1050c0")


def canvas(size=(256, 256), ground="white"):
    picture = Image.new("RGB", (size[0] * 2, size[1] * 2), ground)
    return picture, ImageDraw.Draw(picture)


def small(picture):
    return picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.BOX)


def arrow(pen, x, y, side, ink):
    """An arrow head with a bar beneath: no disc, no tile, alike to nothing else here."""
    points = [(0, 0.6), (0.5, 0), (1, 0.6), (0.7, 0.6), (0.7, 0.72), (0.3, 0.72), (0.3, 0.6)]
    pen.polygon([(x + a * side, y + b * side) for a, b in points], fill=ink)
    pen.rectangle((x + 0.1 * side, y + 0.84 * side, x + 0.6 * side, y + side), fill=ink)


def plain(ink="#111111", at=(60, 60), side=380, ground="white"):
    picture, pen = canvas(ground=ground)
    arrow(pen, *at, side, ink)
    return small(picture)


def badge(ground="#1050c0", ink="white", shape="rounded", inner=250):
    picture, pen = canvas()
    if shape == "full":
        pen.rectangle((0, 0, 512, 512), fill=ground)
    elif shape == "disc":
        pen.ellipse((8, 8, 504, 504), fill=ground)
    else:
        pen.rounded_rectangle((8, 8, 504, 504), 90, fill=ground)
    arrow(pen, 256 - inner / 2, 256 - inner / 2, inner, ink)
    return small(picture)


def with_word(ink="#111111"):
    picture, pen = canvas((256, 80))
    arrow(pen, 4, 20, 120, ink)
    pen.text((150, 20), "MERIDIAN", "#333333", ImageFont.load_default(72))
    return small(picture)


def word_alone():
    picture, pen = canvas((256, 80))
    pen.text((10, 20), "MERIDIAN", "#333333", ImageFont.load_default(96))
    return small(picture)


def wide(word=""):
    """One sign as wide as only words are, and perhaps a name beneath."""
    picture, pen = canvas((256, 160))
    pen.polygon([(20, 150), (130, 20), (250, 120), (380, 10), (490, 150), (250, 170)], "#1050c0")
    pen.text((30, 210), word, "#333333", ImageFont.load_default(80))
    return small(picture)


def other():
    picture, pen = canvas()
    pen.polygon([(40, 480), (100, 30), (200, 300), (300, 40), (480, 470), (250, 360)], "#111111")
    return small(picture)


def framed():
    """The arrow beside something else of one paint: it is a part."""
    picture, pen = canvas()
    arrow(pen, 20, 150, 200, "#d02020")
    pen.polygon([(300, 40), (480, 470), (420, 480), (270, 200), (340, 180)], "#111111")
    return small(picture)


def between(one, two):
    a, b = silhouettes(one), silhouettes(two)
    assert stratum_of(a, b) == stratum_of(b, a)
    return stratum_of(a, b)


@pytest.mark.parametrize(
    ("one", "two", "wanted"),
    [
        (plain(), plain(at=(100, 90), side=300), "identical"),
        (plain(), plain("#151515"), "identical"),
        (plain(), plain("#d02020"), "recoloured"),
        (plain(), plain("white", ground=DARK), "recoloured"),
        (badge(), badge("#d02020"), "recoloured"),
        (badge(), badge("#eeeeee", "#202020"), "recoloured"),
        (plain(), badge(), "badge"),
        (plain(), badge(shape="disc"), "badge"),
        (plain(), badge(shape="full"), "badge"),
        (plain("#d02020"), badge(ink="#d02020", ground="#f0f0e0"), "badge"),
        (badge(), badge(shape="disc", inner=220), "badge"),
        (plain(), with_word(), "wordmark"),
        (badge(), with_word(), "wordmark"),
        (plain(), word_alone(), "wordmark"),
        (wide(), wide("MERIDIAN"), "wordmark"),
        (wide("MERIDIAN"), wide("MERIDIAN"), "identical"),
        (plain(), framed(), "part"),
        (plain(), other(), "redrawn"),
    ],
)
def test_a_known_difference_is_named(one, two, wanted):
    assert between(one, two) == wanted


def test_empty_pictures_are_redrawn():
    blank = silhouettes(Image.new("RGB", (40, 40), "white"))
    assert blank.kinds == ()
    assert stratum_of(blank, silhouettes(plain())) == "redrawn"
    assert stratum_of(blank, blank) == "redrawn"


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_agreement_of_hard_masks_is_shared_over_joint_area(seed):
    rng = np.random.default_rng(seed)
    masks = (rng.random((3, 2, SIDE, SIDE)) < rng.random((3, 1, 1, 1))).astype(np.uint8) * 255
    found = agreements(masks)
    for i in range(3):
        for j in range(3):
            a, b = masks[i] > 0, masks[j] > 0
            wanted = max((a[p] & b[p]).sum() / max((a[p] | b[p]).sum(), 1) for p in (0, 1))
            assert found[i, j] == pytest.approx(wanted, abs=1e-5)


@given(st.integers(-40, 40), st.integers(-40, 40), st.floats(0.5, 1.0))
@settings(max_examples=15, deadline=None)
def test_place_and_size_do_not_count(dx, dy, size):
    side = 380 * size
    moved = plain(at=(256 - side / 2 + dx * size, 256 - side / 2 + dy * size), side=side)
    both = silhouettes(plain()), silhouettes(moved)
    alike = agreements(np.stack([one.masks[0] for one in both]))
    assert alike[0, 1] > 0.95
    assert color_change(*both) < 0.02


def test_masks_are_placed_in_the_middle():
    rows, columns = np.nonzero(silhouettes(plain(at=(30, 90), side=300)).masks[0, 0] > 127)
    for places in (rows, columns):
        assert abs((places.min() + places.max() + 1) / 2 - SIDE / 2) <= 1
    assert SIDE - 4 <= np.ptp(rows) + 1 <= SIDE
    rows, columns = np.nonzero(silhouettes(plain()).masks[0, 1] > 127)
    assert (rows.mean() + 0.5, columns.mean() + 0.5) == pytest.approx((SIDE / 2, SIDE / 2), abs=0.5)


def test_what_stands_on_a_ground_is_seen_in_any_paint():
    for ink in ("white", "#ffdd00"):
        seen = silhouettes(badge(ink=ink))
        inner = seen.kinds.index("inner")
        assert seen.backings[inner] == 1
        pair = np.stack([seen.masks[inner], silhouettes(plain()).masks[0]])
        assert agreements(pair)[0, 1] > 0.9
    assert "inner" not in silhouettes(plain()).kinds
    assert "inner" not in silhouettes(other()).kinds


@pytest.fixture
def brands(tmp_path):
    pictures = {
        "arrow/a": plain(),
        "arrow/b": badge(),
        "arrow/c": plain("#d02020"),
        "lone/a": other(),
        "twins/a": other(),
        "twins/b": other().resize((128, 128)),
        "loose": plain(),
    }
    for name, picture in pictures.items():
        file = tmp_path / "set" / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        picture.save(file)
    return LogoSet.from_folder(tmp_path / "set")


def test_every_pair_of_a_group_once(brands, tmp_path):
    found = pair_strata(brands, cache=tmp_path / "kept")
    names = [
        (brands.paths[a], brands.paths[b], s)
        for a, b, s in zip(found.first, found.second, found.stratum, strict=True)
    ]
    assert names == [
        ("arrow/a.png", "arrow/b.png", "badge"),
        ("arrow/a.png", "arrow/c.png", "recoloured"),
        ("arrow/b.png", "arrow/c.png", "badge"),
        ("twins/a.png", "twins/b.png", "identical"),
    ]
    assert (found.first < found.second).all()
    assert len(found) == 4
    assert found.counts() == {s: {"badge": 2, "part": 0}.get(s, 0) for s in STRATA} | {
        "recoloured": 1,
        "identical": 1,
    }


def test_what_was_found_is_kept_until_the_set_changes(brands, tmp_path, monkeypatch):
    cache = tmp_path / "kept"
    first = pair_strata(brands, cache=cache, threads=1)
    (file,) = cache.iterdir()
    monkeypatch.setattr("marquery.datasets.strata.silhouettes", lambda _: pytest.fail("again"))
    again = pair_strata(brands, cache=cache)
    for name in ("first", "second", "stratum"):
        assert (getattr(again, name) == getattr(first, name)).all()
    monkeypatch.undo()
    file.write_bytes(b"broken")
    assert (pair_strata(brands, cache=cache).stratum == first.stratum).all()
    assert len(list(cache.iterdir())) == 1
    pair_strata(brands.subset([0, 1]), cache=cache)
    assert len(list(cache.iterdir())) == 2


def test_nothing_to_pair_and_files_that_are_gone(brands, tmp_path):
    none = pair_strata(brands.subset([3]), cache=tmp_path / "kept")
    assert isinstance(none, PairStrata)
    assert len(none) == 0
    digests = np.array(["x"] * len(brands))
    there = LogoSet(
        brands.root,
        brands.paths,
        brands.groups,
        brands.namespaces,
        brands.collections,
        brands.splits,
        digests,
    )
    brands.files()[0].unlink()
    with pytest.raises(ImageError, match="arrow"):
        pair_strata(there, cache=tmp_path / "kept")
