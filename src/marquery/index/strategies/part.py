"""``part``: the query's parts, or a rectangle of it, with the wholes and parts of stored logos."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from marquery.arrays import Float32Array
from marquery.boxes import Box, check_box
from marquery.encoder.sources import Source
from marquery.index.strategies.analysis import LogoAnalysis
from marquery.index.strategies.base import QueryRequest, Strategy
from marquery.index.strategies.block import Block
from marquery.index.strategies.columns import StoredColumn
from marquery.index.strategies.cutting import cut_part
from marquery.index.strategies.part_columns import COLUMNS, PARTS
from marquery.index.strategies.parts import segments_in
from marquery.index.strategies.projection import Projection


class PartSearch(Strategy[Float32Array]):
    """The highest cosine of any part of the query with any part. A prepared query is (P, d)."""

    name = "part"
    label = "Parts"
    compared = "parts"
    help = "the query's parts, or its rectangle, with wholes and parts"
    columns = COLUMNS
    scored_columns = (PARTS,)
    candidates_from = (PARTS,)
    candidates_together = 300
    takes_box = True
    is_divisible = True

    def pictures(self, logo: LogoAnalysis, box: Box | None) -> Sequence[Source]:
        """The rectangle, or the whole query cut out and each of its parts."""
        if box is None:
            return PARTS.pictures(logo)
        x, y, width, height = box
        check_box(box, "part", logo.image.size)
        corners = [round(v * logo.scale) for v in (x, y, x + width, y + height)]
        inside = segments_in(logo.segmentation, *corners)
        if not inside:  # a piece of a segment: taken as it is seen
            full = np.asarray(logo.image)
            return [np.ascontiguousarray(full[y : y + height, x : x + width])]
        return [cut_part(logo.pixels, logo.segmentation, inside)]

    def prepare(
        self, request: QueryRequest, vectors: Float32Array, projection: Projection
    ) -> Float32Array:
        """The embeddings, projected."""
        return projection(vectors)

    def score(self, block: Block, query: Float32Array) -> Float32Array:
        """Cosines, -1 to 1."""
        best: Float32Array = block.column(PARTS).best(query).max(axis=0)
        return best

    def candidate_vectors(self, query: Float32Array, column: StoredColumn[Any]) -> Float32Array:
        """The query's."""
        return query

    def found_part(self, block: Block, index: int, query: Float32Array) -> int | None:
        """The nearest part."""
        return block.column(PARTS).nearest(index, query)
