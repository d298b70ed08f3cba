"""Which words two logos share, letter by letter."""

from collections.abc import Sequence
from dataclasses import dataclass

from marquery.index.strategies.wording import plain

# Share of letters from which two words are one, read or spelled a little otherwise.
_ALIKE = 0.75
# Words of fewer letters are shared only if they are equal.
_SHORT = 4


@dataclass(frozen=True)
class WordMatch:
    """A word of one text and the word of the other that goes with it."""

    first: str
    second: str
    likeness: float
    """Share of letters in common, 0 to 1: 1 less insertions and deletions by the length of both."""

    @property
    def is_same(self) -> bool:
        """The letters are equal."""
        return self.first == self.second


@dataclass(frozen=True)
class TextMatch:
    """The words of two texts, matched one to one; lower case, without accents."""

    first: str
    second: str
    words: tuple[WordMatch, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """All letters are equal; spaces and order of lines do not count."""
        letters = [sorted(text.split()) for text in (self.first, self.second)]
        joined = self.first.replace(" ", "") == self.second.replace(" ", "")
        return bool(self.first) and (joined or letters[0] == letters[1])


def match_texts(first: str, second: str) -> TextMatch:
    """Match the words of two texts, the most alike first.

    Args:
        first, second: as they were read or given.
    """
    one, other = plain(first), plain(second)
    left, right = one.split(), other.split()
    if not left or not right:  # as where there is no reader, and nothing that compares
        return TextMatch(one, other, (), tuple(left), tuple(right))
    from rapidfuzz import fuzz

    scored = sorted(
        (
            (-fuzz.ratio(a, b) / 100, i, j)
            for i, a in enumerate(left)
            for j, b in enumerate(right)
            if a == b or min(len(a), len(b)) >= _SHORT
        ),
    )
    taken: list[tuple[int, int, float]] = []
    for minus, i, j in scored:
        free = i not in {t[0] for t in taken} and j not in {t[1] for t in taken}
        if free and -minus >= _ALIKE:
            taken.append((i, j, -minus))
    return TextMatch(
        one,
        other,
        tuple(WordMatch(left[i], right[j], likeness) for i, j, likeness in sorted(taken)),
        tuple(a for i, a in enumerate(left) if i not in {t[0] for t in taken}),
        tuple(b for j, b in enumerate(right) if j not in {t[1] for t in taken}),
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
