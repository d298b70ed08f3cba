"""``auto``: all evidence on a pair of logos, weighed by a model that was fitted to known pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from marquery.arrays import Float32Array, Float64Array
from marquery.boxes import Box
from marquery.calibration.chance import FalseAlarms
from marquery.calibration.evidence import EvidenceModel
from marquery.encoder.sources import Source
from marquery.index.strategies.analysis import LogoAnalysis
from marquery.index.strategies.base import QueryRequest, SearchContext, Strategy
from marquery.index.strategies.block import Block
from marquery.index.strategies.color import PALETTE
from marquery.index.strategies.columns import StoredColumn
from marquery.index.strategies.overall import VECTOR
from marquery.index.strategies.palette import Palettes, dominant_colors, is_colored
from marquery.index.strategies.part_columns import COLUMNS as PART_COLUMNS
from marquery.index.strategies.part_columns import PARTS
from marquery.index.strategies.products import dot_products
from marquery.index.strategies.projection import Projection
from marquery.index.strategies.shape import SHAPE
from marquery.index.strategies.silhouette import silhouette
from marquery.index.strategies.word_overlap import DistinctTexts, WordCounts, WordLists
from marquery.index.strategies.wording import plain
from marquery.index.strategies.words import WORDS

#: Evidence by name -> what it is called in explanations. Several may share a name.
EVIDENCE = {
    "whole": "the whole picture",
    "shape": "the shape",
    "query_in_logo": "the parts",
    "logo_in_query": "the parts",
    "part": "the parts",
    "color": "the colours",
    "words": "the words",
    "words_both_ways": "the words",
}
# Of a query its whole and so many parts look for candidates of their own in a large index.
_LOOKING_PARTS = 4


@dataclass(eq=False)
class QueryEvidence:
    """One picture of the query, as it is compared."""

    whole: Float32Array
    """(D,)."""
    shape: Float32Array
    """(d,)."""
    parts: Float32Array
    """(1 + P, d): the whole cut out, then its parts."""
    colors: Float32Array
    """(5, 4)."""
    words: str
    """Plain text."""


@dataclass(frozen=True, eq=False)
class _Compared:
    """A query on N stored logos."""

    block: Block
    evidence: Sequence[Mapping[str, Float32Array]]
    """Of each picture, (N,) by name."""
    logits: Sequence[Float64Array]
    """Of each picture, (N,)."""
    scores: Float32Array
    """(pictures, N)."""


@dataclass(eq=False)
class AutoQuery:
    """A query of one or several pictures of a mark."""

    pictures: Sequence[QueryEvidence]
    model: EvidenceModel
    counts: WordCounts
    _last: _Compared | None = field(default=None, repr=False)

    def forget(self) -> None:
        """Drop what was compared last."""
        self._last = None

    def on(self, block: Block) -> _Compared:
        """Its pictures compared with stored logos; kept for the last block."""
        last = self._last  # other threads may ask with another block
        if last is None or last.block is not block:
            evidence = [evidence_on(block, picture, self.counts) for picture in self.pictures]
            logits = [self.model.logit(found) for found in evidence]
            scores = [
                self.model.score(logit, self._most(picture))
                for logit, picture in zip(logits, self.pictures, strict=True)
            ]
            last = _Compared(block, evidence, logits, np.stack(scores).astype(np.float32))
            self._last = last
        return last

    def _most(self, picture: QueryEvidence) -> float:
        own = WordLists(DistinctTexts([picture.words])).overlap(picture.words, self.counts)
        color = 1.0 if is_colored(picture.colors) else np.nan
        return self.model.most(float(own.likeness[0]), float(own.both_ways[0]), color)


class Auto(Strategy[AutoQuery]):
    """The score is the model's logit, brought to 0 … 1 by the least that it can be and by what the
    query has with itself.
    """

    name = "auto"
    label = "All evidence"
    compared = "wholes, parts, shapes, colours and words"
    help = "all evidence, weighed by what known pairs taught"
    columns = (VECTOR, SHAPE, *PART_COLUMNS, PALETTE)
    scored_columns = (VECTOR, SHAPE, PARTS, PALETTE)
    uses_if_there = (WORDS,)
    candidates_from = (VECTOR, PARTS)
    is_calibrated = True
    takes_words = True

    def pictures(self, logo: LogoAnalysis, box: Box | None) -> Sequence[Source]:
        """The image, its silhouette, the whole cut out and each part."""
        return [logo.image, silhouette(logo.segmentation), *PARTS.pictures(logo)]

    def prepare(
        self, request: QueryRequest, vectors: Float32Array, projection: Projection
    ) -> AutoQuery:
        """The evidence that each picture of the query holds."""
        counts = request.context.word_counts()
        pictures = []
        start = 0
        for logo in request.logos:
            stop = start + 3 + len(logo.parts)
            projected = projection(vectors[start + 1 : stop])
            pictures.append(
                QueryEvidence(
                    whole=vectors[start],
                    shape=projected[0],
                    parts=projected[1:],
                    colors=dominant_colors(logo.segmentation),
                    words=_words(request, logo, counts),
                )
            )
            start = stop
        return AutoQuery(pictures, request.context.evidence(), counts)

    def score(self, block: Block, query: AutoQuery) -> Float32Array:
        """0 to 1, 1 for the query itself; of several pictures the best counts."""
        best: Float32Array = query.on(block).scores.max(axis=0)
        return best

    def forget_scores(self, query: AutoQuery) -> None:
        """The evidence on them."""
        query.forget()

    def candidate_vectors(self, query: AutoQuery, column: StoredColumn[Any]) -> Float32Array:
        """Of each picture the whole, or the whole cut out and its first parts."""
        if column is VECTOR:
            return np.stack([picture.whole for picture in query.pictures])
        return np.concatenate([picture.parts[: 1 + _LOOKING_PARTS] for picture in query.pictures])

    def candidate_words(self, query: AutoQuery) -> Sequence[str]:
        """Those of each picture."""
        return [picture.words for picture in query.pictures if picture.words]

    def found_part(self, block: Block, index: int, query: AutoQuery) -> int | None:
        """The part nearest to the whole query."""
        picture = self._best_picture(block, index, query)
        return block.column(PARTS).nearest(index, query.pictures[picture].parts[:1])

    def reasons(self, block: Block, index: int, query: AutoQuery) -> Mapping[str, float]:
        """By evidence, as :data:`EVIDENCE` calls it, its share of what speaks for one mark."""
        picture = self._best_picture(block, index, query)
        evidence = query.on(block).evidence[picture]
        shares = query.model.shares({name: float(v[index]) for name, v in evidence.items()})
        told: dict[str, float] = {}
        for name, share in shares.items():
            if share > 0:
                told[EVIDENCE[name]] = told.get(EVIDENCE[name], 0.0) + share
        return told

    def words_by(self, block: Block, index: int, query: AutoQuery) -> str:
        """By how much the words share with those of the picture that is nearest."""
        picture = self._best_picture(block, index, query)
        words, known = query.pictures[picture].words, block.column(WORDS)
        if not words:
            return ""
        if not known.has_register:  # as was computed for the ranking
            shared = query.on(block).evidence[picture]["words"][index]
            return "read" if shared > 0 else ""
        return known.source(index, lambda some: some.overlap(words, query.counts).likeness)

    def is_fitted(self, context: SearchContext) -> bool:
        """Whether the model was fitted to this encoder."""
        return context.evidence().fingerprint == context.fingerprint

    def false_alarms(self, context: SearchContext) -> FalseAlarms | None:
        """As the model has them."""
        return context.evidence().false_alarms

    def probability(
        self, block: Block, index: int, query: AutoQuery, context: SearchContext
    ) -> float:
        """By the model.

        Args:
            block: stored columns of some logos.
            index: which of these logos.
            query: from :meth:`prepare`.
            context: of the index.
        """
        picture = self._best_picture(block, index, query)
        return float(query.model.probability(query.on(block).logits[picture][index]))

    def _best_picture(self, block: Block, index: int, query: AutoQuery) -> int:
        return int(query.on(block).scores[:, index].argmax())


def evidence_on(
    block: Block, picture: QueryEvidence, counts: WordCounts
) -> dict[str, Float32Array]:
    """The evidence that one picture and N stored logos are of one mark.

    Args:
        block: the stored logos.
        picture: of the query.
        counts: of the words of the register.

    Returns:
        name (see :data:`EVIDENCE`) -> float32 (N,), -1 to 1; NaN where there is none.
    """
    best, wholes = block.column(PARTS).compared(picture.parts)
    found = {
        "whole": dot_products(block.column(VECTOR), picture.whole[None])[0],
        "shape": dot_products(block.column(SHAPE), picture.shape[None])[0],
        "query_in_logo": best[0],
        "logo_in_query": wholes.max(axis=0),
        "part": best.max(axis=0),
        "color": _color_likeness(block.column(PALETTE), picture.colors),
    }
    nothing = np.full(len(block), np.nan, np.float32)
    found["words"] = found["words_both_ways"] = nothing
    if picture.words:
        overlap = block.column(WORDS).overlap(picture.words, counts)
        found["words"], found["words_both_ways"] = overlap.likeness, overlap.both_ways
    return found


def _color_likeness(palettes: Palettes, colors: Float32Array) -> Float32Array:
    """(N,): of the colours, where both logos are coloured; NaN elsewhere, since a mark in black is
    that mark in any colour.
    """
    likeness = palettes.similarity_to(colors)
    both = palettes.is_colored & is_colored(colors)
    return np.where(both, likeness, np.float32(np.nan))


def _words(request: QueryRequest, logo: LogoAnalysis, counts: WordCounts) -> str:
    """The words given, else those that are read; none where the register holds none."""
    if not counts.has_words:
        return ""
    if request.words is not None:
        return plain(request.words)
    return plain(WORDS.note(logo) or "")
