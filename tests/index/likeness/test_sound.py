"""Names that sound alike."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marquery.index.likeness.sound import Sounds, latin, spelled

PAIRS = Path(__file__).parents[3] / "docs/data/sound-pairs.tsv"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Kodak", "kodak"),
        ("кодак", "kodak"),
        ("Πέψι", "pepsi"),
        ("ソニー", "soni"),
        ("华为", "huawei"),
        ("삼성", "samseong"),
        ("Škoda & Co", "skodaco"),
    ],
)
def test_latin(name, expected):
    assert latin(name) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("phizer", "fizer"),
        ("cola", "kola"),
        ("nike", "nyke"),
        ("xerox", "zeroks"),
        ("lotto", "loto"),
        ("knight", "nit"),
    ],
)
def test_spellings_of_one_sound(one, other):
    assert spelled(one) == spelled(other)


@pytest.mark.parametrize(
    ("query", "alike", "unlike"),
    [
        ("KODAK", "KOTAC", "KOALA"),
        ("SAMSUNG", "SANSUNG", "SAMPLING"),
        ("Pepsi", "Bepsi", "Epson"),
        ("Toyota", "тойота", "Toys"),
        ("Fizz", "Phys", "Fuzzy"),
    ],
)
def test_what_sounds_alike_comes_first(query, alike, unlike):
    found = Sounds([alike, unlike]).similarity_to(query)
    assert found[0] > found[1]
    assert found[0] >= 0.75


@given(st.text(max_size=10), st.lists(st.text(max_size=10), max_size=4))
def test_bounds(query, names):
    found = Sounds([*names, query]).similarity_to(query)
    assert found.dtype == np.float32
    assert ((found >= 0) & (found <= 1.0001)).all()
    assert found[-1] == pytest.approx(1 if spelled(latin(query)) else 0, abs=1e-5)


def test_pairs_made_by_rules_are_found():
    pairs = [line.split("\t") for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    assert len(pairs) >= 300
    names = sorted({name for _, name, _ in pairs})
    sounds = Sounds(names)
    place = {name: i for i, name in enumerate(names)}
    found = []
    for _, name, other in pairs:
        scores = sounds.similarity_to(other)
        found.append((scores > scores[place[name]]).sum() < 10)
    assert np.mean(found) >= 0.97
