"""Which words two logos share, by the measure that a search ranks by."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from marquery.index.likeness.sound import Sounds
from marquery.index.strategies.word_units import SOUNDS_ALIKE, Spellings, units_of
from marquery.index.strategies.wording import plain

# Share of letters from which two words are one, read or spelled a little otherwise.
_NEAR = 0.75


@dataclass(frozen=True)
class WordMatch:
    """A word of one text and the word of the other that goes with it; several words where the
    other has them joined.
    """

    first: str
    second: str
    likeness: float
    """Share of letters in common, 0 to 1: 1 less insertions and deletions by the length of both."""
    sounds_alike: bool = False

    @property
    def is_same(self) -> bool:
        """The letters are equal."""
        return self.first.replace(" ", "") == self.second.replace(" ", "")

    @property
    def is_near(self) -> bool:
        """The letters are equal but for few."""
        return self.likeness >= _NEAR


@dataclass(frozen=True)
class TextMatch:
    """The words of two texts, matched one to one; lower case, without accents."""

    first: str
    second: str
    words: tuple[WordMatch, ...]
    only_first: tuple[str, ...]
    """Words that a search counts nothing for."""
    only_second: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """All letters are equal; spaces and order of lines do not count."""
        letters = [sorted(text.split()) for text in (self.first, self.second)]
        joined = self.first.replace(" ", "") == self.second.replace(" ", "")
        return bool(self.first) and (joined or letters[0] == letters[1])


def match_texts(first: str, second: str) -> TextMatch:
    """Match the words of two texts one to one, the most alike first; words that are joined in one
    of them are one.

    Args:
        first, second: as they were read or given.
    """
    one, other = plain(first), plain(second)
    left, right = one.split(), other.split()
    if not left or not right:  # as where there is no reader, and nothing that compares
        return TextMatch(one, other, (), tuple(left), tuple(right))
    from rapidfuzz import fuzz

    own, theirs = units_of(one), units_of(other)
    words_of = [unit.words if unit.is_joined else () for unit in theirs]
    counted = Spellings([unit.spelling for unit in theirs], words_of).likeness_to(own)
    pairs = sorted(
        np.argwhere(counted > 0).tolist(),
        key=lambda p: (-counted[p[0], p[1]], len(own[p[0]].words) + len(theirs[p[1]].words), *p),
    )
    taken: tuple[set[int], set[int]] = (set(), set())
    matches: list[tuple[int, WordMatch]] = []
    for i, j in pairs:
        mine, its = own[i].words, theirs[j].words
        if taken[0].isdisjoint(mine) and taken[1].isdisjoint(its):
            taken[0].update(mine)
            taken[1].update(its)
            likeness = fuzz.ratio(own[i].spelling, theirs[j].spelling) / 100
            words = (" ".join(left[n] for n in mine), " ".join(right[n] for n in its))
            heard = Sounds([theirs[j].spelling]).similarity_to(own[i].spelling)
            matches.append((mine[0], WordMatch(*words, likeness, bool(heard[0] >= SOUNDS_ALIKE))))
    known = [
        {place for number in np.flatnonzero(counts > 0) for place in units[number].words}
        for units, counts in ((own, counted.max(axis=1)), (theirs, counted.max(axis=0)))
    ]
    return TextMatch(
        one,
        other,
        tuple(match for _, match in sorted(matches, key=lambda found: found[0])),
        tuple(word for place, word in enumerate(left) if place not in known[0]),
        tuple(word for place, word in enumerate(right) if place not in known[1]),
    )


def common_letters(first: str, second: str) -> tuple[Sequence[bool], Sequence[bool]]:
    """Of each character of two plain texts, whether it has a partner in the other, in order."""
    from rapidfuzz.distance import Indel

    marks = ([False] * len(first), [False] * len(second))
    for step in Indel.opcodes(first, second):
        if step.tag == "equal":
            marks[0][step.src_start : step.src_end] = [True] * (step.src_end - step.src_start)
            marks[1][step.dest_start : step.dest_end] = [True] * (step.dest_end - step.dest_start)
    return marks
