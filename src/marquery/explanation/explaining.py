"""Why two logos match: :func:`explain`."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image

from marquery.arrays import Float32Array, Float64Array
from marquery.boxes import Box
from marquery.encoder.lockup import Lockup
from marquery.encoder.preprocess import arranged
from marquery.errors import UsageError
from marquery.explanation.affinity import affinity
from marquery.explanation.matching import match_pieces
from marquery.explanation.partition import Piece, partition
from marquery.explanation.picture_encoder import PictureEncoder
from marquery.explanation.regions import piece_shares, region_vectors
from marquery.explanation.removal import shapley_vectors, subset_pictures
from marquery.explanation.result import ExplainedPart, Explanation, Method, PartMatch
from marquery.explanation.similarity import compare, ink
from marquery.explanation.views import View, nearest_view, rectangle_view, whole_view
from marquery.images import ImageSource, load_image
from marquery.index.likeness.evidence import Evidence
from marquery.index.likeness.logo import LogoFacts, OutlinePart
from marquery.index.likeness.outline import Silhouette
from marquery.index.likeness.pair import PairFacts
from marquery.index.strategies.analysis import LogoAnalysis
from marquery.index.strategies.parts import Kind
from marquery.index.strategies.registry import get_strategy
from marquery.index.strategies.weights import parse_strategy

_METHODS = ("removal", "regions")
# Overlap and shared edges of outlines under which two pieces are unlike.
_ALIKE, _MET = 0.7, 0.6


def explain(
    encoder: PictureEncoder,
    query: ImageSource,
    hit: ImageSource,
    *,
    part: Box | None = None,
    method: Method = "removal",
    strategy: str | Mapping[str, float] | None = None,
    words: str | None = None,
    hit_words: str | None = None,
    register_words: str | None = None,
) -> Explanation:
    """Say what is alike in two logos and what is not, by what a search compared.

    Each strategy shows its own evidence: outlines laid on each other, two palettes with their
    differences, two texts with the letters in common, parts that go together. Where the score is
    the cosine of two pictures (whole logos, or a rectangle), it is divided exactly among the parts,
    too.

    Each embedding is written as a sum of vectors, one for each part and one for the background, so
    the cosine is a sum over pairs of parts. How an embedding is divided is the method:

    - ``"removal"``: the parts' Shapley values, from the embeddings of the logo with every choice of
      its parts painted over (2^k pictures for k parts, k at most 6). For any encoder.
    - ``"regions"``: the terms that average pooling sums over, each divided among the parts by the
      area they cover in its footprint. One picture a logo, for encoders with average pooling. Less
      faithful: what a term reacts to is wider than its footprint.

    Args:
        encoder: what the logos were compared with.
        query, hit: paths, ``PIL.Image`` or uint8 arrays (H, W, 3).
        part: rectangle x, y, width, height in pixels of the query. Then what it holds is compared
            with that part of the hit, or the whole hit, that is nearest, as a search by parts does.
        method: see above.
        strategy: what was compared, as :meth:`marquery.LogoIndex.search` takes it; None: the whole
            logos, or the rectangle.
        words: what was looked for instead of the words that are read in the query.
        hit_words: what is known to be written in the hit; None: it is read.
        register_words: what a register says are the hit's words, which a search compares, too.

    Raises:
        ImageError: an image cannot be read.
        UsageError: the rectangle is not within the query, no such method or strategy, or
            ``"regions"`` with an encoder whose embedding is no sum over regions.
    """
    if method not in _METHODS:
        raise UsageError(
            "method", f"there is no method {method!r}", f"give one of {', '.join(_METHODS)}"
        )
    chosen = parse_strategy(strategy or ("part" if part is not None else "overall"))
    first, second = whole_view(query), whole_view(hit)
    if part is not None:
        first = rectangle_view(first, part)
        second = nearest_view(second, encoder.embed([first.full])[0], encoder)
    pair = PairFacts(_facts(first, words), _facts(second, hit_words), register_words)
    evidence = {name: get_strategy(name).explain(pair) for name in chosen}
    (leading, *others) = chosen
    # Parts have a cosine of their own only where a rectangle says which.
    divisible = not others and get_strategy(leading).is_divisible
    if not divisible or (get_strategy(leading).takes_box and part is None):
        return _undivided(first, second, pair, evidence)
    sides = [_side(encoder, view) for view in (first, second)]
    divide = _by_removal if method == "removal" else _by_regions
    (one, mine), (two, theirs) = divide(encoder, sides)
    pairs = mine @ theirs.T
    score = float(np.dot(one, two))
    return _explanation(sides, pairs, score, method, evidence)


def _facts(view: View, words: str | None) -> LogoFacts:
    return LogoFacts(LogoAnalysis.of(view.picture, view.found), words)


@dataclass(frozen=True)
class _Side:
    """One of the two logos."""

    view: View
    pieces: list[Piece]
    lockup: Lockup | None


def _side(encoder: PictureEncoder, view: View) -> _Side:
    return _Side(view, partition(view.found), encoder.lockup(load_image(view.full)))


# Of one logo: embedding (D,), and the vectors that add up to it (k + 1, D), the background last.
_Divided = tuple[Float32Array, Float64Array]


def _by_removal(encoder: PictureEncoder, sides: list[_Side]) -> list[_Divided]:
    subsets = [subset_pictures(side.view, side.pieces) for side in sides]
    squares = []
    for side, some in zip(sides, subsets, strict=True):
        # Arranged as the whole logo is: a part that goes must not move the others.
        pictures = [*map(Image.fromarray, some), load_image(side.view.full)]
        squares += [arranged(picture, encoder.image_size, side.lockup) for picture in pictures]
    vectors = encoder.embed_squares(squares)
    cut = len(subsets[0]) + 1
    return [(own[-1], shapley_vectors(own)) for own in (vectors[:cut], vectors[cut:])]


def _by_regions(encoder: PictureEncoder, sides: list[_Side]) -> list[_Divided]:
    pictures = [side.view.full for side in sides]
    terms = encoder.regions(pictures)
    vectors = encoder.embed(pictures, engine="pytorch")  # what the terms were computed with
    out = []
    for side, vector, own in zip(sides, vectors, terms, strict=True):
        rows, columns = own.shape[:2]
        shares = piece_shares(side.view, side.pieces, rows, columns, side.lockup)
        out.append((vector, region_vectors(own, shares)))
    return out


def _undivided(
    first: View, second: View, pair: PairFacts, evidence: Mapping[str, Evidence]
) -> Explanation:
    """Parts that are alike by their outlines, without shares."""
    shown = any(one.shows_parts for one in evidence.values())
    parts: tuple[list[ExplainedPart], list[ExplainedPart]] = ([], [])
    matches = []
    for number, found in enumerate(pair.outlines if shown else (), start=1):
        pieces = [_piece(part) for part in (found.first, found.second)]
        for view, piece, own in zip((first, second), pieces, parts, strict=True):
            mask = view.mask(piece.labels)
            own.append(ExplainedPart(piece.kind, view.box(mask), None, number, mask))
        similarity = compare(first, pieces[0], second, pieces[1])
        told = similarity.words(pieces[0].kind, pieces[1].kind)
        matches.append(PartMatch(number, None, found.alignment.overlap, similarity.color, told))
    return Explanation(
        score=None,
        residual=None,
        method=None,
        query_parts=parts[0],
        hit_parts=parts[1],
        query_background=None,
        hit_background=None,
        matches=matches,
        words=_sentences(evidence),
        evidence=dict(evidence),
        pairs=np.zeros((0, 0)),
        query_image=first.whole,
        hit_image=second.whole,
    )


def _piece(part: OutlinePart) -> Piece:
    kind: Kind = "words" if part.what == "words" else "figure"
    return Piece(kind if len(part.labels) > 1 else "shape", part.labels)


def _sentences(evidence: Mapping[str, Evidence]) -> list[str]:
    """Of all strategies, each sentence once."""
    return list(dict.fromkeys(line for one in evidence.values() for line in one.sentences))


def _explanation(
    sides: list[_Side],
    pairs: Float64Array,
    score: float,
    method: Method,
    evidence: Mapping[str, Evidence],
) -> Explanation:
    first, second = sides
    weights = affinity(first.view, first.pieces, second.view, second.pieces)
    matched = [
        (i, j)
        for i, j in match_pieces(pairs[:-1, :-1], weights)
        if _are_alike(first, first.pieces[i], second, second.pieces[j])
    ]
    matches = []
    for number, (i, j) in enumerate(matched, start=1):
        one, other = first.pieces[i], second.pieces[j]
        similarity = compare(first.view, one, second.view, other)
        words = similarity.words(one.kind, other.kind)
        matches.append(
            PartMatch(number, float(pairs[i, j]), similarity.shape, similarity.color, words)
        )
    shares = [pairs.sum(axis=1), pairs.sum(axis=0)]
    parts = [
        _parts(side, own, {pair[which]: n for n, pair in enumerate(matched, start=1)})
        for which, (side, own) in enumerate(zip(sides, shares, strict=True))
    ]
    return Explanation(
        score=score,
        residual=score - float(pairs.sum()),
        method=method,
        query_parts=parts[0],
        hit_parts=parts[1],
        query_background=float(shares[0][-1]),
        hit_background=float(shares[1][-1]),
        matches=matches,
        words=_sentences(evidence),
        evidence=dict(evidence),
        pairs=pairs,
        query_image=first.view.whole,
        hit_image=second.view.whole,
    )


def _parts(side: _Side, shares: Float64Array, numbers: dict[int, int]) -> list[ExplainedPart]:
    out = []
    for index, piece in enumerate(side.pieces):
        mask = side.view.mask(piece.labels)
        out.append(
            ExplainedPart(
                piece.kind, side.view.box(mask), float(shares[index]), numbers.get(index), mask
            )
        )
    return out


def _are_alike(first: _Side, one: Piece, second: _Side, other: Piece) -> bool:
    """Whether two pieces look alike: parts with unlike outlines are never paired."""
    masks = [
        np.isin(side.view.found.labels, ink(side.view, piece))
        for side, piece in ((first, one), (second, other))
    ]
    laid = Silhouette(masks[0]).laid_on(Silhouette(masks[1]))
    return laid.overlap >= _ALIKE and laid.edges >= _MET
