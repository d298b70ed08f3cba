"""Names that sound alike."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marquery.index.likeness.sound import SoundGroups, Sounds, latin, sound_pattern, spelled

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


def test_a_pattern_finds_what_is_alike_by_code_and_sound():
    """Among the pairs that are written in Latin letters."""
    pairs = [line.split("\t") for line in PAIRS.read_text("utf-8").splitlines()]
    alike, matched = 0, 0
    for _, name, other in pairs:
        places, likeness = SoundGroups([other]).alike(name)
        if other.isascii() and len(places) and likeness[0] >= 0.9:
            alike += 1
            pattern = sound_pattern([name])
            matched += pattern is not None and re.search(pattern, other) is not None
    assert alike > 200
    assert matched > 0.97 * alike


def test_groups_give_the_likeness_of_all_names_that_share_a_code():
    names = ["kodak", "kotac", "nikon", "codeck", "ko", "кодак", "2000"]
    places, likeness = SoundGroups(names).alike("kodak")
    assert places.tolist() == [0, 1, 3, 5]
    assert likeness == pytest.approx(Sounds(names).similarity_to("kodak")[[0, 1, 3, 5]])
    assert SoundGroups(names).alike("ko")[0].tolist() == []
    assert sound_pattern(["ko", "aeiou"]) is None
