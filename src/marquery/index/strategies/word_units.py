"""What of a text is compared as a word, and how much two such words agree: the one measure that
searches rank by and explanations tell of.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from marquery.arrays import BoolArray, Float32Array

# Words are compared by the letters they share (1 - insertions and deletions by both lengths);
# below this share they are different words, from there the likeness rises to 1.
_FLOOR = 0.6
# Joined words are the same at this likeness only: half of them is one of the words, perhaps.
_JOINED = 0.86
# Words of so many letters must be equal: of two short words half the letters agree by chance.
_SHORT = 3


@dataclass(frozen=True)
class Unit:
    """A word, or words that are written together somewhere."""

    spelling: str
    words: tuple[int, ...]
    """Places of its words in the text, from 0."""

    @property
    def is_joined(self) -> bool:
        """It is several words."""
        return len(self.words) > 1


def units_of(text: str) -> list[Unit]:
    """Words, neighbouring words joined, and all words joined.

    Args:
        text: :func:`~marquery.index.strategies.wording.plain` text.
    """
    words = text.split()
    units = [Unit(word, (place,)) for place, word in enumerate(words)]
    for place, (first, second) in enumerate(pairwise(words)):
        units.append(Unit(first + second, (place, place + 1)))
    if len(words) > 2:
        units.append(Unit("".join(words), tuple(range(len(words)))))
    return units


class Spellings:
    """The spellings of many units, with what comparing them needs and no query changes.

    Args:
        spellings: V of them.
        joined: bool (V,): nowhere a word of its own.
    """

    def __init__(self, spellings: Sequence[str], joined: BoolArray) -> None:
        self.spellings = list(spellings)
        self._joined = joined
        self._short = np.array([len(s) <= _SHORT for s in self.spellings], bool)

    def likeness_to(self, units: Sequence[Unit]) -> Float32Array:
        """How far units count as the same word as each spelling.

        Args:
            units: U of a query.

        Returns:
            float32 (U, V), 0 to 1; 0 for different words, 1 for the same letters.
        """
        from rapidfuzz import fuzz, process

        own = [unit.spelling for unit in units]
        percent = process.cdist(own, self.spellings, scorer=fuzz.ratio, dtype=np.float32)
        likeness = np.asarray(percent / 100, np.float32)
        counted: Float32Array = np.clip((likeness - _FLOOR) / (1 - _FLOOR), 0, 1)
        short = np.array([len(s) <= _SHORT for s in own], bool)[:, None] | self._short[None]
        counted[short & (likeness < 1)] = 0
        joined = np.array([unit.is_joined for unit in units], bool)[:, None] | self._joined[None]
        counted[joined & (likeness < _JOINED)] = 0
        return counted
