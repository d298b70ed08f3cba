"""What a search strategy is: the columns that it stores of each logo, and how it scores them
against a query.

To add one, write a class in a file beside the others and name it in
:mod:`marquery.index.strategies.registry`; schema, writer, search, page, report, JSON API and
command line read that registry.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import numpy as np

from marquery.arrays import Float32Array
from marquery.boxes import Box
from marquery.calibration import Calibration
from marquery.calibration.chance import FalseAlarms
from marquery.calibration.evidence import EvidenceModel
from marquery.encoder.sources import Source
from marquery.index.strategies.analysis import LogoAnalysis
from marquery.index.strategies.block import Block
from marquery.index.strategies.columns import StoredColumn
from marquery.index.strategies.projection import Projection
from marquery.index.strategies.word_overlap import WordCounts

if TYPE_CHECKING:
    from marquery.index.likeness.evidence import Evidence
    from marquery.index.likeness.pair import PairFacts

Prepared = TypeVar("Prepared")


def _no_words() -> WordCounts:
    return WordCounts(())


@dataclass(frozen=True)
class SearchContext:
    """What an index knows beside its logos; each is read when it is first asked for."""

    fingerprint: str = ""
    """Of the encoder."""
    calibration: Callable[[], Calibration | None] = lambda: None
    """What the encoder's cosines mean."""
    evidence: Callable[[], EvidenceModel] = EvidenceModel.of_package
    """How evidence is weighed."""
    word_counts: Callable[[], WordCounts] = _no_words
    """How often words stand in its logos."""


@dataclass(frozen=True)
class QueryRequest:
    """What is searched for."""

    logos: Sequence[LogoAnalysis]
    """Images of one mark."""
    box: Box | None = None
    """Rectangle x, y, width, height in pixels of the only image."""
    words: str | None = None
    """Words to look for, in place of those in the images."""
    context: SearchContext = field(default_factory=SearchContext)
    """Of the index that is searched."""


