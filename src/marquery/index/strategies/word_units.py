"""What of a text is compared as a word, and how much two such words agree: the one measure that
searches rank by and explanations tell of.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from marquery.arrays import BoolArray, Float32Array
from marquery.index.likeness.sound import SoundGroups

# Words are compared by the letters they share (1 - insertions and deletions by both lengths);
# below this share they are different words, from there the likeness rises to 1.
_FLOOR = 0.6
# Joined words are the same at this likeness only: half of them is one of the words, perhaps.
_JOINED = 0.86
# Words of so many letters must be equal: of two short words half the letters agree by chance.
_SHORT = 3
#: Words sound alike from this likeness of sound on, joined words from the second.
SOUNDS_ALIKE, _JOINED_SOUND = 0.9, 0.97
# What words count that sound so much alike, and that sound the same: less than the same letters.
_SOUND = (0.4, 0.8)


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
        words_of: of each the places of the words that it joins; empty for a word of its own.
    """

    def __init__(self, spellings: Sequence[str], words_of: Sequence[Collection[int]]) -> None:
        self.spellings = list(spellings)
        self._parts = _Parts(words_of)
        self._joined = np.zeros(len(self.spellings), bool)
        self._joined[self._parts.joined] = True
        self._short = np.array([len(s) <= _SHORT for s in self.spellings], bool)

    @cached_property
    def _sounds(self) -> SoundGroups:
        return SoundGroups(self.spellings)

    def likeness_to(self, units: Sequence[Unit]) -> Float32Array:
        """How far units count as the same word as each spelling: by their letters, or, less, by
        their sound.

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
        for row, unit in enumerate(units):
            places, sound = self._sounds.alike(unit.spelling)
            least = np.where(joined[row, places], _JOINED_SOUND, SOUNDS_ALIKE)
            along = (sound - SOUNDS_ALIKE) / (1 - SOUNDS_ALIKE)
            worth = _SOUND[0] + (_SOUND[1] - _SOUND[0]) * along
            heard = np.where(sound >= least, worth, 0).astype(np.float32)
            counted[row, places] = np.maximum(counted[row, places], heard)
        own_parts = _Parts([unit.words if unit.is_joined else () for unit in units])
        vain = self._parts.add_nothing(counted.T).T | own_parts.add_nothing(counted)
        counted[vain] = 0
        return counted


class _Parts:
    """Which of some units are joined of which others.

    Args:
        words_of: of each the places of the words that it joins; empty for a word of its own.
    """

    def __init__(self, words_of: Sequence[Collection[int]]) -> None:
        joined = [place for place, words in enumerate(words_of) if words]
        sizes = [len(words_of[place]) for place in joined]
        self.joined = np.array(joined, np.int64)
        self._starts = np.cumsum([0, *sizes[:-1]]).astype(np.int64)
        self._words = np.array([w for place in joined for w in words_of[place]], np.int64)

    def add_nothing(self, counted: Float32Array) -> BoolArray:
        """Where a joined unit is no more like another than one of its words is: a name with a short
        word beside it is no other name.

        Args:
            counted: (V, U) likeness with U others.
        """
        out = np.zeros(counted.shape, bool)
        if len(self.joined):
            alone = np.maximum.reduceat(counted[self._words], self._starts, axis=0)
            out[self.joined] = counted[self.joined] <= alone
        return out
