"""``color``: the dominant colours."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from marquery.arrays import Float32Array
from marquery.index.strategies.analysis import LogoAnalysis
from marquery.index.strategies.base import QueryRequest, Strategy
from marquery.index.strategies.block import Block
from marquery.index.strategies.columns import (
    StoredColumn,
    VectorSizes,
    fixed_lists,
    vectors_of,
)
from marquery.index.strategies.palette import COLORS, Palettes, dominant_colors
from marquery.index.strategies.projection import Projection

if TYPE_CHECKING:
    from marquery.index.likeness.evidence import Evidence
    from marquery.index.likeness.pair import PairFacts


class DominantColors(StoredColumn[Palettes]):
    """Five colours with their shares, see
    :func:`marquery.index.strategies.palette.dominant_colors`.
    """

    name = "colors"
    order = 30

    def field(self, sizes: VectorSizes) -> pa.Field:
        """20 values of float32."""
        return pa.field(self.name, pa.list_(pa.float32(), 4 * COLORS))

    def note(self, logo: LogoAnalysis) -> Any:
        """(20,)."""
        return dominant_colors(logo.segmentation).reshape(-1)

    def to_arrow(self, values: Sequence[Any], field: pa.Field) -> pa.Array:
        """Lists of 20 values."""
        return fixed_lists(np.stack(values), np.float32)

    def load(self, stored: pa.Table) -> Palettes:
        """As they are compared."""
        return Palettes(vectors_of(stored[self.name]).reshape(-1, COLORS, 4))


PALETTE = DominantColors()


class Color(Strategy[list[Float32Array]]):
    """How alike the colours are. A prepared query is a palette (5, 4) for each image."""

    name = "color"
    label = "Colours"
    compared = "colours"
    help = "the colours"
    columns = (PALETTE,)

    def prepare(
        self, request: QueryRequest, vectors: Float32Array, projection: Projection
    ) -> list[Float32Array]:
        """The colours of each image."""
        return [dominant_colors(logo.segmentation) for logo in request.logos]

    def score(self, block: Block, query: list[Float32Array]) -> Float32Array:
        """0 to 1."""
        palettes = block.column(PALETTE)
        best: Float32Array = np.max([palettes.similarity_to(colors) for colors in query], axis=0)
        return best

    def explain(self, pair: "PairFacts") -> "Evidence":
        """Two palettes with their differences."""
        from marquery.index.likeness.evidence import evidence_of_colors

        return evidence_of_colors(pair)
