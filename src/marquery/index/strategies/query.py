"""What is looked for: strategies, their weights, and a query's vectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from marquery.boxes import Box, check_box
from marquery.encoder import LogoEncoder
from marquery.errors import MarqueryError, UsageError
from marquery.images import ImageSource, UInt8Array, load_image
from marquery.index.strategies.block import Block, Float32Array
from marquery.index.strategies.ocr import read_words, word_reader
from marquery.index.strategies.palette import dominant_colors
from marquery.index.strategies.parts import (
    cut_all,
    cut_part,
    find_parts,
    segments_in,
    shrink,
    without_words,
)
from marquery.index.strategies.projection import Projection
from marquery.index.strategies.silhouette import silhouette
from marquery.index.strategies.wording import plain
from marquery.segments import Segmentation, segment

BoolArray = npt.NDArray[np.bool_]

#: Ways to compare logos; a weighted mix of them is one, too.
STRATEGIES = ("overall", "part", "figure", "words", "color", "shape")
#: Columns of the table that each strategy reads.
COLUMNS_OF = {
    "overall": "vector",
    "part": "parts",
    "figure": "parts",
    "words": "words",
    "color": "colors",
    "shape": "shape",
}


@dataclass
class Query:
    """Vectors of a query, for the strategies asked for; several images give several of each."""

    weights: dict[str, float]
    """Strategy -> weight; they add up to 1."""
    overall: Float32Array | None = None
    """(Q, D)."""
    shape: Float32Array | None = None
    """(Q, d), projected."""
    part: Float32Array | None = None
    """(P, d), projected."""
    figure: Float32Array | None = None
    """(Q, d), projected."""
    colors: list[Float32Array] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    """Plain texts, see :func:`marquery.index.strategies.wording.plain`."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the table that scoring reads, beside the id."""
        names = {COLUMNS_OF[name] for name in self.weights}
        return tuple(sorted(names | ({"part_kinds"} if "parts" in names else set())))

    def score(self, block: Block) -> dict[str, Float32Array]:
        """(N,) scores of each strategy for N stored logos; of several images the best counts."""
        out: dict[str, Float32Array] = {}
        for name in self.weights:
            if name == "overall" and self.overall is not None:
                out[name] = (block.vector @ self.overall.T).max(axis=1)
            elif name == "shape" and self.shape is not None:
                out[name] = (block.shape.astype(np.float32, copy=False) @ self.shape.T).max(axis=1)
            elif name == "part" and self.part is not None:
                out[name] = block.best_parts(self.part).max(axis=0)
            elif name == "figure" and self.figure is not None:
                out[name] = block.best_parts(self.figure, block.no_figure).max(axis=0)
            elif name == "color":
                each = [block.palettes.similarity_to(colors) for colors in self.colors]
                out[name] = np.max(each, axis=0)
            elif name == "words":
                likeness = [block.texts.similarity_to(text) for text in self.words]
                out[name] = np.max([np.zeros(len(block), np.float32), *likeness], axis=0)
        return out

    def mix(self, scores: Mapping[str, Float32Array]) -> Float32Array:
        """(N,) weighted mean of the strategies' scores."""
        total = sum(np.float32(w) * scores[name] for name, w in self.weights.items())
        return np.clip(np.asarray(total, np.float32), -1, 1)

    def admits(self, total: Float32Array) -> BoolArray | None:
        """(N,) which logos may be hits, None for all: a search by words alone finds none without them."""
        return total > 0 if set(self.weights) == {"words"} else None

    def which_part(self, block: Block, index: int) -> int | None:
        """The part of a stored logo that was found, 0 for the whole; None where parts were not compared."""
        if self.part is not None:
            return block.which_part(index, self.part)
        if self.figure is not None:
            return block.which_part(index, self.figure, block.no_figure)
        return None


