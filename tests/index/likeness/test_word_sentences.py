"""What a person is told of words that were read more or less surely."""

import pytest
from PIL import Image

from marquery.index.likeness.logo import LogoFacts
from marquery.index.likeness.pair import PairFacts
from marquery.index.likeness.word_sentences import word_sentences
from marquery.index.strategies.analysis import LogoAnalysis
from marquery.index.strategies.ocr import ReadLine


def facts(*lines):
    """Of a blank picture in which lines of text were read with some confidence."""
    made = LogoFacts(LogoAnalysis(Image.new("RGB", (40, 20), "white")))
    made.__dict__["_read"] = [ReadLine(text, sure, (0, 0, 1, 1)) for text, sure in lines]
    return made


def told(first, second, register=None):
    return word_sentences(PairFacts(facts(*first), facts(*second), register))


SURE, UNSURE = 0.99, 0.6


@pytest.mark.parametrize(
    ("first", "second", "sentences"),
    [
        ([("Kestrel", SURE)], [("KESTREL", SURE)], ["Both read “kestrel”."]),
        # A search compares what was not read for sure, too, so it is told as what it is.
        ([("Kestrel", SURE)], [("kestrel", UNSURE)], ["Both seem to read “kestrel”."]),
        (
            [("Kestrel", SURE), ("Inn", SURE)],
            [("Kestrel", SURE), ("Foods", UNSURE)],
            ["Both read “kestrel”; “inn” is read in the query only."],
        ),
        (
            [("Kestrel Inn", SURE)],
            [("Kestrel", UNSURE), ("Foods", SURE)],
            ["Both seem to read “kestrel”."],
        ),
        (
            [("Kestrel", SURE)],
            [("Kestral", UNSURE)],
            [
                "Nearly the same word, as far as they can be read: “kestrel” is read in the query, "
                "“kestral” in the hit."
            ],
        ),
        (
            [("apple", SURE)],
            [("people", SURE)],
            ["Words with letters in common: “apple” is read in the query, “people” in the hit."],
        ),
        ([("apple", SURE)], [("people", UNSURE)], []),
        (
            [("Kodak", SURE)],
            [("Kotac", SURE)],
            ["Words that sound alike: “kodak” is read in the query, “kotac” in the hit."],
        ),
        (
            [("coca cola", SURE)],
            [("CocaCola", SURE), ("Zero", SURE)],
            ["Both read “coca cola”; “zero” is read in the hit only."],
        ),
        (
            [("apple", SURE)],
            [("harbour", SURE), ("xyz", UNSURE)],
            ["Other words: the query reads “apple”, the hit “harbour”."],
        ),
        ([("apple", SURE)], [("harbour", UNSURE)], []),
        ([("apple", SURE)], [], ["The query reads “apple”, the hit holds no words."]),
        ([("apple", UNSURE)], [], []),
    ],
)
def test_what_agrees_is_told_as_surely_as_it_was_read(first, second, sentences):
    assert told(first, second) == sentences


@pytest.mark.parametrize(
    ("query", "read", "register", "sentence"),
    [
        (
            "Kestrel",
            "",
            "KESTREL",
            "The query reads “kestrel”, the name of the hit in the register.",
        ),
        (
            "Kestrel",
            "KESTRAI",
            "Kestrel Foods",
            "“kestrel” is read in the query and in the hit’s name in the register, “kestrel "
            "foods”.",
        ),
        (
            "Kestrel",
            "zebra",
            "Kestral",
            "Nearly the same word: “kestrel” is read in the query, and in the hit’s name in the "
            "register, “kestral”.",
        ),
        # What was read is as good: nobody has to look into the register.
        ("Kestrel", "Kestrel", "Kestrel", "Both read “kestrel”."),
        ("Kestrel", "Kestrel", "Osprey", "Both read “kestrel”."),
    ],
)
def test_the_register_is_named_where_its_words_are_the_liker_ones(query, read, register, sentence):
    assert told([(query, SURE)], [(read, SURE)] if read else [], register) == [sentence]
