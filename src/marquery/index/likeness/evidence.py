"""What explains a score: :class:`Evidence`, in words and in things to be drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from marquery.arrays import Float32Array
from marquery.index.likeness.colors import ColorMatch, color_name
from marquery.index.likeness.pair import PairFacts
from marquery.index.likeness.sentences import (
    color_sentences,
    pair_sentences,
    whole_outline_sentences,
)
from marquery.index.likeness.texts import common_letters
from marquery.index.likeness.word_sentences import word_sentences
from marquery.index.strategies.palette import hex_of


@dataclass(frozen=True)
class Swatches:
    """A colour of the query and the one of the hit that takes its place; None where none does."""

    query: str | None
    """``#rrggbb``."""
    hit: str | None
    difference: float | None
    """CIEDE2000."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a strategy shows for its score."""

    sentences: tuple[str, ...]
    swatches: tuple[Swatches, ...] = ()
    """Two palettes, matched."""
    letters: tuple[tuple[str, Sequence[bool]], ...] = ()
    """The text of the query and that of the hit; of each character, whether the other has it."""
    overlay: tuple[Float32Array, Float32Array] | None = None
    """Two silhouettes laid on each other, float32 (S, S), 0 to 1: query and hit."""
    shows_parts: bool = False
    """Whether parts that are alike are marked in the logos."""

    def to_dict(self) -> dict[str, Any]:
        """All but silhouettes, for JSON."""
        return {
            "sentences": list(self.sentences),
            "colors": [dict(vars(pair)) for pair in self.swatches],
            "texts": [text for text, _ in self.letters],
        }


def evidence_of_all(pair: PairFacts) -> Evidence:
    """All that is alike and not.

    Args:
        pair: query and hit.
    """
    return Evidence(tuple(pair_sentences(pair)), shows_parts=True)


def evidence_of_colors(pair: PairFacts) -> Evidence:
    """Two palettes with their differences.

    Args:
        pair: query and hit.
    """
    match = pair.colors
    swatches = (
        *(Swatches(hex_of(p.first), hex_of(p.second), round(p.difference, 1)) for p in match.pairs),
        *(Swatches(hex_of(color), None, None) for color in match.only_first),
        *(Swatches(None, hex_of(color), None) for color in match.only_second),
    )
    told = color_sentences(pair) or [_each_color(match)]
    return Evidence(tuple(told), swatches=swatches)


def evidence_of_words(pair: PairFacts) -> Evidence:
    """Two texts with the letters that both have.

    Args:
        pair: query and hit.
    """
    one, other = pair.texts.first, pair.texts.second
    told = word_sentences(pair)
    if not one or not other:
        nothing = [name for name, text in (("query", one), ("hit", other)) if not text]
        return Evidence((f"No words were read in the {' and the '.join(nothing)}.",))
    marks = common_letters(one, other)
    shared = sum(c.isalnum() for c, both in zip(one, marks[0], strict=True) if both)
    counts = [sum(c.isalnum() for c in text) for text in (one, other)]
    if not pair.texts.is_same:
        told.append(
            f"{shared} letters are in both, in the same order: of {counts[0]} in the query, of "
            f"{counts[1]} in the hit."
        )
    return Evidence(tuple(told), letters=((one, marks[0]), (other, marks[1])))


def evidence_of_silhouettes(pair: PairFacts) -> Evidence:
    """Two outlines laid on each other.

    Args:
        pair: query and hit.
    """
    if pair.whole is None:
        return Evidence(tuple(whole_outline_sentences(pair)))
    one, other = pair.first.parts[0].silhouette, pair.second.parts[0].silhouette
    overlay = one.overlay(other, pair.whole)
    return Evidence(tuple(whole_outline_sentences(pair)), overlay=overlay)


def _each_color(match: ColorMatch) -> str:
    told = [
        f"{color_name(p.first)} and {color_name(p.second)} {p.difference:.0f} apart"
        for p in match.pairs
    ]
    return f"Colours, by their difference (CIEDE2000): {', '.join(told)}."
