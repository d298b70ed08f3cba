"""What a search strategy is: the columns that it stores of each logo, and how it scores them
against a query.

To add one, write a class in a file beside the others and name it in
:mod:`marquery.index.strategies.registry`; schema, writer, search, page, report, JSON API and
command line read that registry.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np

from marquery.arrays import Float32Array
from marquery.boxes import Box
from marquery.encoder.sources import Source
from marquery.index.strategies.analysis import LogoAnalysis
from marquery.index.strategies.block import Block
from marquery.index.strategies.columns import StoredColumn
from marquery.index.strategies.projection import Projection

Prepared = TypeVar("Prepared")


@dataclass(frozen=True)
class QueryRequest:
    """What is searched for."""

    logos: Sequence[LogoAnalysis]
    """Images of one mark."""
    box: Box | None = None
    """Rectangle x, y, width, height in pixels of the only image."""
    words: str | None = None
    """Words to look for, in place of those in the images."""


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
    #: Column whose approximate index gives candidates in a large table; None: candidates come from
    #: the other strategies of a mix, and alone it compares with every logo.
    candidates_from: ClassVar[StoredColumn[Any] | None] = None
    #: It is compared with every logo even where others of the mix have candidates.
    compares_all: ClassVar[bool] = False
    #: A search by it alone finds no logo of score 0 or less.
    finds_only_above_zero: ClassVar[bool] = False
    #: The encoder's calibration gives the probability that belongs to its score.
    is_calibrated: ClassVar[bool] = False
    #: It looks at a rectangle of the query.
    takes_box: ClassVar[bool] = False
    #: It looks at words that are given.
    takes_words: ClassVar[bool] = False
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

    def candidate_vectors(self, query: Prepared) -> Float32Array:
        """(Q, d) vectors whose neighbours in :attr:`candidates_from` are candidates."""
        return np.empty((0, 0), np.float32)

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
