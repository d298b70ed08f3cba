"""Segments grouped into words and marks."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

import marquery as mq
from marquery.augment import functional as F
from marquery.errors import UsageError
from marquery.segments import group_segments
from marquery.segments.proximity import gap_pairs


def drawing(width=320, height=120, ground="white"):
    image = Image.new("RGB", (width, height), ground)
    return image, ImageDraw.Draw(image)


def write(draw, at, text, fill="black", size=40):
    draw.text(at, text, fill=fill, font=ImageFont.load_default(size))


def parts_at(found, *points):
    """Labels at (x, y)."""
    return [int(found.labels[y, x]) for x, y in points]


def words(found):
    """Parts of more than one segment."""
    return [held for held in found.members if len(held) > 1]


def test_a_word_is_one_part_and_its_counters_stay_holes_that_lie_on_it():
    image, draw = drawing()
    draw.ellipse([10, 20, 90, 100], fill=(200, 0, 0))
    write(draw, (120, 30), "Roads", (0, 0, 90))
    plain = mq.segment(image)
    found = mq.segment(image, group="glyphs")
    assert plain.count == 10  # disc, 5 letters, the counters of R, o, a and d
    assert len(words(found)) == 1
    assert len(words(found)[0]) == 5
    word = found.members.index(words(found)[0]) + 1
    counters = np.flatnonzero(found.is_hole) + 1
    assert (found.parent[counters - 1] == word).all()
    assert set(found.enclosed(word)) == {word, *counters.tolist()}
    # Recolouring the word does not fill its counters.
    pixels = np.asarray(image)
    red = F.recolor(pixels, found, {word: (255, 0, 0)})
    inside = np.isin(found.labels, counters) & (found.coverage == 1)
    assert inside.any()
    assert (red[inside] == pixels[inside]).all()


def test_words_of_a_line_are_parted_at_the_wide_space_and_lines_are_apart():
    image, draw = drawing(420, 170)
    write(draw, (10, 20), "Blue Hats", size=44)
    write(draw, (10, 90), "unlimited", size=44)
    found = mq.segment(image, group="glyphs")
    assert sorted(len(held) for held in words(found)) == [4, 4, 11]  # two dots of i, nine letters


def test_dots_and_accents_join_their_letters():
    image, draw = drawing()
    write(draw, (10, 20), "jiffi", (10, 90, 30), size=60)
    found = mq.segment(image, group="glyphs")
    assert found.count == 1
    assert len(found.members[0]) >= 7


def test_white_letters_in_a_badge_are_one_hole():
    image, draw = drawing()
    draw.rounded_rectangle([20, 10, 300, 110], 20, fill=(180, 20, 40))
    write(draw, (60, 30), "BADGE", "white", size=56)
    found = mq.segment(image, group="glyphs")
    (letters,) = words(found)
    word = found.members.index(letters) + 1
    assert len(letters) == 5
    assert found.is_hole[word - 1]
    assert found.parent[word - 1] == 1
    # The counters of B, A, D are badge-coloured, lie on the word and are no holes.
    counters = [k for k in found.enclosed(word) if k != word]
    assert len(counters) == 4
    assert not found.is_hole[np.array(counters) - 1].any()


def test_a_column_of_turned_letters_is_a_word():
    image, draw = drawing()
    write(draw, (30, 30), "TURNED", size=50)
    found = mq.segment(image.rotate(90, expand=True, fillcolor="white"), group="glyphs")
    assert [len(held) for held in words(found)] == [6]


def test_letters_of_many_colours_are_a_word_and_a_figure_is_not_in_it():
    image, draw = drawing()
    draw.polygon([(10, 90), (50, 10), (90, 90)], fill=(20, 90, 200))
    x = 120
    for letter, fill in zip("Gowel", ("red", "blue", "orange", "green", "purple"), strict=True):
        write(draw, (x, 30), letter, fill, size=44)
        x += round(ImageFont.load_default(44).getlength(letter))
    found = mq.segment(image, group="glyphs")
    assert [len(held) for held in words(found)] == [5]
    assert found.members[0] == (1,)


def test_a_grid_of_squares_is_no_lines_of_writing_but_one_mark():
    image, draw = drawing()
    for y in (20, 50, 80):
        for x in (20, 50, 80):
            draw.rectangle([x, y, x + 19, y + 19], fill=(0, 90, 160))
    assert mq.segment(image, group="glyphs").count == 9
    assert mq.segment(image, group="proximity").count == 1


def test_proximity_joins_facets_and_broken_rings_and_leaves_what_is_far():
    image, draw = drawing(400, 140)
    for start in range(0, 360, 60):  # a broken ring
        draw.arc([10, 10, 110, 110], start, start + 50, fill=(0, 0, 0), width=12)
    draw.rectangle([180, 30, 219, 89], fill=(200, 0, 0))  # two facets that touch
    draw.rectangle([220, 30, 259, 89], fill=(90, 0, 0))
    draw.ellipse([350, 40, 380, 70], fill=(0, 120, 0))  # far from all
    plain = mq.segment(image)
    found = mq.segment(image, group="proximity")
    assert plain.count == 9
    ring, one, two, dot = parts_at(found, (16, 70), (200, 60), (240, 60), (365, 55))
    assert one == two
    assert len({ring, one, dot}) == 3
    assert found.count == 3
    assert sorted(map(len, found.members)) == [1, 2, 6]


def test_proximity_joins_only_what_lies_on_the_same_part():
    image, draw = drawing(200, 200)
    draw.rectangle([20, 20, 179, 179], fill=(200, 0, 0))
    draw.rectangle([60, 60, 89, 139], fill=(0, 0, 120))
    draw.rectangle([94, 60, 123, 139], fill=(0, 120, 0))
    found = mq.segment(image, group="proximity")
    assert found.members == ((1,), (2, 3))
    assert found.parent.tolist() == [0, 1]
    assert found.tree() == {1: {2: {}}}


def test_a_hole_is_not_joined_with_the_ink_it_touches():
    image, draw = drawing(200, 200)
    draw.rectangle([20, 20, 179, 179], fill=(200, 0, 0))
    draw.rectangle([60, 60, 99, 139], fill="white")
    draw.rectangle([100, 60, 139, 139], fill=(0, 120, 0))
    found = mq.segment(image, group="proximity")
    assert found.members == ((1,), (2,), (3,))
    assert found.is_hole.tolist() == [False, True, False]
    assert found.parent.tolist() == [0, 1, 1]


def test_letters_on_badges_of_their_own_are_no_word():
    image, draw = drawing(320, 80)
    for i, letter in enumerate("HENT"):
        draw.rectangle([10 + 48 * i, 10, 53 + 48 * i, 69], fill=(0, 60, 150))
        write(draw, (16 + 48 * i, 14), letter, "white", size=44)
    found = mq.segment(image, group="glyphs")
    letters = np.flatnonzero(found.is_hole) + 1
    assert len(letters) == 4
    assert all(len(found.members[k - 1]) == 1 for k in letters)
    one_on = mq.segment(image).parent[mq.segment(image).is_hole]
    assert len(set(one_on.tolist())) == 4


def test_a_part_has_the_mean_colour_no_soft_edges_inside_and_the_sums_of_its_members():
    image, draw = drawing(120, 80)
    draw.polygon([(20, 10), (50, 10), (60, 70), (20, 70)], fill=(200, 0, 0))
    draw.polygon([(51, 10), (90, 10), (90, 70), (61, 70)], fill=(0, 0, 100))
    image = image.resize((60, 40), Image.Resampling.BOX)
    plain, found = mq.segment(image), mq.segment(image, group="proximity")
    assert (plain.count, found.count) == (2, 1)
    assert found.area.tolist() == [plain.area.sum()]
    expected = (plain.colors * plain.area[:, None]).sum(axis=0) / plain.area.sum()
    assert np.abs(found.colors[0] - expected).max() <= 0.5
    joined = (plain.labels > 0) & (plain.under > 0)
    assert (joined & (plain.coverage < 1)).any()
    assert (found.coverage[joined] == 1).all()
    np.testing.assert_allclose(found.alpha(1), plain.alpha(1, 2), atol=1e-6)


def test_grouping_keeps_its_input_can_be_undone_and_starts_from_the_segments():
    image, draw = drawing()
    write(draw, (10, 20), "again", size=60)
    plain = mq.segment(image)
    labels = plain.labels.copy()
    word = group_segments(plain, "glyphs")
    assert word.ungrouped is plain
    assert (plain.labels == labels).all()
    assert group_segments(word, None) is plain
    assert group_segments(plain, None) is plain
    assert group_segments(word, "proximity").members == group_segments(plain, "proximity").members
    assert plain.members == ()
    assert plain.ungrouped is None


@pytest.mark.parametrize("how", ["words", "", 3])
def test_a_wrong_way_to_group_is_named(how):
    image, _ = drawing(20, 20)
    with pytest.raises(UsageError, match="group"):
        mq.segment(image, group=how)
    with pytest.raises(UsageError, match="glyphs"):
        group_segments(mq.segment(image), how)


@pytest.mark.parametrize("how", ["glyphs", "proximity"])
@pytest.mark.parametrize("size", [(1, 1), (1, 7), (30, 30)])
def test_empty_and_tiny_images(how, size):
    found = mq.segment(np.full((*size, 3), 200, dtype=np.uint8), group=how)
    assert found.count == len(found.members) == found.parent.size == 0
    assert found.tree() == {}


def test_thousands_of_segments_stay_apart():
    rng = np.random.default_rng(0)
    cells = rng.integers(0, 256, (60, 60, 3), dtype=np.uint8).repeat(4, 0).repeat(4, 1)
    plain = mq.segment(cells)
    assert plain.count > 3000
    assert mq.segment(cells, group="proximity").count == plain.count


@st.composite
def scenes(draw):
    """Rectangles of five paints, nested, touching, anywhere."""
    height, width = draw(st.integers(16, 60)), draw(st.integers(16, 60))
    image = np.full((height, width, 3), 255, dtype=np.uint8)
    for _ in range(draw(st.integers(1, 9))):
        y, x = draw(st.integers(0, height - 4)), draw(st.integers(0, width - 4))
        h, w = draw(st.integers(3, height // 2)), draw(st.integers(3, width // 2))
        paints = [(255, 255, 255), (220, 20, 30), (20, 60, 200), (0, 0, 0), (250, 200, 20)]
        image[y : y + h, x : x + w] = draw(st.sampled_from(paints))
    return image


@settings(max_examples=60, deadline=None)
@given(scenes(), st.sampled_from(["glyphs", "proximity"]))
def test_any_grouped_segmentation_is_consistent(image, how):
    plain = mq.segment(image, min_area=3)
    found = group_segments(plain, how)
    held = [label for part in found.members for label in part]
    assert sorted(held) == list(range(1, plain.count + 1))
    assert (found.labels > 0).tolist() == (plain.labels > 0).tolist()
    first = [int(np.flatnonzero(found.labels == k)[0]) for k in range(1, found.count + 1)]
    assert first == sorted(first)
    depth_of = {0: 0}
    for k, part in enumerate(found.members, start=1):
        mask = np.isin(plain.labels, part)
        assert ((found.labels == k) == mask).all()
        assert found.area[k - 1] == mask.sum()
        ys, xs = np.nonzero(mask)
        assert found.boxes[k - 1].tolist() == [ys.min(), xs.min(), ys.max() + 1, xs.max() + 1]
        holes = {bool(plain.is_hole[m - 1]) for m in part}
        assert holes == {bool(found.is_hole[k - 1])}
        np.testing.assert_allclose(found.alpha(k), plain.alpha(*part), atol=1e-6)
        # The parent holds what one of the members lies on, and no part lies on itself.
        above = int(found.parent[k - 1])
        assert above != k
        below = {int(plain.parent[m - 1]) for m in part}
        assert (0 in below) == (above == 0)
        assert above == 0 or below & set(found.members[above - 1])
    for k in range(1, found.count + 1):
        trail, at = [], k
        while at:
            assert at not in trail
            trail.append(at)
            at = int(found.parent[at - 1])
        depth_of[k] = len(trail)
    assert found.depth.tolist() == [depth_of[k] for k in range(1, found.count + 1)]
    flat = np.pad(found.labels, 1, constant_values=-1)
    sides = np.zeros((found.count + 1, found.count + 1), dtype=int)
    for step in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        beside = np.roll(flat, step, axis=(0, 1))
        ok = (flat >= 0) & (beside >= 0) & (flat != beside)
        np.add.at(sides, (flat[ok], beside[ok]), 1)
    assert (found.contacts == sides).all()
    assert found.outline.tolist() == sides.sum(axis=1)[1:].tolist()


@settings(max_examples=40, deadline=None)
@given(scenes())
def test_gaps_against_all_pairs_of_pixels(image):
    """Every gap is a distance between the two; and for single linkage none that matters is
    missing.
    """
    found = mq.segment(image, min_area=3)
    one, two, gap = gap_pairs(found.labels, found.parent, found.area, 128)
    got = {(int(a), int(b)): float(g) for a, b, g in zip(one, two, gap, strict=True)}
    points = [np.argwhere(found.labels == k) for k in range(found.count + 1)]

    def between(a, b):
        apart = np.abs(points[a][:, None] - points[b][None])
        return np.sqrt((apart**2).sum(axis=2)).min() - 1

    for (a, b), value in got.items():
        assert value >= between(a, b) * 0.95 - 0.5
    ground = [k for k in range(1, found.count + 1) if found.parent[k - 1] == 0]
    for a in ground:  # the nearest of the others is found, where nothing else is in between
        others = [b for b in ground if b != a]
        if not others or len(ground) < found.count:
            continue
        nearest = min(between(a, b) for b in others)
        mine = min(g for pair, g in got.items() if a in pair)
        assert mine <= 1.1 * (nearest + 1) + 1


def test_parts_do_not_depend_on_what_was_computed_before():
    image, draw = drawing()
    write(draw, (10, 20), "fresh", size=60)
    plain = mq.segment(image)
    used = replace(plain)
    assert used.parent.size
    assert used.contacts.size
    assert group_segments(used, "proximity").members == group_segments(plain, "proximity").members
