"""``figure``: what is no writing, with the parts of stored logos that are none."""

from collections.abc import Sequence
from typing import Any

from marquery.arrays import Float32Array
from marquery.boxes import Box
from marquery.encoder.sources import Source
from marquery.index.strategies.analysis import LogoAnalysis
from marquery.index.strategies.base import QueryRequest, Strategy
from marquery.index.strategies.block import Block
from marquery.index.strategies.columns import StoredColumn
from marquery.index.strategies.cutting import cut_part
from marquery.index.strategies.part_columns import COLUMNS, PART_KINDS, PARTS
from marquery.index.strategies.parts import without_words
from marquery.index.strategies.projection import Projection


class FigureSearch(Strategy[Float32Array]):
    """The highest cosine of the query's figure with any part that holds no writing. A prepared
    query is (Q, d).
    """

    name = "figure"
    label = "Figure only"
    compared = "figures without words"
    help = "the figures, without words"
    columns = COLUMNS
    scored_columns = (PARTS, PART_KINDS)
    candidates_from = (PARTS,)

    def pictures(self, logo: LogoAnalysis, box: Box | None) -> Sequence[Source]:
        """All segments that are no writing, cut out."""
        figure = without_words(logo.segmentation)
        return [cut_part(logo.pixels, logo.segmentation, figure) if figure else logo.pixels]

    def prepare(
        self, request: QueryRequest, vectors: Float32Array, projection: Projection
    ) -> Float32Array:
        """The embeddings, projected."""
        return projection(vectors)

    def score(self, block: Block, query: Float32Array) -> Float32Array:
        """Cosines, -1 to 1; -1 where a logo is all writing."""
        parts = block.column(PARTS)
        best: Float32Array = parts.best(query, block.column(PART_KINDS)).max(axis=0)
        return best

    def candidate_vectors(self, query: Float32Array, column: StoredColumn[Any]) -> Float32Array:
        """The query's."""
        return query

    def found_part(self, block: Block, index: int, query: Float32Array) -> int | None:
        """The nearest part that holds no writing."""
        return block.column(PARTS).nearest(index, query, block.column(PART_KINDS))
