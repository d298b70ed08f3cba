"""How alike the words of logos are."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from marquery.arrays import Float32Array
from marquery.index.likeness.sound import Sounds
from marquery.index.strategies.word_overlap import DistinctTexts, WordLists

_OTHER = re.compile("[^a-z0-9]+")
# What sounds alike counts a little less than what is spelled alike, from this likeness of sound on.
_SOUND, _SOUND_FROM = 0.9, 0.9
# A part of a name counts only where it is so much of the longer name: two letters are in many.
_LEAST_SHARE = 0.4
# A likeness of parts or of words in another order counts a little less than one of the whole.
_PARTS = 0.95


def plain(text: str) -> str:
    """Lower case, without accents, with single spaces for all that is neither letter nor digit."""
    if text.isascii():  # as below, in a fifth of the time
        return _OTHER.sub(" ", text.lower()).strip()
    wide = unicodedata.normalize("NFKD", text).casefold()
    kept = (c if c.isalnum() else " " for c in wide if not unicodedata.combining(c))
    return " ".join("".join(kept).split())


class Texts:
    """The words of many logos, with what comparing them needs and no query changes.

    Args:
        gallery: N :func:`plain` texts.
    """

    def __init__(self, gallery: Sequence[str]) -> None:
        self.texts = list(gallery)
        self._distinct = DistinctTexts(gallery)
        self._joined = [text.replace(" ", "") for text in self._distinct.texts]
        self._lengths = np.array([len(joined) for joined in self._joined], np.int64)

    @cached_property
    def lists(self) -> WordLists:
        """The same word by word."""
        return WordLists(self._distinct)

    @cached_property
    def _sounds(self) -> Sounds:
        return Sounds(self._distinct.texts)

    def similarity_to(self, query: str) -> Float32Array:
        """How alike some words are to those of each logo.

        The largest of three likenesses: of the letters, spaces left out (1 minus insertions and
        deletions by the length of both); of parts, whatever the order of words (RapidFuzz's
        ``WRatio``), which counts 0.95 times, and less where one is much shorter than the other; and
        of the sound (:class:`~marquery.index.likeness.sound.Sounds`), where it is nearly the same,
        which counts 0.9 times.

        Args:
            query: :func:`plain` text.

        Returns:
            float32 (N,), 0 to 1; 1 for equal letters, 0 where there are none.
        """
        from rapidfuzz import fuzz, process

        if not query or not self._joined:
            return self._distinct.for_all(np.zeros(len(self._joined)), 0.0)
        asked = query.replace(" ", "")
        letters = process.cdist([asked], self._joined, scorer=fuzz.ratio, dtype=np.float32)
        parts = process.cdist([query], self._distinct.texts, scorer=fuzz.WRatio, dtype=np.float32)
        shorter = np.minimum(self._lengths, len(asked)) / np.maximum(self._lengths, len(asked))
        whole = np.clip(shorter / _LEAST_SHARE, 0, 1)
        sound = self._sounds.similarity_to(query)
        sound = np.where(sound >= _SOUND_FROM, _SOUND * sound, 0)
        likeness = np.maximum.reduce([letters[0] / 100, _PARTS * whole * parts[0] / 100, sound])
        return self._distinct.for_all(likeness, 0.0)
