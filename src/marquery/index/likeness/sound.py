"""How alike names sound: spelling brought to Latin letters and to sounds, compared letter by
letter.

Latin letters are anyascii's (Cyrillic, Greek, kana, Hangul, Arabic, pinyin), sounds are those of
Double Metaphone (L. Philips, 2000), which drops vowels, beside a spelling that keeps them.
"""

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np

from marquery.arrays import Float32Array, Int64Array

# Spellings of one sound, replaced in this order. Vowels stay, since Double Metaphone drops them.
_SPELLINGS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"[^a-z]", ""),
        (r"^(kn|gn|pn)", "n"),
        (r"^wr", "r"),
        (r"^(ps|ts|cz)", "s"),
        (r"^x", "z"),
        (r"(sch|tsch|tch|sh|ch|cz|sz|zh|tj|sj)", "S"),
        (r"ph|pf", "f"),
        (r"gh(?=[^aeiou]|$)", ""),
        (r"th", "t"),
        (r"(ck|cq|kh|qu|ch|cc|kk|q)", "k"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"x", "ks"),
        (r"(dz|tz|ts|z)", "s"),
        (r"g(?=[eiy])", "j"),
        (r"w|v|b(?=b)", "v"),
        (r"y", "i"),
        (r"(ee|ea|ie|ei|ij)", "i"),
        (r"(oo|ou|ew|ue|ui)", "u"),
        (r"(ai|ay|ae|eh|ey)", "e"),
        (r"(au|aw|oa|ow|oh)", "o"),
        (r"(?<=[aeiou])h", ""),
        (r"(?<=[bcdfgklmnprst])h", ""),
        (r"(.)\1+", r"\1"),
        (r"(?<=[^aeiou])e$", ""),
    )
)
# Voiced and unvoiced sounds that are taken for each other, for a rougher spelling.
_VOICED = str.maketrans("bdgvjz", "ptkfSs")
_VOWELS = str.maketrans("eiou", "aaaa")
# Weights of letters with their vowels, of voiced sounds as unvoiced, and of Double Metaphone.
_FINE, _ROUGH, _CODE = 0.4, 0.35, 0.25
# Names of fewer letters, or of fewer sounds that are no vowels, sound like too many.
_LETTERS, _SOUNDS = 4, 2
# So many spellings by sound are kept, about 10 MB.
_SPELLED = 2**15
# How the sounds of a rough spelling may be written, and what may stand between them.
_WRITTEN = {
    "p": "[bp]+",
    "t": "(?:[dt]h?)+",
    "k": "(?:[ckqg]h?)+",
    "f": "(?:ph|pf|[fvw])+",
    "S": "(?:t?s?ch|sh|cz|[sz]h|[tsz]j|[jg])+",
    "s": "(?:ps|t[sz]|dz|[szcx])+",
    "m": "m+",
    "n": "(?:[kgp]?n)+",
    "l": "l+",
    "r": "(?:w?rh?)+",
}
_SILENT = "[aeiouyhw]*"


def latin(text: str) -> str:
    """Lower-case Latin letters and digits of a name in any script, words joined.

    Args:
        text: a name.
    """
    from anyascii import anyascii

    return "".join(c for c in anyascii(text).casefold() if c.isalnum())


