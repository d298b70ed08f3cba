"""How much of the words of two logos is the same, and how much that says: rare and long words say
more than common and short ones.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from marquery.arrays import Float32Array, Float64Array, Int64Array
from marquery.index.strategies.word_units import Spellings, units_of

# A word of so many letters counts in full, one of a single letter not at all.
_FULL_LENGTH = 5
# In a register of fewer logos a word is taken to be as rare as among so many.
_LOGOS = 1000
# Information, in nats, of shared words at which they are worth about two thirds of a sure match.
_INFORMATION = 3.0
# Weight of the text of which more stands in the other, where a likeness is told for both.
_LARGER = 0.95


class WordCounts:
    """In how many logos of a register each word stands.

    Args:
        texts: :func:`~marquery.index.strategies.wording.plain` text of each logo, ``""`` for none.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self.logos = 0
        self._counts: Counter[str] = Counter()
        for text in texts:
            self.logos += 1
            self._counts.update(set(text.split()))
        self.has_words = bool(self._counts)

    def information(self, words: Sequence[str]) -> Float64Array:
        """(W,): what it says that a logo holds a word, in nats: the logarithm of how rare it is,
        less for short words.
        """
        held = np.array([self._counts.get(word, 0) for word in words], float)
        length = np.array([len(word) for word in words], float)
        weight = np.clip((length - 1) / (_FULL_LENGTH - 1), 0, 1)
        return np.log((max(self.logos, _LOGOS) + 1) / (held + 1)) * weight


@dataclass(frozen=True)
class Overlap:
    """The words that a query and N logos share; NaN where one of the two has none."""

    of_query: Float32Array
    """(N,): share of the query's words, by information, that stand in the logo; 0 to 1."""
    of_logo: Float32Array
    """(N,): share of the logo's words that stand in the query; 0 to 1."""
    information: Float32Array
    """(N,): of the shared words, in nats."""

    @property
    def likeness(self) -> Float32Array:
        """(N,), 0 to 1: high where the words of one of the two stand in the other, and they are
        telling: a name with a slogan or a division's name added is nearly as alike as the name
        alone.
        """
        larger = np.fmax(self.of_query, self.of_logo)
        smaller = np.fmin(self.of_query, self.of_logo)
        mean = _LARGER * larger + (1 - _LARGER) * smaller
        return np.asarray(self._sure * mean, np.float32)

    @property
    def both_ways(self) -> Float32Array:
        """(N,), 0 to 1: high where the two have the same words and nothing else."""
        return np.asarray(self._sure * np.fmin(self.of_query, self.of_logo), np.float32)

    @property
    def _sure(self) -> Float32Array:
        return np.asarray(1 - np.exp(-self.information / _INFORMATION), np.float32)


class DistinctTexts:
    """The texts of many logos, each once: most logos hold none, and several of one mark the same.

    Args:
        gallery: N :func:`~marquery.index.strategies.wording.plain` texts.
    """

    def __init__(self, gallery: Iterable[str]) -> None:
        places: dict[str, int] = {}
        self._row = np.array(
            [places.setdefault(text, len(places)) if text else -1 for text in gallery], np.int64
        )
        self.texts = list(places)

    def for_all(self, values: Float64Array | Float32Array, without: float) -> Float32Array:
        """(N,) the value of each logo's text.

        Args:
            values: one for each of :attr:`texts`.
            without: of logos that hold no text.
        """
        return np.append(values, without).astype(np.float32)[self._row]


class WordLists:
    """The words of many logos, with what comparing them needs and no query changes.

    Words that are written together in one logo and apart in another are compared joined, too.

    Args:
        gallery: of N logos.
    """

    def __init__(self, gallery: DistinctTexts) -> None:
        self._gallery = gallery
        spellings: dict[str, int] = {}
        units = _Lists()  # of each text: its words and joined words
        holders = _Lists()  # of each word of each text: the units that it is within
        parts: list[Collection[int]] = []  # of each joined spelling: the words that it joins
        words: list[int] = []
        owner: list[int] = []
        for number, text in enumerate(gallery.texts):
            own = units_of(text)
            spelled = [spellings.setdefault(unit.spelling, len(spellings)) for unit in own]
            units.append(spelled)
            parts += [()] * (len(spellings) - len(parts))
            for spelling, unit in zip(spelled, own, strict=True):
                if unit.is_joined:
                    joined = {spelled[place] for place in unit.words}
                    parts[spelling] = joined.union(parts[spelling])
            for place in range(len(text.split())):
                holders.append(
                    [s for s, unit in zip(spelled, own, strict=True) if place in unit.words]
                )
                words.append(spelled[place])
                owner.append(number)
        self._count = len(gallery.texts)
        self._told: tuple[WordCounts, Float64Array, Float64Array] | None = None
        self._units, self._holders = units.packed(), holders.packed()
        for spelling in set(words):  # also a word of its own
            parts[spelling] = ()
        self._spellings = Spellings(list(spellings), parts)
        self._words, self._owner = np.array(words, np.int64), np.array(owner, np.int64)

    def overlap(self, query: str, counts: WordCounts) -> Overlap:
        """The words that a query shares with each logo.

        Args:
            query: plain text.
            counts: of the register, which tell rare words from common ones.
        """
        words = query.split()
        if not words or not self._count:
            nothing = self._for_all(np.full(self._count, np.nan))
            return Overlap(nothing, nothing, nothing)
        own = units_of(query)
        shared = self._spellings.likeness_to(own)
        weights = counts.information(words)
        found = np.zeros(self._count)
        for place, weight in enumerate(weights):
            within = [number for number, unit in enumerate(own) if place in unit.words]
            best = shared[within].max(axis=0)
            found += weight * _largest(best, self._units)
        stored, total = self._information(counts)
        theirs = stored * _largest(shared.max(axis=0), self._holders)
        back = np.bincount(self._owner, theirs, self._count)
        return Overlap(
            self._for_all(found / max(float(weights.sum()), 1e-6)),
            self._for_all(back / np.maximum(total, 1e-6)),
            self._for_all(np.minimum(found, back)),
        )

    def _information(self, counts: WordCounts) -> tuple[Float64Array, Float64Array]:
        """Of each word, and of each text; kept for the last counts, which a register keeps."""
        last = self._told  # other threads may ask with other counts
        if last is None or last[0] is not counts:
            spellings = self._spellings.spellings
            words = counts.information([spellings[i] for i in self._words])
            texts = np.asarray(np.bincount(self._owner, words, self._count), np.float64)
            last = self._told = (counts, words, texts)
        return last[1], last[2]

    def _for_all(self, values: Float64Array) -> Float32Array:
        return self._gallery.for_all(values, np.nan)


class _Lists:
    """Lists of numbers, one after another."""

    def __init__(self) -> None:
        self._items: list[int] = []
        self._starts: list[int] = []

    def append(self, items: Iterable[int]) -> None:
        self._starts.append(len(self._items))
        self._items += items

    def packed(self) -> tuple[Int64Array, Int64Array]:
        return np.array(self._items, np.int64), np.array(self._starts, np.int64)


def _largest(values: Float32Array, lists: tuple[Int64Array, Int64Array]) -> Float32Array:
    items, starts = lists
    largest: Float32Array = np.maximum.reduceat(values[items], starts)
    return largest
