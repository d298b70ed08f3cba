"""What an explanation says: :class:`Explanation`."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from marquery.arrays import BoolArray, Float64Array, UInt8Array
from marquery.boxes import Box
from marquery.index.likeness.evidence import Evidence
from marquery.index.strategies.parts import Kind

if TYPE_CHECKING:
    from PIL import Image

Method = Literal["removal", "regions"]


@dataclass(frozen=True)
class ExplainedPart:
    """One part of the query or of the hit, and what it brings."""

    kind: Kind
    """``"words"``, ``"figure"`` (several segments) or ``"shape"`` (one)."""
    box: Box
    """x, y, width, height in pixels of the logo."""
    share: float | None
    """Its term of the score; below 0 where it makes the logos less alike. None where the score is
    not divided.
    """
    match: int | None
    """Number of the match it is in, from 1, the same in query and hit; None where it has none."""
    mask: BoolArray = field(repr=False)
    """bool (H, W), where it lies in the logo's image of the explanation."""

    def to_dict(self) -> dict[str, Any]:
        """All but the mask, for JSON."""
        return {
            "kind": self.kind,
            "box": list(self.box),
            "share": self.share,
            "match": self.match,
        }


@dataclass(frozen=True)
class PartMatch:
    """A part of the query and the part of the hit that goes with it."""

    number: int
    """From 1, by what the two bring."""
    score: float | None
    """Their term of the score; None where it is not divided."""
    shape: float
    """0 to 1: how far their masks agree, brought to one size."""
    color: float
    """0 to 1: how alike their colours are."""
    words: str
    """What of shape and colour is alike: ``"same shape, other colours"``."""

    def to_dict(self) -> dict[str, Any]:
        """All fields, for JSON."""
        return dict(vars(self))


@dataclass(frozen=True)
class Explanation:
    """What is alike in two logos; made by :func:`marquery.explain`.

    Where the score is the cosine of two pictures, it is a sum over their parts. Else ``score``,
    ``residual``, ``method``, backgrounds and shares are None, and ``pairs`` is empty.
    """

    score: float | None
    """Cosine of the two embeddings, computed in float32, -1 to 1."""
    residual: float | None
    """``score`` less the sum of all shares: what rounding leaves, below 1e-6."""
    method: Method | None
    query_parts: list[ExplainedPart]
    """The largest first; their shares and ``query_background`` add up to the score."""
    hit_parts: list[ExplainedPart]
    """Likewise, with ``hit_background``."""
    query_background: float | None
    """Share of the background that the query's parts lie on."""
    hit_background: float | None
    matches: list[PartMatch]
    """Parts with outlines that are alike; unlike ones are in no match."""
    words: list[str]
    """What is alike and what is not, a sentence each, the most telling first."""
    evidence: dict[str, Evidence] = field(repr=False)
    """By strategy, what it shows for its score."""
    pairs: Float64Array = field(repr=False)
    """float64 (k + 1, m + 1): the term of each part of the query with each of the hit, the
    backgrounds last. Rows add up to the query's shares, columns to the hit's, all to the score.
    """
    query_image: UInt8Array = field(repr=False)
    """The whole query, at most 384 px."""
    hit_image: UInt8Array = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Everything but masks and images, of types that JSON knows."""
        return {
            "score": self.score,
            "residual": self.residual,
            "method": self.method,
            "query": {
                "parts": [part.to_dict() for part in self.query_parts],
                "background": self.query_background,
            },
            "hit": {
                "parts": [part.to_dict() for part in self.hit_parts],
                "background": self.hit_background,
            },
            "matches": [match.to_dict() for match in self.matches],
            "words": list(self.words),
            "evidence": {name: one.to_dict() for name, one in self.evidence.items()},
            "pairs": self.pairs.tolist(),
        }

    def shares(self) -> list[tuple[str, float]]:
        """What each part of the query, and its background, brings of the score; they add up to it.

        Parts in no match are one entry. Empty where the score is not divided.
        """
        if self.score is None or self.query_background is None:
            return []
        told = [
            (f"{p.match} {p.kind}", p.share or 0.0) for p in self.query_parts if p.match is not None
        ]
        told.sort(key=lambda item: int(item[0].split()[0]))
        alone = [p.share or 0.0 for p in self.query_parts if p.match is None]
        if alone:
            told.append(("parts in no match", sum(alone)))
        return [*told, ("background", self.query_background)]

    def picture(self, side: int = 360, sentences: bool = True) -> "Image.Image":
        """Query and hit side by side, matched parts in one colour, with evidence and shares.

        Args:
            side: of the square in which each of the two is drawn, in pixels from 120.
            sentences: whether :attr:`words` are written below.

        Raises:
            UsageError: the side is smaller.
        """
        from marquery.visualization.explanation import draw_explanation

        return draw_explanation(self, side, sentences)
