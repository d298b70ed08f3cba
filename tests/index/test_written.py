"""The words of a large index."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marquery.index.storage.table import ROW_KEY
from marquery.index.strategies import written
from marquery.index.strategies.known_words import REGISTER_WORDS
from marquery.index.strategies.word_overlap import DistinctTexts, WordCounts, WordLists
from marquery.index.strategies.wording import plain
from marquery.index.strategies.written import WrittenWords

TEXTS = [
    *["Coca-Cola", "COCACOLA", "Cola Coca zero", "", "Pepsi", "HP", "hp inc", "Kestrel Foods"],
    *["KESTRFL", "Nestlé", "photo shop", "Photoshop", "op", "co", "CAFÉ!", "(H.P.)"],
]


def stored(texts=TEXTS, register=None):
    numbers = np.arange(len(texts))
    of_register = pa.array(register or [None] * len(texts), pa.string())
    return pa.table(
        {
            "id": 10 + numbers,
            ROW_KEY: (100 + numbers).astype("u8"),
            "words": texts,
            REGISTER_WORDS: of_register,
        }
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Coca Cola", {"Coca-Cola", "COCACOLA", "Cola Coca zero"}),
        ("photoshop", {"photo shop", "Photoshop"}),
        ("kestrel", {"Kestrel Foods", "KESTRFL"}),
        ("hp", {"HP"}),
        ("Nestlé", {"Nestlé"}),
        ("Café", {"CAFÉ!"}),
        ("h-p", set()),  # two single letters tell nothing
        ("zebra", set()),
        ("!", set()),
    ],
)
def test_what_shares_words_is_found_and_put_in_order_as_by_comparing_all(query, expected):
    words = WrittenWords(stored())
    keys = words.nearest(plain(query), words.counts, 10, None)
    assert {TEXTS[key - 100] for key in keys} == expected
    everything = WordLists(DistinctTexts([plain(text) for text in TEXTS]))
    likeness = np.nan_to_num(everything.overlap(plain(query), words.counts).likeness)
    found = [likeness[key - 100] for key in keys]
    assert found == pytest.approx(sorted(found, reverse=True))
    assert found == pytest.approx(np.sort(likeness)[::-1][: len(keys)])


def test_only_allowed_logos_and_no_more_than_asked_for():
    words = WrittenWords(stored())
    assert words.nearest("coca cola", words.counts, 10, np.array([11, 14])) == [101]
    assert len(words.nearest("coca cola", words.counts, 2, None)) == 2
    nothing = WrittenWords(stored(["", ""]))
    assert nothing.nearest("coca", nothing.counts, 5, None) == []


def test_the_words_of_the_register_are_found_each_logo_once():
    words = WrittenWords(stored(["Kestrel", None, "Osprey"], ["Kestrel Inn", "kestrel", ""]))
    assert sorted(words.nearest("kestrel", words.counts, 10, None)) == [100, 101]
    assert words.counts.logos == 3
    both = WordCounts(["kestrel inn", "kestrel", "osprey"])
    for word in ("kestrel", "inn", "osprey"):
        assert words.counts.information([word]) == both.information([word])


def test_what_sounds_alike_is_found():
    words = WrittenWords(stored(["Kotac", "Codeck", "Nikon", "Kolibri", "Fizer"]))
    assert 100 in words.nearest("kodak", words.counts, 5, None)
    assert words.nearest("phizer", words.counts, 5, None) == [104]
    others = WrittenWords(stored(["Кодак", "ニコン", "zebra"]))
    assert others.nearest("kodak", others.counts, 5, None) == [100]
    assert others.nearest("nikon", others.counts, 5, None) == [101]
    latin = WrittenWords(stored(["zebra", "Kodak"]))
    assert latin.nearest(plain("кодак"), latin.counts, 5, None) == [101]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text("abcé -'.K", max_size=9), min_size=1, max_size=12),
    st.lists(st.text("abcek", min_size=1, max_size=7), min_size=1, max_size=3),
)
def test_pieces_of_words_are_looked_for_in_every_text(texts, words):
    """Each word, and of long ones the first and last four letters."""
    asked = plain(" ".join(words))
    found = WrittenWords(stored(texts)).nearest(asked, WordCounts(map(plain, texts)), 99, None)
    pieces = {w for w in asked.split() if len(w) >= 3}
    pieces |= {p for w in asked.split() if len(w) >= 6 for p in (w[:4], w[-4:])}
    own = WordLists(DistinctTexts([plain(text) for text in texts]))
    likeness = np.nan_to_num(own.overlap(asked, WordCounts(map(plain, texts))).likeness)
    for i, text in enumerate(texts):
        if likeness[i] > 0 and any(piece in plain(text) for piece in pieces):
            assert 100 + i in found


def test_counts_are_of_all_or_of_a_sample(monkeypatch):
    whole = WrittenWords(stored()).counts
    assert (whole.logos, whole.has_words) == (16, True)
    assert whole.information(["kestrel"]) == WordCounts(map(plain, TEXTS)).information(["kestrel"])
    monkeypatch.setattr(written, "_SAMPLE", 5)
    many = WrittenWords(stored(TEXTS * 100)).counts
    assert 3 <= many.logos <= 5


def test_what_shares_few_words_is_filled_up_by_letters():
    words = WrittenWords(stored(["apple", "grape", "apple pie", "zzz", "appla", "x"]))
    assert words.nearest("appld", words.counts, 9, None) == []
    # The nearest in length first, then by letters.
    assert words.alike("appld", None)[:3] in ([100, 104, 102], [104, 100, 102])
    assert words.alike("apple", None)[:2] == [100, 102]
    assert words.alike("apple", np.array([12, 13])) == [102, 103]


def test_of_many_that_share_as_much_those_of_like_length_come_first(monkeypatch):
    monkeypatch.setattr(written, "_COMPARED", 2)
    monkeypatch.setattr(written, "_FEW", 1)
    words = WrittenWords(
        stored(["bank of the west", "savings bank", "bank", "banks"])
    )  # one shares letters only
    assert words.alike("bank", None) == [102, 101]