class Strategy(ABC, Generic[Prepared]):
    """One way to compare a query with stored logos. ``Prepared`` is a query as this strategy scores
    it.
    """

    #: As Python, the command line and the API call it.
    name: ClassVar[str]
    #: On the page.
    label: ClassVar[str]
    #: In a report, as what was compared: "whole logos".
    compared: ClassVar[str]
    #: One sentence for help texts.
    help: ClassVar[str]
    #: What it stores of each logo; several strategies may share a column.
    columns: ClassVar[tuple[StoredColumn[Any], ...]]
    #: Of these, those that a score is computed from; None: all.
    scored_columns: ClassVar[tuple[StoredColumn[Any], ...] | None] = None
    #: Columns that it compares where a table has them.
    uses_if_there: ClassVar[tuple[StoredColumn[Any], ...]] = ()
    #: Columns whose approximate indices give candidates in a large table; none: candidates come
    #: from the other strategies of a mix, and alone it compares with every logo.
    candidates_from: ClassVar[tuple[StoredColumn[Any], ...]] = ()
    #: Its score is the highest cosine of any of its candidate vectors with any of a column: alone
    #: it needs so many candidates, of all these vectors together; None: each vector has its own.
    candidates_together: ClassVar[int | None] = None
    #: It ranks by words: in a large table its candidates are all that share some with the query's.
    candidates_by_words: ClassVar[bool] = False
    #: It is compared with every logo even where others of the mix have candidates.
    compares_all: ClassVar[bool] = False
    #: A search by it alone finds no logo of score 0 or less.
    finds_only_above_zero: ClassVar[bool] = False
    #: :meth:`probability` tells what a score means, where it was fitted to the encoder.
    is_calibrated: ClassVar[bool] = False
    #: It looks at a rectangle of the query.
    takes_box: ClassVar[bool] = False
    #: It looks at words that are given.
    takes_words: ClassVar[bool] = False
    #: It needs no image where words are given.
    needs_words_only: ClassVar[bool] = False
    #: Its score is the cosine of two pictures as they are seen: an explanation may divide it among
    #: their parts.
    is_divisible: ClassVar[bool] = False
    #: It can move its query towards and away from stored logos.
    takes_feedback: ClassVar[bool] = False

    def pictures(self, logo: LogoAnalysis, box: Box | None) -> Sequence[Source]:
        """Pictures of one query image that are embedded for it.

        Raises:
            UsageError: the rectangle is not within the image.
        """
        return ()

    @abstractmethod
    def prepare(
        self, request: QueryRequest, vectors: Float32Array, projection: Projection
    ) -> Prepared:
        """The query as it is scored.

        Args:
            request: what is searched for.
            vectors: (P, D), the embeddings of all :meth:`pictures`.
            projection: of the index.

        Raises:
            MarqueryError: something of the query cannot be read here.
        """

    @abstractmethod
    def score(self, block: Block, query: Prepared) -> Float32Array:
        """float32 (N,), -1 to 1, of N stored logos; of several query images the best counts."""

    def forget_scores(self, query: Prepared) -> None:
        """Drop what a prepared query keeps of the logos that were scored last, if anything."""

    def candidate_vectors(self, query: Prepared, column: StoredColumn[Any]) -> Float32Array:
        """(Q, d) vectors whose neighbours in a column of :attr:`candidates_from` are candidates."""
        return np.empty((0, 0), np.float32)

    def candidate_words(self, query: Prepared) -> Sequence[str]:
        """Plain texts; logos with such words are candidates, too."""
        return ()

    def is_fitted(self, context: SearchContext) -> bool:
        """Whether :meth:`probability` can be told for the encoder of an index."""
        return False

    def probability(
        self, block: Block, index: int, query: Prepared, context: SearchContext
    ) -> float:
        """That the query and one stored logo are of one mark, 0 to 1, where it :meth:`is_fitted`.

        Args:
            block: stored columns of some logos.
            index: which of these logos.
            query: from :meth:`prepare`.
            context: of the index.
        """
        raise NotImplementedError

    def false_alarms(self, context: SearchContext) -> FalseAlarms | None:
        """How often logos of different marks are given a probability; None where nobody counted."""
        return None

    def reasons(self, block: Block, index: int, query: Prepared) -> Mapping[str, float]:
        """By evidence its share of what speaks for one stored logo; shares add up to 1. Empty where
        there is one kind of evidence.

        Args:
            block: stored columns of some logos.
            index: which of these logos.
            query: from :meth:`prepare`.
        """
        return {}

    def words_by(self, block: Block, index: int, query: Prepared) -> str:
        """Which words of one stored logo are like the query's: ``"read"`` in its picture, or the
        ``"register"``'s; empty where none are, or words are not compared.

        Args:
            block: stored columns of some logos.
            index: which of these logos.
            query: from :meth:`prepare`.
        """
        return ""

    def found_part(self, block: Block, index: int, query: Prepared) -> int | None:
        """Of one stored logo the part that was found: 0 the whole, 1 its first part; None: not
        compared.

        Args:
            block: stored columns of some logos.
            index: which of these logos.
            query: from :meth:`prepare`.
        """
        return None

    def with_feedback(self, query: Prepared, like: Float32Array, unlike: Float32Array) -> Prepared:
        """The query moved towards some stored logos and away from others.

        Args:
            query: as :meth:`prepare` gave it.
            like: (L, D) stored whole vectors.
            unlike: (U, D) likewise.
        """
        return query

    def format_score(self, score: float) -> str:
        """A score as a report shows it."""
        return f"{score:.4f}"

    def explain(self, pair: "PairFacts") -> "Evidence":
        """What an explanation shows for its score: all that is alike and not, unless a strategy
        knows better what it looks at.

        Args:
            pair: query and hit, with facts that are measured when they are asked for.
        """
        from marquery.index.likeness.evidence import evidence_of_all

        return evidence_of_all(pair)
