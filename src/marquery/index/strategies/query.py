"""A query, prepared for the strategies of a search and scored by their weighted mean."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from marquery.arrays import BoolArray, Float32Array, Int64Array
from marquery.boxes import Box
from marquery.decoding import check_whole_size
from marquery.encoder import LogoEncoder
from marquery.encoder.sources import Source
from marquery.errors import UsageError
from marquery.images import ImageSource, load_logo
from marquery.index.strategies.analysis import LogoAnalysis
from marquery.index.strategies.base import QueryRequest, SearchContext, Strategy
from marquery.index.strategies.block import Block
from marquery.index.strategies.columns import StoredColumn
from marquery.index.strategies.embedding import embed_once
from marquery.index.strategies.projection import Projection
from marquery.index.strategies.registry import all_strategies, get_strategy
from marquery.index.strategies.turning import AS_GIVEN, TURNS, Turn, turned


@dataclass(frozen=True)
class View:
    """The query as given, or turned: strategy -> the query as it scores it."""

    turn: Turn
    prepared: dict[str, Any]


@dataclass(frozen=True)
class Scored:
    """N stored logos, scored."""

    total: Float32Array
    """(N,) weighted mean of the strategies' scores."""
    by_strategy: dict[str, Float32Array]
    """(N,) each."""
    view: Int64Array
    """(N,): which view of the query each was compared with, of several the most alike."""


class MixedQuery:
    """A query for one or several strategies.

    Args:
        weights: strategy -> weight; they add up to 1.
        views: of the query, at least one.
        context: of the index.
    """

    def __init__(
        self, weights: Mapping[str, float], views: Sequence[View], context: SearchContext
    ) -> None:
        self.weights = dict(weights)
        self.views = list(views)
        self.context = context
        #: A score is of two logos, not of a direction between several.
        self.is_of_pairs = True

    def forget_scores(self) -> None:
        """Give back the memory of what was found on the logos that were scored last."""
        for view in self.views:
            for strategy in self.strategies:
                strategy.forget_scores(view.prepared[strategy.name])

    @property
    def strategies(self) -> list[Strategy[Any]]:
        """Those that take part, in the order of the weights."""
        return [get_strategy(name) for name in self.weights]

    def columns(self, stored: frozenset[str]) -> tuple[str, ...]:
        """Columns of the table that scoring reads, beside the id.

        Args:
            stored: names of those that the table has.
        """
        needed: list[StoredColumn[Any]] = []
        for strategy in self.strategies:
            scored = strategy.scored_columns
            needed += strategy.columns if scored is None else scored
            needed += strategy.uses_if_there
        names = {name for c in needed for name in (c.reads or (c.name,))}
        return tuple(sorted(names & stored))

    def score(self, block: Block) -> Scored:
        """Scores of N stored logos."""
        every = [self._score_view(block, view) for view in self.views]
        if len(every) == 1:
            return every[0]
        best = np.stack([scored.total for scored in every]).argmax(axis=0)
        place = np.arange(len(block))

        def pick(arrays: Sequence[Float32Array]) -> Float32Array:
            picked: Float32Array = np.stack(arrays)[best, place]
            return picked

        names = self.weights
        return Scored(
            pick([scored.total for scored in every]),
            {name: pick([scored.by_strategy[name] for scored in every]) for name in names},
            best.astype(np.int64),
        )

    def findable(self, total: Float32Array) -> BoolArray | None:
        """(N,) which logos may be hits, None for all."""
        alone = self.strategies[0] if len(self.weights) == 1 else None
        return total > 0 if alone is not None and alone.finds_only_above_zero else None

    def found_part(self, block: Block, index: int, view: int) -> int | None:
        """The part of a stored logo that was found, 0 for the whole; None where parts were not
        compared.

        Args:
            block: of stored logos.
            index: which of them.
            view: of the query that it was compared with.
        """
        prepared = self.views[view].prepared
        for strategy in all_strategies():
            if strategy.name in prepared:
                part = strategy.found_part(block, index, prepared[strategy.name])
                if part is not None:
                    return part
        return None

    def reasons(self, block: Block, index: int, view: int) -> dict[str, float]:
        """By evidence its share of what speaks for a stored logo; empty where no strategy tells.

        Args:
            block: of stored logos.
            index: which of them.
            view: of the query that it was compared with.
        """
        prepared = self.views[view].prepared
        for strategy in self.strategies:
            if found := strategy.reasons(block, index, prepared[strategy.name]):
                return dict(found)
        return {}

    def words_by(self, block: Block, index: int, view: int) -> str:
        """Which words of a stored logo are like the query's, see :meth:`Strategy.words_by`.

        Args:
            block: of stored logos.
            index: which of them.
            view: of the query that it was compared with.
        """
        prepared = self.views[view].prepared
        told = (s.words_by(block, index, prepared[s.name]) for s in self.strategies)
        return next(filter(None, told), "")

    def probability(self, block: Block, index: int, view: int) -> float | None:
        """That a stored logo is of the query's mark, by the first strategy that can tell.

        Args:
            block: of stored logos.
            index: which of them.
            view: of the query that it was compared with.
        """
        for strategy in self.strategies if self.is_of_pairs else ():
            if strategy.is_calibrated and strategy.is_fitted(self.context):
                prepared = self.views[view].prepared[strategy.name]
                return strategy.probability(block, index, prepared, self.context)
        return None

    def by_chance(self, probability: float | None, logos: int) -> float | None:
        """How many logos of other marks are expected to be as alike as a hit.

        Args:
            probability: of the hit, by :meth:`probability`.
            logos: how many are searched.
        """
        if probability is None:
            return None
        for strategy in self.strategies:
            if strategy.is_calibrated and strategy.is_fitted(self.context):
                known = strategy.false_alarms(self.context)
                return None if known is None else known.expected(probability, logos)
        return None

    def _score_view(self, block: Block, view: View) -> Scored:
        scores = {s.name: s.score(block, view.prepared[s.name]) for s in self.strategies}
        total = sum(np.float32(w) * scores[name] for name, w in self.weights.items())
        return Scored(
            np.clip(np.asarray(total, np.float32), -1, 1), scores, np.zeros(len(block), np.int64)
        )