def parse_strategy(
    strategy: str | Mapping[str, float] | None, part: bool, words: bool = False
) -> dict[str, float]:
    """Weights of strategies, adding up to 1.

    Args:
        strategy: a name, ``"overall=1,color=0.5"``, or a mapping; None is ``part`` if a part is given, else
            ``overall``.
        part: whether a rectangle of the query is given.
        words: whether words to look for are given.

    Raises:
        UsageError: no such strategy, no weight above 0, or a rectangle or words that no strategy looks at.
    """
    if strategy is None:
        strategy = "part" if part else "overall"
    pairs = _pairs(strategy) if isinstance(strategy, str) else dict(strategy)
    for name, weight in pairs.items():
        if name not in STRATEGIES:
            raise UsageError(
                "strategy", f"{name!r} is not a strategy", f"choose among {', '.join(STRATEGIES)}"
            )
        if not (np.isfinite(weight) and weight >= 0):
            raise UsageError(
                "strategy", f"{name} has the weight {weight}", "give a finite number from 0"
            )
    weights = {name: weight for name, weight in pairs.items() if weight > 0}
    if not weights:
        raise UsageError(
            "strategy", "no strategy has a weight above 0", "give at least one a weight above 0"
        )
    if part and "part" not in weights:
        raise UsageError(
            "part",
            "a rectangle needs the strategy part",
            lambda name: f"add it to {name('strategy')}, or leave {name('strategy')} out",
        )
    if words and "words" not in weights:
        raise UsageError(
            "words",
            "looking for words needs the strategy words",
            "add it, such as overall=1,words=0.5",
        )
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def make_query(
    images: Sequence[ImageSource],
    weights: dict[str, float],
    encoder: LogoEncoder,
    projection: Projection,
    box: Box | None = None,
    words: str | None = None,
) -> Query:
    """Take the query's images apart and embed what the strategies need.

    Args:
        images: one or more of one mark.
        weights: see :func:`parse_strategy`.
        encoder: of the index.
        projection: of the index.
        box: rectangle x, y, width, height in pixels of the only image.
        words: what to look for by words, instead of what can be read in the images.

    Raises:
        MarqueryError: words are to be read in an image, and there is no reader.
        ImageError: an image cannot be read.
        UsageError: the rectangle is not within the image, or is given with several images.
    """
    if box is not None and len(images) != 1:
        raise UsageError(
            "part", f"is a rectangle of one image, and {len(images)} are given", "give one image"
        )
    pictures: dict[str, list[ImageSource]] = {name: [] for name in weights}
    query = Query(weights, words=[] if words is None else [plain(words)])
    for source in images:
        image = load_image(source)
        if "overall" in weights:
            pictures["overall"].append(image)
        if set(weights) <= ({"overall"} if words is None else {"overall", "words"}):
            continue
        pixels, scale = shrink(np.asarray(image))
        found = segment(pixels)
        if "shape" in weights:
            pictures["shape"].append(silhouette(found))
        if "figure" in weights:
            figure = without_words(found)
            pictures["figure"].append(cut_part(pixels, found, figure) if figure else pixels)
        if "part" in weights:
            pictures["part"] += _part_pictures(np.asarray(image), pixels, found, scale, box)
        if "words" in weights and words is None:
            query.words.append(plain(_read(pixels, found)))
        if "color" in weights:
            query.colors.append(dominant_colors(found))
    flat = [encoder.square(picture) for some in pictures.values() for picture in some]
    vectors = encoder.embed_squares(flat)
    at = 0
    for name, some in pictures.items():
        mine = vectors[at : at + len(some)]
        at += len(some)
        if name not in ("color", "words"):
            setattr(query, name, mine if name == "overall" else projection(mine))
    return query


def _read(pixels: UInt8Array, found: Segmentation) -> str:
    read = read_words(pixels, found)
    if read is None:
        raise MarqueryError(f"the query's words cannot be read: {word_reader()}")
    return read


def _part_pictures(
    full: UInt8Array, pixels: UInt8Array, found: Segmentation, scale: float, box: Box | None
) -> list[UInt8Array]:
    """What a search by parts looks for: the rectangle, or the whole query cut out and each of its parts."""
    if box is None:
        parts = [cut_part(pixels, found, part.labels) for part in find_parts(found)]
        return [cut_all(pixels, found), *parts]
    x, y, width, height = box
    check_box(box, "part", (full.shape[1], full.shape[0]))
    small = [round(v * scale) for v in (x, y, x + width, y + height)]
    inside = segments_in(found, small[0], small[1], small[2], small[3])
    if not inside:  # a piece of a segment: taken as it is seen
        return [np.ascontiguousarray(full[y : y + height, x : x + width])]
    return [cut_part(pixels, found, inside)]


def _pairs(text: str) -> dict[str, float]:
    pairs: dict[str, float] = {}
    for item in text.split(","):
        name, _, weight = item.partition("=")
        try:
            pairs[name.strip()] = float(weight) if weight else 1.0
        except ValueError as error:
            raise UsageError(
                "strategy",
                f"{weight!r} in {text!r} is no weight",
                "give a number from 0, such as overall=1,color=0.5",
            ) from error
    return pairs
