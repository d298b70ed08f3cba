"""``overall``: the wholes, by the encoder's embedding."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from marquery.arrays import Float32Array
from marquery.boxes import Box
from marquery.calibration.chance import FalseAlarms
from marquery.encoder.sources import Source
from marquery.index.strategies.analysis import LogoAnalysis
from marquery.index.strategies.base import QueryRequest, SearchContext, Strategy
from marquery.index.strategies.block import Block
from marquery.index.strategies.columns import (
    StoredColumn,
    VectorSizes,
    fixed_lists,
    vectors_of,
)
from marquery.index.strategies.products import dot_products
from marquery.index.strategies.projection import Projection

# Weights of the query, of logos like it, and of logos unlike it, as is usual for Rocchio's
# feedback.
_QUERY, _LIKE, _UNLIKE = 1.0, 0.75, 0.25


class WholeVectors(StoredColumn[Float32Array]):
    """Embeddings of whole logos, float32 (N, D) of unit length."""

    name = "vector"
    order = 0
    approximate = True

    def field(self, sizes: VectorSizes) -> pa.Field:
        """float32, in full."""
        return pa.field(self.name, pa.list_(pa.float32(), sizes.whole))

    def pictures(self, logo: LogoAnalysis) -> Sequence[Source]:
        """The logo."""
        return [logo.image]

    def value(self, note: Any, vectors: Float32Array, projection: Projection) -> Any:
        """The embedding of the whole, (D,).

        Args:
            note: what was found in the logo.
            vectors: float32 (1 + P, D), embeddings of the logo and of its parts.
            projection: from D to d components.
        """
        return vectors[0]

    def to_arrow(self, values: Sequence[Any], field: pa.Field) -> pa.Array:
        """Lists of D values."""
        return fixed_lists(np.stack(values), np.float32)

    def load(self, stored: pa.Table) -> Float32Array:
        """(N, D)."""
        return vectors_of(stored[self.name])


VECTOR = WholeVectors()


class Overall(Strategy[Float32Array]):
    """The cosine of the embeddings. A prepared query is (Q, D)."""

    name = "overall"
    label = "Whole logo"
    compared = "whole logos"
    help = "the whole logos"
    columns = (VECTOR,)
    candidates_from = (VECTOR,)
    is_calibrated = True
    is_divisible = True
    takes_feedback = True

    def pictures(self, logo: LogoAnalysis, box: Box | None) -> Sequence[Source]:
        """The image."""
        return [logo.image]

    def prepare(
        self, request: QueryRequest, vectors: Float32Array, projection: Projection
    ) -> Float32Array:
        """The embeddings themselves."""
        return vectors

    def score(self, block: Block, query: Float32Array) -> Float32Array:
        """Cosines, -1 to 1."""
        best: Float32Array = dot_products(block.column(VECTOR), query).max(axis=0)
        return best

    def candidate_vectors(self, query: Float32Array, column: StoredColumn[Any]) -> Float32Array:
        """The query's."""
        return query

    def is_fitted(self, context: SearchContext) -> bool:
        """Whether the encoder was calibrated."""
        return context.calibration() is not None

    def false_alarms(self, context: SearchContext) -> FalseAlarms | None:
        """As the calibration has them."""
        known = context.calibration()
        return None if known is None else known.false_alarms

    def probability(
        self, block: Block, index: int, query: Float32Array, context: SearchContext
    ) -> float:
        """By the encoder's calibration.

        Args:
            block: stored columns of some logos.
            index: which of these logos.
            query: from :meth:`prepare`.
            context: of the index.
        """
        known = context.calibration()
        assert known is not None
        return float(known.probability(float((query @ block.column(VECTOR)[index]).max())))

    def with_feedback(
        self, query: Float32Array, like: Float32Array, unlike: Float32Array
    ) -> Float32Array:
        """One direction from all (J. Rocchio, Relevance feedback in information retrieval,
        1971).
        """
        known = next(v for v in (query, like, unlike) if len(v))
        mean = np.zeros(known.shape[1], np.float32)
        for vectors, weight in ((query, _QUERY), (like, _LIKE), (unlike, -_UNLIKE)):
            if len(vectors):
                mean += weight * vectors.mean(axis=0)
        return (mean / max(float(np.linalg.norm(mean)), 1e-12))[None].astype(np.float32)
