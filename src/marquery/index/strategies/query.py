"""A query, prepared for the strategies of a search and scored by their weighted mean."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from marquery.arrays import BoolArray, Float32Array
from marquery.boxes import Box
from marquery.decoding import check_whole_size
from marquery.encoder import LogoEncoder
from marquery.encoder.sources import Source
from marquery.errors import UsageError
from marquery.images import ImageSource, load_logo
from marquery.index.strategies.analysis import LogoAnalysis
from marquery.index.strategies.base import QueryRequest, Strategy
from marquery.index.strategies.block import Block
from marquery.index.strategies.projection import Projection
from marquery.index.strategies.registry import all_strategies, get_strategy


class MixedQuery:
    """A query for one or several strategies.

    Args:
        weights: strategy -> weight; they add up to 1.
        prepared: strategy -> the query as it scores it.
    """

    def __init__(self, weights: Mapping[str, float], prepared: Mapping[str, Any]) -> None:
        self.weights = dict(weights)
        self.prepared = dict(prepared)

    @property
    def strategies(self) -> list[Strategy[Any]]:
        """Those that take part, in the order of the weights."""
        return [get_strategy(name) for name in self.weights]

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the table that scoring reads, beside the id."""
        needed = (c for s in self.strategies for c in s.columns)
        return tuple(sorted({name for c in needed for name in (c.reads or (c.name,))}))

    def score(self, block: Block) -> dict[str, Float32Array]:
        """(N,) scores of each strategy for N stored logos."""
        return {s.name: s.score(block, self.prepared[s.name]) for s in self.strategies}

    def mix(self, scores: Mapping[str, Float32Array]) -> Float32Array:
        """(N,) weighted mean of the strategies' scores."""
        total = sum(np.float32(w) * scores[name] for name, w in self.weights.items())
        return np.clip(np.asarray(total, np.float32), -1, 1)

    def findable(self, total: Float32Array) -> BoolArray | None:
        """(N,) which logos may be hits, None for all."""
        alone = self.strategies[0] if len(self.weights) == 1 else None
        return total > 0 if alone is not None and alone.finds_only_above_zero else None

    def found_part(self, block: Block, index: int) -> int | None:
        """The part of a stored logo that was found, 0 for the whole; None where parts were not
        compared.
        """
        for strategy in all_strategies():
            if strategy.name in self.prepared:
                part = strategy.found_part(block, index, self.prepared[strategy.name])
                if part is not None:
                    return part
        return None


def prepare_query(
    images: Sequence[ImageSource],
    weights: Mapping[str, float],
    encoder: LogoEncoder,
    projection: Projection,
    box: Box | None = None,
    words: str | None = None,
) -> MixedQuery:
    """Analyse the query's images and embed what the strategies need.

    Args:
        images: one or more of one mark.
        weights: see :func:`marquery.index.strategies.weights.parse_strategy`.
        encoder: of the index.
        projection: of the index.
        box: rectangle x, y, width, height in pixels of the only image.
        words: what to look for by words, instead of what can be read in the images.

    Raises:
        MarqueryError: words are to be read in an image, and there is no reader.
        ImageError: an image cannot be read, or is blank.
        UsageError: the rectangle is not within the image, or is given with several images.
    """
    if box is not None and len(images) != 1:
        raise UsageError(
            "part", f"is a rectangle of one image, and {len(images)} are given", "give one image"
        )
    pixels = [load_logo(source) for source in images]
    if box is not None and isinstance(images[0], str | os.PathLike):
        check_whole_size(pixels[0], images[0], "part")
    logos = [LogoAnalysis(image) for image in pixels]
    request = QueryRequest(logos, box, words)
    strategies = [get_strategy(name) for name in weights]
    pictures: list[list[Source]] = [
        [picture for logo in logos for picture in strategy.pictures(logo, box)]
        for strategy in strategies
    ]
    # One call of the encoder for all strategies.
    vectors = encoder.embed_squares([encoder.square(p) for some in pictures for p in some])
    prepared: dict[str, Any] = {}
    start = 0
    for strategy, some in zip(strategies, pictures, strict=True):
        own = vectors[start : start + len(some)]
        prepared[strategy.name] = strategy.prepare(request, own, projection)
        start += len(some)
    return MixedQuery(weights, prepared)
