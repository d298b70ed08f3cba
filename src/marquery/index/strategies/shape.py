"""``shape``: logos without their colours, by the embedding of the silhouette."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from marquery.arrays import AnyArray, Float32Array
from marquery.boxes import Box
from marquery.encoder.sources import Source
from marquery.index.strategies.analysis import LogoAnalysis
from marquery.index.strategies.base import QueryRequest, Strategy
from marquery.index.strategies.block import Block
from marquery.index.strategies.columns import (
    StoredColumn,
    VectorSizes,
    fixed_lists,
    vectors_of,
    widened,
)
from marquery.index.strategies.products import dot_products
from marquery.index.strategies.projection import Projection
from marquery.index.strategies.silhouette import silhouette

if TYPE_CHECKING:
    from marquery.index.likeness.evidence import Evidence
    from marquery.index.likeness.pair import PairFacts


class SilhouetteVectors(StoredColumn[AnyArray]):
    """Embeddings of silhouettes, projected, (N, d) of unit length, float32 or float16."""

    name = "shape"
    order = 10
    compresses = True

    def field(self, sizes: VectorSizes) -> pa.Field:
        """float16."""
        return pa.field(self.name, pa.list_(pa.float16(), sizes.projected))

    def pictures(self, logo: LogoAnalysis) -> Sequence[Source]:
        """The silhouette."""
        return [silhouette(logo.segmentation)]

    def value(self, note: Any, vectors: Float32Array, projection: Projection) -> Any:
        """(d,)."""
        return projection(vectors)[0]

    def to_arrow(self, values: Sequence[Any], field: pa.Field) -> pa.Array:
        """Lists of d values."""
        return fixed_lists(np.stack(values), np.float16)

    def load(self, stored: pa.Table) -> AnyArray:
        """(N, d)."""
        return widened(vectors_of(stored[self.name]))


SHAPE = SilhouetteVectors()


class Shape(Strategy[Float32Array]):
    """The cosine of the silhouettes' embeddings. A prepared query is (Q, d)."""

    name = "shape"
    label = "Shape only"
    compared = "silhouettes"
    help = "the shapes, without colours"
    columns = (SHAPE,)
    compares_all = True

    def pictures(self, logo: LogoAnalysis, box: Box | None) -> Sequence[Source]:
        """The silhouette."""
        return [silhouette(logo.segmentation)]

    def prepare(
        self, request: QueryRequest, vectors: Float32Array, projection: Projection
    ) -> Float32Array:
        """The embeddings, projected."""
        return projection(vectors)

    def score(self, block: Block, query: Float32Array) -> Float32Array:
        """Cosines, -1 to 1."""
        best: Float32Array = dot_products(block.column(SHAPE), query).max(axis=0)
        return best

    def explain(self, pair: "PairFacts") -> "Evidence":
        """Two silhouettes laid on each other."""
        from marquery.index.likeness.evidence import evidence_of_silhouettes

        return evidence_of_silhouettes(pair)
