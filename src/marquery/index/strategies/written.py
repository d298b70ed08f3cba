"""The words of a large index, kept in memory as they were stored, to find those like a text."""

import re
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from marquery.arrays import BoolArray, Int64Array
from marquery.index.likeness.sound import latin, sound_pattern
from marquery.index.storage.table import ROW_KEY
from marquery.index.strategies.known_words import REGISTER_WORDS
from marquery.index.strategies.word_overlap import DistinctTexts, WordCounts, WordLists
from marquery.index.strategies.wording import plain
from marquery.index.strategies.words import WORDS

# How rare words are is told from so many logos: reading all words anew would take seconds of every
# first search.
_SAMPLE = 50_000
# Logos that share a word or half of one, of which the likeness is computed.
_COMPARED = 5000
# Where fewer do, those of most letters in common are added, as many.
_FEW = 500
# Words of so many letters are looked for; of longer ones, which may be misread or written apart,
# the first and last letters, too.
_LETTERS, _LONG, _HALF = 3, 6, 4


def _spaced(text: str) -> str:
    """A pattern for a plain text whose words may be parted by anything that is no letter."""
    return r"\W+".join(map(re.escape, text.split()))


class WrittenWords:
    """The logos of a table that hold words.

    Args:
        stored: their ids, keys, and words as they were read and as the register has them; each
            may be null.
    """

    def __init__(self, stored: pa.Table) -> None:
        columns = [
            pc.fill_null(stored[name].combine_chunks(), "") for name in (WORDS.name, REGISTER_WORDS)
        ]
        self._logos = len(stored)
        step = max(1, -(-self._logos // _SAMPLE))
        sample = pa.array(np.arange(0, self._logos, step))
        self._sample = pc.binary_join_element_wise(*(c.take(sample) for c in columns), " ")
        # A logo with both is there twice.
        words = pa.concat_arrays(columns)
        some = np.flatnonzero(pc.not_equal(words, "").to_numpy(zero_copy_only=False))
        self._words = words.take(pa.array(some))
        some %= self._logos
        # As queries are: without accents, in small letters; of wide letters the usual ones.
        letters = pc.replace_substring_regex(
            pc.utf8_normalize(self._words, form="NFKD"), r"\p{Mn}", ""
        )
        self._lower = pc.utf8_lower(letters)
        self._lengths = pc.utf8_length(self._lower).to_numpy().astype(np.int64)
        self._vocabulary, self._which, self._starts = _words_of(self._lower)
        # Words of other scripts as they sound.
        spoken = (w if w.isascii() else latin(w) for w in self._vocabulary.to_pylist())
        self._spoken = pa.array(spoken, pa.string())
        # Three times as much was needed on the way.
        pa.default_memory_pool().release_unused()
        self._ids: Int64Array = stored["id"].to_numpy()[some]
        self._keys = stored[ROW_KEY].to_numpy()[some]

    @cached_property
    def counts(self) -> WordCounts:
        """In how many logos each word stands; of a large table, in how many of a sample."""
        return WordCounts([plain(text) for text in self._sample.to_pylist()])

    def nearest(
        self, text: str, counts: WordCounts, most: int, allowed: Int64Array | None
    ) -> list[int]:
        """Keys of the logos whose words are most like a text, the nearest first.

        Args:
            text: plain, see :func:`~marquery.index.strategies.wording.plain`.
            counts: of the words of the register.
            most: how many.
            allowed: ids that may be given; None: all.
        """
        rows = self._sharing(text, allowed)
        if not len(rows):
            return []
        texts = [plain(words) for words in self._words.take(pa.array(rows)).to_pylist()]
        likeness = np.nan_to_num(WordLists(DistinctTexts(texts)).overlap(text, counts).likeness)
        best = np.argsort(-likeness, kind="stable")[:most]
        return self._keys_of(rows[best[likeness[best] > 0]])

    def alike(self, text: str, allowed: Int64Array | None) -> list[int]:
        """Keys of the logos among which are those whose words are most like a text letter by
        letter, some thousands: that share a word or half of one, or sound alike; where these are
        few, that share most letters.

        Args:
            text: plain.
            allowed: ids that may be given; None: all.
        """
        rows = self._sharing(text, allowed)
        if len(rows) < _FEW:
            rows = np.concatenate([rows, self._by_letters(text, allowed)])
        return self._keys_of(rows)

    def _keys_of(self, rows: Int64Array) -> list[int]:
        return list(dict.fromkeys(self._keys[rows].tolist()))

    def _sharing(self, text: str, allowed: Int64Array | None) -> Int64Array:
        """Texts that share words with one, those that share most first, of these the ones nearest
        in length.
        """
        shared = np.zeros(len(self._ids), np.int32)
        for word in set(text.split()):
            pieces = {word} if len(word) >= _LETTERS else set()
            if len(word) >= _LONG:
                pieces |= {word[:_HALF], word[-_HALF:]}
            for piece in pieces:
                shared += len(piece) * self._hold(pc.match_substring(self._vocabulary, piece))
        if not any(len(word) >= _LETTERS for word in text.split()):
            alike = pc.match_substring_regex(self._lower, rf"^\W*{_spaced(text)}\W*$")
            shared += alike.to_numpy(zero_copy_only=False)
        sounding = sound_pattern(text.split())
        if sounding is not None:
            shared += _LONG * self._hold(pc.match_substring_regex(self._spoken, sounding))
        rows = np.flatnonzero(shared)
        if allowed is not None:
            rows = rows[np.isin(self._ids[rows], allowed)]
        apart = np.abs(self._lengths[rows] - len(text))
        best: Int64Array = rows[np.lexsort((rows, apart, -shared[rows]))[:_COMPARED]]
        return best

    def _by_letters(self, text: str, allowed: Int64Array | None) -> Int64Array:
        """Texts that have most letters of one, in their order."""
        from rapidfuzz import fuzz, process

        rows = np.arange(len(self._ids))
        if allowed is not None:
            rows = rows[np.isin(self._ids, allowed)]
        texts = self._lower.take(pa.array(rows)).to_pylist()
        alike = process.cdist([text], texts, scorer=fuzz.ratio, dtype=np.uint8, workers=-1)[0]
        best: Int64Array = rows[np.argsort(-alike.astype(np.int16), kind="stable")[:_FEW]]
        return best

    def _hold(self, wanted: pa.Array) -> BoolArray:
        """(N,): the texts that hold any of some words of the vocabulary."""
        is_wanted = wanted.to_numpy(zero_copy_only=False)[self._which]
        before = np.concatenate([np.zeros(1, np.int64), np.cumsum(is_wanted)])
        held: BoolArray = before[self._starts[1:]] > before[self._starts[:-1]]
        return held


def _words_of(texts: pa.Array) -> tuple[pa.Array, Int64Array, Int64Array]:
    """The words of N texts: (V,) different ones, (M,) which of them stand in the texts, one text
    after another, and (N + 1,) where each text's begin.
    """
    lists = pc.split_pattern_regex(texts, r"[^\pL\pN]+")
    coded = lists.flatten().dictionary_encode()
    lengths = np.asarray(pc.list_value_length(lists))
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])
    return coded.dictionary, coded.indices.to_numpy().astype(np.int64), starts
