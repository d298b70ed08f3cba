"""Shared words, weighed by how rare they are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marquery.index.strategies.word_overlap import DistinctTexts, Overlap, WordCounts, WordLists
from marquery.index.strategies.wording import plain


def overlap(query, texts, counts=None):
    return WordLists(DistinctTexts(texts)).overlap(query, counts or WordCounts(texts))


def test_information_by_hand():
    counts = WordCounts(["kestrel group", "harbour group", "", "group"])
    assert counts.logos == 4
    rare, common, unknown, short, sign = counts.information(
        ["kestrel", "group", "osprey", "ab", "a"]
    )
    # Among so few logos, as among 1,000.
    assert rare == pytest.approx(np.log(1001 / 2))
    assert common == pytest.approx(np.log(1001 / 4))
    assert unknown == pytest.approx(np.log(1001))
    assert short == pytest.approx(np.log(1001) / 4)  # one of four letters beyond the first
    assert sign == 0
    many = WordCounts([*["kestrel"] * 10, *[""] * 4989])
    assert many.information(["kestrel"])[0] == pytest.approx(np.log(5000 / 11))


def test_shares_by_hand():
    texts = ["kestrel foods", "kestrel", "harbour", ""]
    counts = WordCounts(texts)
    found = overlap("kestrel", texts, counts)
    weight = dict(zip(("kestrel", "foods"), counts.information(["kestrel", "foods"]), strict=True))
    assert found.of_query[:3] == pytest.approx([1, 1, 0])
    assert found.of_logo[0] == pytest.approx(weight["kestrel"] / sum(weight.values()))
    assert found.of_logo[1:3] == pytest.approx([1, 0])
    assert found.information[0] == pytest.approx(weight["kestrel"])
    assert np.isnan([found.of_query[3], found.of_logo[3], found.information[3]]).all()


def test_written_together_or_apart_and_in_any_order():
    found = overlap("coca cola", ["cocacola", "cola coca", "coca cola zero", "pepsi"])
    assert found.of_query[:3] == pytest.approx([1, 1, 1])
    assert found.of_logo[:2] == pytest.approx([1, 1])
    assert found.of_query[3] == 0
    split = overlap("photoshop", ["photo shop"])
    assert [split.of_query[0], split.of_logo[0]] == pytest.approx([1, 1])


def test_a_short_word_beside_a_name_is_not_found_in_the_name():
    texts = ["brother", "brother at work"]
    counts = WordCounts(texts)
    weight = counts.information(["brother", "at", "work"])
    for query, logo in (texts[::-1], texts):
        found = overlap(query, [logo], counts)
        shares = sorted([found.of_query[0], found.of_logo[0]])
        assert shares == pytest.approx([weight[0] / weight.sum(), 1])


@pytest.mark.parametrize(("query", "misread"), [("coca cola", "co"), ("photoshop", "op")])
def test_two_letters_that_were_misread_outrank_nothing(query, misread):
    texts = [misread, query[:-1], "zebra", "quartz"]
    likeness = overlap(query, texts).likeness
    assert likeness[1] > 0.3
    assert likeness[0] == 0


@pytest.mark.parametrize(
    ("query", "alike", "other"),
    [
        ("kodak", "kotac", "kidnap"),
        ("phizer", "fizer", "feather"),
        ("кодак", "kodak", "kayak"),
        ("xerox", "zeroks", "zebra"),
    ],
)
def test_what_sounds_alike_counts_but_less_than_the_same_letters(query, alike, other):
    likeness = overlap(query, [query, alike, other]).likeness
    assert likeness[0] > likeness[1] > 0.3
    assert likeness[2] < likeness[1] - 0.2
    back = overlap(alike, [query]).likeness
    assert back[0] == pytest.approx(overlap(query, [alike]).likeness[0], abs=1e-6)


def test_short_words_are_not_told_by_their_sound():
    assert (overlap("kia", ["chia", "cia", "gea"]).likeness == 0).all()


def test_a_rare_name_says_more_than_a_common_word():
    texts = ["kestrel group", "harbour group", *[f"maker{i} group" for i in range(50)]]
    likeness = overlap("kestrel group", texts).likeness
    assert likeness[0] > 0.7
    assert likeness[1] < 0.4 < likeness[0] - 0.3
    # A slogan beside the name costs little.
    with_slogan = overlap("kestrel", [*texts, "kestrel fresh from the sea"]).likeness
    assert with_slogan[-1] > 0.5
    assert with_slogan[-1] < with_slogan[0]


def test_an_added_slogan_or_division_costs_next_to_nothing_in_either():
    texts = ["kestrel", "kestrel by harbour and post", "harbour post", "zebra"]
    counts = WordCounts([*texts, *[""] * 1000])
    for query, logo in ((texts[0], texts[1]), (texts[1], texts[0])):
        alone = overlap(texts[0], [texts[0]], counts).likeness[0]
        assert overlap(query, [logo], counts).likeness[0] > 0.93 * alone
        # The measure of both ways tells them apart.
        assert overlap(query, [logo], counts).both_ways[0] < 0.6 * alone


words = st.lists(st.sampled_from(["kestrel", "foods", "ab", "co", "harbour", "zebra"]), max_size=4)


@settings(deadline=None)
@given(words, st.lists(words, min_size=1, max_size=5))
def test_bounds_and_sides(query, gallery):
    text, texts = plain(" ".join(query)), [plain(" ".join(some)) for some in gallery]
    counts = WordCounts(["kestrel", "harbour foods", "foods", "", "x", "y"])
    found: Overlap = WordLists(DistinctTexts(texts)).overlap(text, counts)
    none = np.array([not text or not t for t in texts])
    for values in (found.of_query, found.of_logo, found.likeness, found.both_ways):
        assert (np.isnan(values) == none).all()
        assert ((values[~none] >= 0) & (values[~none] <= 1 + 1e-6)).all()
    for place, other in enumerate(texts):
        if text and other:
            back = WordLists(DistinctTexts([text])).overlap(other, counts)
            assert back.of_query[0] == pytest.approx(found.of_logo[place], abs=1e-6)
            assert back.likeness[0] == pytest.approx(found.likeness[place], abs=1e-6)
            if text == other:
                assert found.of_query[place] == pytest.approx(1)
    alone = [WordLists(DistinctTexts([t])).overlap(text, counts).likeness[0] for t in texts]
    assert np.allclose(alone, found.likeness, equal_nan=True)


def test_one_list_is_weighed_by_whatever_counts_are_asked_for():
    texts = ["kestrel group", "harbour group"]
    lists = WordLists(DistinctTexts(texts))
    rare, common = WordCounts(texts), WordCounts([*texts, *["kestrel"] * 5000])
    one_by_one = [overlap("kestrel", texts, counts).of_logo for counts in (rare, common)]
    assert one_by_one[0][0] > one_by_one[1][0]
    for turn in (0, 1, 0):  # what was kept for others is not used
        found = lists.overlap("kestrel", (rare, common)[turn]).of_logo
        assert found == pytest.approx(one_by_one[turn])
