"""Silhouettes of a logo and of its parts, brought to one place and size so that they can be
compared.

A logo is looked at in several ways: as a whole, without its words, without the shape that it stands
on, part by part. Two logos that share a drawing have two of these views alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

from marquery.arrays import BoolArray, Float32Array, Float64Array, Int32Array, UInt8Array
from marquery.images import ImageSource, load_image
from marquery.segments import Segmentation, group_segments, segment
from marquery.visibility import DARK, WHITE

Kind = Literal["whole", "outline", "inner", "sign", "word", "part"]

#: Side of a view's mask in pixels.
SIDE = 48
# Longest side at which a logo is segmented, and the margin that is laid round it.
_WORKING_SIDE, _MARGIN = 256, 8
# Parts, and what is left of a logo without its words, have at least this share of its ink.
_LEAST_PART, _MOST_PARTS = 0.08, 8
# Masks that share so much of their joint area are one and the same part.
_SAME_PART = 0.95
# A backing: at most so many paints that hold so much of the edge of the hull, each at least so
# much, and the share of the hull that shows something else.
_BACKING_PAINTS, _BACKING_EDGE, _BACKING_PAINT_EDGE = 3, 0.75, 0.1
_MARK_SHARE = (0.03, 0.9)
_MOST_BACKINGS = 2
# A word: so many letters, so wide compared with the logo, and with its own height. What is wider
# than this as a whole has a word whether letters are told apart or not: script is joined.
_LETTERS, _WORD_WIDTH, _WORD_ASPECT, _WIDE_ASPECT = 3, 0.3, 1.8, 2.5
# Without its words a view has lost at least this share of its ink.
_LEAST_WORD = 0.03
# A part that fills so much of its convex hull is a plain disc or tile, which tells no logo from
# another.
_PLAIN = 0.95
# Placed by its mass, a mask has this standard deviation from its centre, in pixels.
_SPREAD = SIDE / 4.4


@dataclass(frozen=True)
class Silhouettes:
    """What is known of one logo's shape; V views, the whole first, none of an empty picture.

    Attributes:
        kinds: (V,) ``whole``: all its ink; ``outline``: that with holes filled; ``inner``: what
            stands on a backing shape, in whatever colour, be it a hole; ``sign``: a whole or an
            inner without its words; ``word``: the words alone; ``part``: one part.
        backings: int8 (V,), how many backing shapes have been taken away.
        masks: uint8 (V, 2, SIDE, SIDE), shares of 255: placed by the box, and by the mass.
        colors: uint8 (SIDE, SIDE, 3), the picture placed by the box of the whole.
        has_word: whether a run of letters was found, or the ink is as wide as only words are.
    """

    kinds: tuple[Kind, ...]
    backings: npt.NDArray[np.int8]
    masks: UInt8Array
    colors: UInt8Array
    has_word: bool


def silhouettes(image: ImageSource) -> Silhouettes:
    """The views of a logo.

    Raises:
        ImageError: a file cannot be read.
    """
    pixels = _with_margin(np.asarray(load_image(image)))
    found = segment(pixels)
    ink = _of_labels(found.labels, np.flatnonzero(~found.is_hole) + 1)
    area = int(ink.sum())
    if area == 0:
        nothing = np.zeros((0, 2, SIDE, SIDE), np.uint8)
        return Silhouettes((), np.zeros(0, np.int8), nothing, nothing[:0, 0], False)
    words = _words(found)
    spelt = bool(words.any())
    shown: list[tuple[Kind, int, BoolArray]] = [("whole", 0, ink)]
    for backings in range(1, _MOST_BACKINGS + 1):
        above = _standing_on_backing(found, shown[-1][2], backings == 1)
        if above is None:
            break
        shown.append(("inner", backings, above))
    if spelt:
        for _, backings, mask in list(shown):
            left = mask & ~words
            # Letters that are holes were not of the mask in the first place.
            if left.sum() >= _LEAST_PART * area and left.sum() < (1 - _LEAST_WORD) * mask.sum():
                shown.append(("sign", backings, left))
        shown.append(("word", 0, words))
    shown.append(("outline", 0, _filled(ink)))
    shown.extend(("part", 0, mask) for mask in _parts(found, ink, area))
    masks = np.stack([_placed(mask) for _, _, mask in shown])
    return Silhouettes(
        kinds=tuple(kind for kind, _, _ in shown),
        backings=np.array([backings for _, backings, _ in shown], np.int8),
        masks=masks,
        colors=_warp(pixels, _by_box(ink)),
        has_word=spelt or _aspect(ink) >= _WIDE_ASPECT,
    )


def agreements(views: UInt8Array) -> Float32Array:
    """How alike silhouettes are, each with each: the Tanimoto coefficient, better of the two
    placings.

    For masks without soft edges it is shared over joint area (IoU).

    Args:
        views: uint8 (V, 2, SIDE, SIDE).

    Returns:
        float32 (V, V), 0 to 1.
    """
    best = np.zeros((len(views), len(views)), np.float32)
    for placing in range(views.shape[1]):
        flat = views[:, placing].reshape(len(views), -1).astype(np.float32) / 255
        shared = flat @ flat.T
        own = np.diag(shared)
        joint = own[:, None] + own[None, :] - shared
        np.maximum(best, shared / np.maximum(joint, 1e-6), out=best)
    return best


def color_change(
    one: Silhouettes, two: Silhouettes, kind: Kind = "whole", levels: int = 48
) -> float:
    """Share of the area common to the views of a kind, placed by box, that differs by more than
    ``levels`` of 255.

    Args:
        one, two: the views of two logos.
        kind: which view.
        levels: difference in a channel, of 255, up to which two colours are the same.
    """
    both = (
        np.minimum(one.masks[one.kinds.index(kind), 0], two.masks[two.kinds.index(kind), 0]) > 230
    )
    if not both.any():
        return 1.0
    apart = np.abs(one.colors[both].astype(np.int16) - two.colors[both]).max(axis=1)
    return float((apart > levels).mean())


def _with_margin(pixels: UInt8Array) -> UInt8Array:
    """A small copy with an edge of the backdrop, so that a badge drawn to the very edges is seen as
    one.
    """
    height, width = pixels.shape[:2]
    factor = _WORKING_SIDE / max(height, width)
    if factor < 1:
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    corners = pixels[[0, 0, -1, -1], [0, -1, 0, -1]].astype(np.int16)
    dark = (np.abs(corners - DARK).max(axis=1) <= 6).sum() >= 3
    background = DARK if dark else WHITE
    edges = (_MARGIN, _MARGIN, _MARGIN, _MARGIN)
    return np.asarray(cv2.copyMakeBorder(pixels, *edges, cv2.BORDER_CONSTANT, value=background))


def _of_labels(labels: Int32Array, chosen: Any) -> BoolArray:
    table = np.zeros(int(labels.max()) + 1, np.bool_)
    table[np.asarray(chosen, np.intp)] = True
    return table[labels]


def _words(found: Segmentation) -> BoolArray:
    """Pixels of the words: runs of letters that are wide for the logo."""
    grouped = group_segments(found, "glyphs")
    inked = np.flatnonzero((found.labels > 0).any(axis=0))
    least = _WORD_WIDTH * (inked[-1] - inked[0] + 1)
    width = grouped.boxes[:, 3] - grouped.boxes[:, 1]
    tall = grouped.boxes[:, 2] - grouped.boxes[:, 0]
    wide = (width >= least) & (width >= _WORD_ASPECT * tall)
    letters = np.array([len(members) for members in grouped.members])
    return _of_labels(grouped.labels, np.flatnonzero(wide & (letters >= _LETTERS)) + 1)


def _standing_on_backing(
    found: Segmentation, shape: BoolArray, outermost: bool
) -> BoolArray | None:
    """What stands on the backing shape that ``shape`` is or has beneath it; None if there is none.

    A backing is one paint, or a few, that make up most of the edge of the convex hull: a disc, a
    tile, a shield. All that is seen within the hull and is not the ground stands on it, background
    that shows through too.
    """
    hull = _hull(shape)
    inside = cv2.erode(hull, np.ones((3, 3), np.uint8), iterations=3) > 0
    edge = (hull > 0) & ~inside
    held = np.bincount(found.labels[edge], minlength=found.count + 1) / max(int(edge.sum()), 1)
    if outermost:  # the background is no backing to itself, but a hole may lie beneath a mark
        held[0] = 0
        held[1:][found.is_hole] = 0
    paints = np.argsort(-held, kind="stable")[:_BACKING_PAINTS]
    paints = paints[held[paints] >= _BACKING_PAINT_EDGE]
    if held[paints].sum() < _BACKING_EDGE:
        return None
    # Background along the edge of the hull is a hair between outline and hull, no mark.
    mark = (hull > 0) & ~_of_labels(found.labels, paints) & (inside | (found.labels > 0))
    least, most = _MARK_SHARE
    return mark if least <= mark.sum() / hull.sum() <= most else None


def _hull(mask: BoolArray) -> UInt8Array:
    hull = np.zeros(mask.shape, np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(cv2.findNonZero(mask.astype(np.uint8))), 1)
    return hull


def _filled(ink: BoolArray) -> BoolArray:
    filled = np.zeros(ink.shape, np.uint8)
    contours, _ = cv2.findContours(ink.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(filled, contours, -1, 1, cv2.FILLED)
    return filled > 0


def _parts(found: Segmentation, ink: BoolArray, area: int) -> Iterator[BoolArray]:
    """Pieces of the ink, near groups, paints, and segments with what lies on them: the largest that
    are not plain.
    """
    least = _LEAST_PART * area
    candidates: list[tuple[int, Int32Array, Any]] = []
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    numbered = np.asarray(pieces, np.int32)
    candidates += [(int(stats[k, cv2.CC_STAT_AREA]), numbered, [k]) for k in range(1, count)]
    near = group_segments(found, "proximity")
    candidates += [(int(a), near.labels, [k]) for k, a in enumerate(near.area, 1)]
    paints = (found.colors >> 5).astype(np.int32) @ np.array([64, 8, 1])
    groups = [np.flatnonzero(paints == paint) + 1 for paint in np.unique(paints)]
    for k in np.flatnonzero((found.area >= least / 4) & ~found.is_hole) + 1:
        above = np.array(found.enclosed(int(k)))
        groups.append(above[~found.is_hole[above - 1]])
    candidates += [(int(found.area[g - 1].sum()), found.labels, g) for g in groups]
    yielded: list[BoolArray] = [ink]
    for size, labels, chosen in sorted(candidates, key=lambda c: -c[0]):
        if size < least or len(yielded) > _MOST_PARTS:
            return
        mask = _of_labels(labels, chosen)
        new = all((mask & m).sum() <= _SAME_PART * (mask | m).sum() for m in yielded)
        if new and mask.sum() < _PLAIN * _hull(mask).sum():
            yielded.append(mask)
            yield mask


def _placed(mask: BoolArray) -> UInt8Array:
    """uint8 (2, SIDE, SIDE): a mask placed by its box, and by its mass."""
    rows, columns = np.nonzero(mask)
    spread = max(float(np.sqrt(rows.var() + columns.var())), 0.3)
    by_mass = _matrix(_SPREAD / spread, columns.mean() + 0.5, rows.mean() + 0.5)
    shares = mask.astype(np.uint8) * np.uint8(255)
    return np.stack([_warp(shares, _by_box(mask)), _warp(shares, by_mass)])


def _by_box(mask: BoolArray) -> Float64Array:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    scale = (SIDE - 2) / max(bottom - top, right - left)
    return _matrix(scale, (left + right) / 2, (top + bottom) / 2)


def _aspect(mask: BoolArray) -> float:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return float((columns[-1] - columns[0] + 1) / (rows[-1] - rows[0] + 1))


def _matrix(scale: float, x: float, y: float) -> Float64Array:
    """Scales, and moves (x, y) to the centre; pixel centres lie at halves."""
    return np.array([[scale, 0, SIDE / 2 - scale * x], [0, scale, SIDE / 2 - scale * y]])


def _warp(values: UInt8Array, matrix: Float64Array) -> UInt8Array:
    scale = float(matrix[0, 0])
    if scale < 1:  # blurred first, or fine lines are missed between the samples
        values = np.asarray(cv2.GaussianBlur(values, (0, 0), 0.35 / scale), np.uint8)
    shift = matrix.copy()
    shift[:, 2] += scale / 2 - 0.5  # for OpenCV pixel centres are whole numbers
    return np.asarray(cv2.warpAffine(values, shift, (SIDE, SIDE), flags=cv2.INTER_LINEAR))