def prepare_query(
    images: Sequence[ImageSource],
    weights: Mapping[str, float],
    encoder: LogoEncoder,
    projection: Projection,
    box: Box | None = None,
    words: str | None = None,
    *,
    any_turn: bool = False,
    context: SearchContext | None = None,
) -> MixedQuery:
    """Analyse the query's images and embed what the strategies need.

    Args:
        images: one or more of one mark.
        weights: see :func:`marquery.index.strategies.weights.parse_strategy`.
        encoder: of the index.
        projection: of the index.
        box: rectangle x, y, width, height in pixels of the only image.
        words: what to look for by words, instead of what can be read in the images.
        any_turn: look for the query turned and mirrored, too.
        context: of the index.

    Raises:
        MarqueryError: words are to be read in an image, and there is no reader.
        ImageError: an image cannot be read, or is blank.
        UsageError: the rectangle is not within the image, or is given with several images, or there
            is nothing to turn.
    """
    if box is not None and len(images) != 1:
        raise UsageError(
            "part", f"is a rectangle of one image, and {len(images)} are given", "give one image"
        )
    if any_turn and (box is not None or not images):
        raise UsageError(
            "turned",
            "turns whole images, and " + ("none is given" if box is None else "a part is given"),
            "give an image alone",
        )
    pixels = [load_logo(source) for source in images]
    if box is not None and isinstance(images[0], str | os.PathLike):
        check_whole_size(pixels[0], images[0], "part")
    known = context or SearchContext()
    views = []
    for turn in TURNS if any_turn else (AS_GIVEN,):
        logos = [LogoAnalysis(turned(image, turn)) for image in pixels]
        request = QueryRequest(logos, box, words, known)
        views.append(View(turn, _prepare(request, weights, encoder, projection)))
    return MixedQuery(weights, views, known)


def _prepare(
    request: QueryRequest,
    weights: Mapping[str, float],
    encoder: LogoEncoder,
    projection: Projection,
) -> dict[str, Any]:
    strategies = [get_strategy(name) for name in weights]
    pictures: list[list[Source]] = [
        [picture for logo in request.logos for picture in strategy.pictures(logo, request.box)]
        for strategy in strategies
    ]
    # One call of the encoder for all strategies.
    vectors = embed_once(encoder, [encoder.square(p) for some in pictures for p in some])
    prepared: dict[str, Any] = {}
    start = 0
    for strategy, some in zip(strategies, pictures, strict=True):
        own = vectors[start : start + len(some)]
        prepared[strategy.name] = strategy.prepare(request, own, projection)
        start += len(some)
    return prepared
