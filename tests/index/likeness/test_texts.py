"""Words of two texts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marquery.index.likeness.texts import common_letters, match_texts
from marquery.index.strategies.word_overlap import DistinctTexts, WordCounts, WordLists


@pytest.mark.parametrize(
    ("first", "second", "same", "only_first", "only_second"),
    [
        ("Apple Music", "APPLE", ["apple"], ("music",), ()),
        ("Café Zoë", "zoe cafe", ["cafe", "zoe"], (), ()),
        ("CO", "coca cola", [], ("co",), ("coca", "cola")),
        ("", "word", [], (), ("word",)),
        ("kodak", "nikon", [], ("kodak",), ("nikon",)),
    ],
)
def test_words_of_both_and_of_one(first, second, same, only_first, only_second):
    match = match_texts(first, second)
    assert [w.first for w in match.words if w.is_same] == same
    assert (match.only_first, match.only_second) == (only_first, only_second)


def test_a_word_with_few_other_letters_goes_with_it():
    (word,) = match_texts("KODAK", "kodac").words
    assert not word.is_same
    assert word.likeness == pytest.approx(1 - 2 / 10)


def test_what_a_search_counts_is_matched_and_what_it_does_not_is_of_one_only():
    """Joined words are one, short ones must be equal, few letters in common are not nearly one."""
    match = match_texts("coca cola zero", "CocaCola")
    assert [(w.first, w.second, w.is_same) for w in match.words] == [
        ("coca cola", "cocacola", True)
    ]
    assert (match.only_first, match.only_second) == (("zero",), ())
    # A short word beside a name is no part of it, though both joined are nearly the name.
    assert match_texts("brother at your side", "brother news").only_first == ("at", "your", "side")
    # A word that is nearly one that has its partner already is counted, so it is in both.
    assert match_texts("nike mike", "nike").only_first == ()
    (word,) = match_texts("apple", "people").words
    assert not word.is_near


@settings(deadline=None)
@given(*2 * (st.lists(st.sampled_from(["kestrel", "kestral", "harbour", "co", "inn", "harb"])),))
def test_words_are_matched_where_a_search_finds_the_words_of_one_in_the_other(first, second):
    one, other = " ".join(first), " ".join(second)
    match = match_texts(one, other)
    if one and other:
        counts = WordCounts(["kestrel", "harbour inn"])
        found = WordLists(DistinctTexts([other])).overlap(one, counts)
        assert bool(match.words) == (found.of_query[0] > 0)
        if found.of_query[0] == 0:
            assert list(match.only_first) == one.split()
        if found.of_query[0] > 0.999:
            assert match.only_first == ()
    assert not set(match.only_first) & {w.first for w in match.words}


def test_spaces_and_order_do_not_count():
    assert match_texts("frame work", "Framework").is_same
    assert match_texts("web semantic", "Semantic Web").is_same
    assert not match_texts("", "").is_same


@settings(deadline=None)
@given(st.text("abcd ", max_size=8), st.text("abcd ", max_size=8))
def test_common_letters_spell_the_same_in_both(first, second):
    ones, others = common_letters(first, second)
    left = "".join(c for c, both in zip(first, ones, strict=True) if both)
    right = "".join(c for c, both in zip(second, others, strict=True) if both)
    assert left == right
    assert len(left) == _longest(first, second)


def _longest(a, b):
    """The longest common subsequence, by the definition."""
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1][j + 1] = (
                table[i][j] + 1 if x == y else max(table[i][j + 1], table[i + 1][j])
            )
    return table[-1][-1]
