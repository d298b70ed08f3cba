"""The facts of a pair of logos: :class:`PairFacts`."""

from dataclasses import dataclass
from functools import cached_property

from marquery.index.likeness.colors import ColorMatch, match_colors
from marquery.index.likeness.logo import LogoFacts, OutlinePart
from marquery.index.likeness.outline import Alignment
from marquery.index.likeness.texts import TextMatch, match_texts
from marquery.index.strategies.known_words import KnownWords
from marquery.index.strategies.word_overlap import WordCounts
from marquery.index.strategies.wording import plain

# Outlines of a second match are told of where it covers so much of both logos.
_SECOND = 0.15
# Outlines with so few edges in common are unlike, as far as a person sees.
_APART = 0.6
# Softened, from this overlap on they may be alike to a person, and from this one they are.
_UNSURE, _ROUGHLY = 0.62, 0.8
# A similar outline counts where the parts are so much of both logos.
_LARGE = 0.3
# A logo of more segments is a photo or noise: its colours and parts are not told of.
_MANY = 250
# A similar outline is worth less than the same, a plain one less than a telling one.
_SIMILAR, _PLAIN, _PART = 0.6, 0.25, 0.9


@dataclass(frozen=True, eq=False)
class OutlineMatch:
    """A part of each logo whose outlines are alike."""

    first: OutlinePart
    second: OutlinePart
    alignment: Alignment
    """Of the first, laid on the second."""

    @property
    def worth(self) -> float:
        """How much it says: by the share of both logos that is matched."""
        worth = float((self.first.share * self.second.share) ** 0.5)
        if self.first.silhouette.is_plain or self.second.silhouette.is_plain:
            worth *= _PLAIN
        if "part" in (self.first.what, self.second.what):
            worth *= _PART  # what has a name is told of rather
        return worth if self.alignment.is_same else worth * _SIMILAR

    @property
    def is_telling(self) -> bool:
        """Large parts, neither of them plain: even a similar outline says something."""
        plain = self.first.silhouette.is_plain or self.second.silhouette.is_plain
        large = all(p.share >= _LARGE or p.what != "part" for p in (self.first, self.second))
        return large and not plain

    @property
    def is_plain(self) -> bool:
        """Both are a disc, a bar or a rectangle, which says little."""
        return self.first.silhouette.is_plain and self.second.silhouette.is_plain


class PairFacts:
    """What is alike and what is not, each fact measured when it is first asked for.

    Args:
        first: the query.
        second: the hit.
        register_words: what a register says are the words of the hit.
    """

    def __init__(
        self, first: LogoFacts, second: LogoFacts, register_words: str | None = None
    ) -> None:
        self.first, self.second = first, second
        self._register_words = register_words or ""

    @cached_property
    def outlines(self) -> list[OutlineMatch]:
        """Parts with outlines that are alike, the most telling first; no segment is in two."""
        found = []
        for one, other in self._comparable:
            laid = one.silhouette.laid_on(other.silhouette)
            match = OutlineMatch(one, other, laid)
            framed = one.what == other.what == "whole" and self._are_framed
            # Any two compact contours are similar.
            framed = framed or one.what == "contour"
            if laid.is_same or (laid.is_similar and match.is_telling and not framed):
                found.append(match)
        found.sort(key=lambda match: -match.worth)
        kept: list[OutlineMatch] = []
        taken: tuple[set[int], set[int]] = (set(), set())
        for match in found:
            one, other = match.first, match.second
            free = taken[0].isdisjoint(one.labels) and taken[1].isdisjoint(other.labels)
            if free and (not kept or min(one.share, other.share) >= _SECOND):
                if kept and _is_whole(kept[0]):
                    break
                kept.append(match)
                taken[0].update(one.labels)
                taken[1].update(other.labels)
        return kept

    @cached_property
    def _are_framed(self) -> bool:
        """Both lie within a plain shape, by which any two such logos are similar."""
        return all(
            part.silhouette.is_plain
            for facts in (self.first, self.second)
            for part in facts.parts
            if part.what == "contour"
        ) and all(len(facts.found.is_hole) > 1 for facts in (self.first, self.second))

    @cached_property
    def nothing_is_alike(self) -> bool:
        """No outlines are alike, by far."""
        if self.outlines or not self.first.parts or not self.second.parts:
            return False
        return all(
            one.silhouette.resembles(other.silhouette) < _UNSURE
            and (
                min(one.share, other.share) < _LARGE
                or one.silhouette.laid_on(other.silhouette).edges < _APART
            )
            for one, other in self._comparable
        )

    @cached_property
    def roughly(self) -> tuple[OutlinePart, OutlinePart] | None:
        """The parts that are most alike in their rough shape, where it is telling."""
        likest: tuple[OutlinePart, OutlinePart] | None = None
        most = _ROUGHLY
        for one, other in self._comparable:
            plain = one.silhouette.is_plain or other.silhouette.is_plain
            found = one.silhouette.resembles(other.silhouette)
            if not plain and "part" not in (one.what, other.what) and found >= most:
                likest, most = (one, other), found
        return likest

    @cached_property
    def _comparable(self) -> list[tuple[OutlinePart, OutlinePart]]:
        return [(a, b) for a in self.first.parts for b in self.second.parts if _comparable(a, b)]

    @cached_property
    def whole(self) -> Alignment | None:
        """The silhouettes of the wholes laid on each other; None where one is blank."""
        if not self.first.parts or not self.second.parts:
            return None
        return self.first.parts[0].silhouette.laid_on(self.second.parts[0].silhouette)

    @cached_property
    def colors(self) -> ColorMatch:
        """Colours kept and changed."""
        return match_colors(self.first.colors, self.second.colors)

    @cached_property
    def texts(self) -> TextMatch:
        """Words of both, and of one only; of the hit's as a search compares them, those that were
        read or the register's.
        """
        theirs = self._register_words if self.are_registered else self.second.text
        return match_texts(self.first.text, theirs)

    @cached_property
    def are_registered(self) -> bool:
        """Of the hit the register's words are more like the query's than those that were read."""
        if not self._register_words:
            return False
        query = plain(self.first.text)
        known = KnownWords([plain(self.second.text)], [plain(self._register_words)])
        nothing_rare = WordCounts(())
        source = known.source(0, lambda some: some.overlap(query, nothing_rare).likeness)
        return source == "register"

    @property
    def is_drawn(self) -> bool:
        """Both are drawings, not photos: their segments are what a person sees."""
        return max(self.first.found.count, self.second.found.count) <= _MANY


def _comparable(one: OutlinePart, other: OutlinePart) -> bool:
    """Writing goes with writing, the outer contour with the outer contour."""
    kinds = {one.what, other.what}
    return len(kinds) == 1 or kinds.isdisjoint({"words", "contour"})


def _is_whole(match: OutlineMatch) -> bool:
    return match.first.what == match.second.what and match.first.what in ("whole", "contour")
