"""The words that are known of many logos: those that were read, and those of a register."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import cached_property
from typing import Literal

import numpy as np

from marquery.arrays import Float32Array
from marquery.index.strategies.word_overlap import Overlap, WordCounts
from marquery.index.strategies.wording import Texts

#: Column of a block, which no table stores: plain words of the register, see
#: :mod:`marquery.index.storage.register_words`.
REGISTER_WORDS = "register_words"

#: Which words of a logo are like the query's: read in its picture, or the register's.
WordSource = Literal["read", "register"]


class KnownWords:
    """The words of N logos; of the two texts of a logo the one that is more like a query counts.

    Args:
        read: N :func:`~marquery.index.strategies.wording.plain` texts, ``""`` for none.
        register: likewise; None where there is no such column.
    """

    def __init__(self, read: Sequence[str], register: Sequence[str] | None = None) -> None:
        self._read = Texts(read)
        some = register is not None and any(register)
        self._register = Texts(register) if some and register is not None else None

    @property
    def has_register(self) -> bool:
        """Whether a register says anything of any logo."""
        return self._register is not None

    @cached_property
    def texts(self) -> list[str]:
        """Of each logo all words, by which rare ones are told from common ones."""
        if self._register is None:
            return self._read.texts
        both = zip(self._read.texts, self._register.texts, strict=True)
        return [f"{one} {other}".strip() for one, other in both]

    def similarity_to(self, query: str) -> Float32Array:
        """(N,) as :meth:`marquery.index.strategies.wording.Texts.similarity_to`."""
        read = self._read.similarity_to(query)
        if self._register is None:
            return read
        return np.maximum(read, self._register.similarity_to(query))

    def overlap(self, query: str, counts: WordCounts) -> Overlap:
        """The words that a query shares with each logo, of two texts with the liker one.

        Args:
            query: plain text.
            counts: of the register.
        """
        read = self._read.lists.overlap(query, counts)
        if self._register is None:
            return read
        register = self._register.lists.overlap(query, counts)
        # What is missing is less than what is there.
        likeness = [np.nan_to_num(found.likeness, nan=-1) for found in (read, register)]
        chosen = likeness[1] > likeness[0]
        return Overlap(
            **{
                part.name: np.where(chosen, getattr(register, part.name), getattr(read, part.name))
                for part in fields(Overlap)
            }
        )

    def source(
        self, index: int, likeness: Callable[["KnownWords"], Float32Array]
    ) -> WordSource | Literal[""]:
        """Which words of one logo are like a query's; ``""`` where none are.

        Args:
            index: of the logo.
            likeness: of some texts with the query, by which it was ranked.
        """
        register = "" if self._register is None else self._register.texts[index]
        read, given = np.nan_to_num(likeness(KnownWords([self._read.texts[index], register])))
        if max(read, given) <= 0:
            return ""
        return "register" if given > read else "read"