class Sounds:
    """Names with what comparing their sound needs.

    Args:
        names: N names in any script.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._latin = [latin(name) for name in names]

    @cached_property
    def _fine(self) -> list[str]:
        return [spelled(name) for name in self._latin]

    @cached_property
    def _rough(self) -> list[str]:
        return [fine.translate(_VOICED).translate(_VOWELS) for fine in self._fine]

    @cached_property
    def _codes(self) -> tuple[list[str], list[str]]:
        from doublemetaphone import doublemetaphone

        both = [doublemetaphone(name) for name in self._latin]
        return [one for one, _ in both], [other or one for one, other in both]

    def similarity_to(self, name: str) -> Float32Array:
        """How alike a name sounds to each.

        The weighted mean of three likenesses of letters (1 minus insertions and deletions by the
        length of both): of sounds with vowels, of sounds with voiced as unvoiced and all vowels as
        one, and of Double Metaphone's codes, of which a name has one or two.

        Args:
            name: in any script.

        Returns:
            float32 (N,), 0 to 1; 1 for names that are spelled alike, 0 where there are no letters.
        """
        from rapidfuzz import fuzz, process

        asked = Sounds([name])
        if not self._latin or not asked._fine[0]:
            return np.zeros(len(self._latin), np.float32)

        def likeness(one: str, others: Sequence[str]) -> Float32Array:
            found = process.cdist([one], others, scorer=fuzz.ratio, dtype=np.float32)
            return np.asarray(found[0] / 100, np.float32)

        codes = [likeness(c[0], theirs) for c in asked._codes for theirs in self._codes]
        mean = (
            _FINE * likeness(asked._fine[0], self._fine)
            + _ROUGH * likeness(asked._rough[0], self._rough)
            + _CODE * np.max(codes, axis=0)
        )
        empty = np.array([not fine for fine in self._fine])
        return np.where(empty, 0, mean).astype(np.float32)


class SoundGroups:
    """Names by their Double Metaphone codes: those that sound like another are looked for among
    those with one of its codes alone.

    Args:
        names: N names, lower case.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    @cached_property
    def _by_code(self) -> dict[str, list[int]]:
        groups: dict[str, list[int]] = {}
        for place, name in enumerate(self._names):
            for code in _telling_codes(name):
                groups.setdefault(code, []).append(place)
        return groups

    def alike(self, name: str) -> tuple[Int64Array, Float32Array]:
        """Places of names with a code of this one, and how alike they sound, 0 to 1.

        Args:
            name: lower case, in any script.
        """
        of_codes = (self._by_code.get(code, []) for code in _telling_codes(name))
        places = sorted({place for some in of_codes for place in some})
        likeness = Sounds([self._names[place] for place in places]).similarity_to(name)
        return np.array(places, np.int64), likeness


def _telling_codes(name: str) -> set[str]:
    """Codes of a name that is long enough to be told by its sound."""
    from doublemetaphone import doublemetaphone

    written = name if name.isascii() else latin(name)
    if len(written) < _LETTERS:
        return set()
    return {code for code in doublemetaphone(written) if len(code) >= _SOUNDS}


def sound_pattern(words: Sequence[str]) -> str | None:
    """A pattern (RE2) that finds words which sound like one of some words, and others: consonants
    of the same kinds in the same order, whatever the vowels. Latin letters only.

    Args:
        words: lower case; those that are too short are passed over.

    Returns:
        None where all are too short.
    """
    patterns = []
    for word in words:
        rough = spelled(latin(word)).translate(_VOICED)
        sounds = [rough[i] for i in range(len(rough)) if rough[i] in _WRITTEN]
        if len(latin(word)) >= _LETTERS and len(sounds) >= _SOUNDS:
            consonants = [_WRITTEN[sound] for sound in sounds]
            written = _SILENT.join(consonants).replace(
                f"{_WRITTEN['k']}{_SILENT}{_WRITTEN['s']}",
                f"(?:x|{_WRITTEN['k']}{_SILENT}{_WRITTEN['s']})",
            )
            patterns.append(f"{_SILENT}{written}{_SILENT}")
    return rf"\b(?:{'|'.join(patterns)})\b" if patterns else None


# The names that sound like a query are compared anew for each of its words.
@lru_cache(maxsize=_SPELLED)
def spelled(name: str) -> str:
    """A name as it sounds, one letter a sound, vowels kept; ``S`` is the sound of sh.

    Args:
        name: lower-case Latin letters.
    """
    for pattern, sound in _SPELLINGS:
        name = pattern.sub(sound, name)
    return name
