"""Why two logos match: :func:`explain`."""

from collections.abc import Sequence
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
from marquery.explanation.similarity import compare
from marquery.explanation.views import View, nearest_view, rectangle_view, whole_view
from marquery.images import ImageSource, load_image

_METHODS = ("removal", "regions")


def explain(
    encoder: PictureEncoder,
    query: ImageSource,
    hit: ImageSource,
    *,
    part: Box | None = None,
    method: Method = "removal",
) -> Explanation:
    """Divide the cosine of two logos exactly among the parts of both, and say what is alike.

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

    Raises:
        ImageError: an image cannot be read.
        UsageError: the rectangle is not within the query, no such method, or ``"regions"`` with an
            encoder whose embedding is no sum over regions.
    """
    if method not in _METHODS:
        raise UsageError(
            "method", f"there is no method {method!r}", f"give one of {', '.join(_METHODS)}"
        )
    first, second = whole_view(query), whole_view(hit)
    if part is not None:
        first = rectangle_view(first, part)
        second = nearest_view(second, encoder.embed([first.full])[0], encoder)
    sides = [_side(encoder, view) for view in (first, second)]
    divide = _by_removal if method == "removal" else _by_regions
    (one, mine), (two, theirs) = divide(encoder, sides)
    pairs = mine @ theirs.T
    score = float(np.dot(one, two))
    return _explanation(sides, pairs, score, method)


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


def _explanation(
    sides: list[_Side], pairs: Float64Array, score: float, method: Method
) -> Explanation:
    first, second = sides
    weights = affinity(first.view, first.pieces, second.view, second.pieces)
    matched = match_pieces(pairs[:-1, :-1], weights)
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
        words=_words(parts, matches, shares, score),
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


def _words(
    parts: list[list[ExplainedPart]],
    matches: list[PartMatch],
    shares: list[Float64Array],
    score: float,
) -> list[str]:
    lines = []
    for match in matches:
        kinds = [next(p.kind for p in own if p.match == match.number) for own in parts]
        what = kinds[0] if kinds[0] == kinds[1] else f"{kinds[0]} and {kinds[1]}"
        lines.append(f"{match.number} {what}: {match.words}")
    for name, own in zip(("query", "hit"), parts, strict=True):
        alone = [part.kind for part in own if part.match is None]
        if alone:
            lines.append(f"only in the {name}: {_counted(alone)}")
    for name, terms in zip(("query", "hit"), shares, strict=True):
        if 0 < score < 2 * float(terms[-1]):
            lines.append(
                f"over half of the score is none of the {name}'s parts, but its background"
            )
    return lines


def _counted(kinds: Sequence[str]) -> str:
    """``["shape", "words", "shape"]`` as ``"2 shapes, words"``."""
    counts = {kind: kinds.count(kind) for kind in kinds}
    return ", ".join(
        kind if count == 1 or kind == "words" else f"{count} {kind}s"
        for kind, count in counts.items()
    )
