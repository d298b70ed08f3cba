"""In words what two matched pieces have in common: shape, lettering, colour."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from marquery.arrays import Float32Array
from marquery.explanation.partition import Piece
from marquery.explanation.views import View
from marquery.index.strategies.palette import color_similarity, dominant_colors
from marquery.index.strategies.parts import Kind

# Overlap of masks, and similarity of palettes, from which something is called the same or similar.
# A disc and a square overlap by 0.8.
_SAME_SHAPE, _LIKE_SHAPE = 0.88, 0.68
_SAME_COLOR, _LIKE_COLOR = 0.85, 0.4
# Outlines are compared at this side, softened by this many of its pixels, so that a thin stroke
# that lies a little beside the other still overlaps.
_SIDE, _SOFT = 48, 1.5


@dataclass(frozen=True)
class PartSimilarity:
    """How similar two pieces look, independently of the encoder."""

    shape: float
    """0 to 1: overlap of their masks, brought to one size."""
    color: float
    """0 to 1: similarity of their colours."""

    def words(self, first: Kind, second: Kind) -> str:
        """Such as ``"same shape, other colours"``."""
        what = "lettering" if first == second == "words" else "shape"
        shape = _grade(self.shape, _SAME_SHAPE, _LIKE_SHAPE)
        return f"{shape} {what}, {_grade(self.color, _SAME_COLOR, _LIKE_COLOR)} colours"


def compare(first: View, one: Piece, second: View, other: Piece) -> PartSimilarity:
    """Compare a piece of one logo with a piece of another, by mask and by paint.

    Args:
        first, second: the views of the two logos.
        one, other: a piece of each.
    """
    a, b = _outline(first, one), _outline(second, other)
    overlap = float(np.minimum(a, b).sum() / max(float(np.maximum(a, b).sum()), 1e-9))
    colors = color_similarity(_palette(first, one), _palette(second, other)[None])
    return PartSimilarity(overlap, float(colors[0]))


def _grade(value: float, same: float, like: float) -> str:
    return "same" if value >= same else "similar" if value >= like else "other"


def _outline(view: View, piece: Piece) -> Float32Array:
    """Mask of the ink of a piece, cropped and centred on a square with its proportions kept."""
    mask = view.found.alpha(*ink(view, piece))
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    own = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = own.shape
    side = max(height, width)
    square = np.zeros((side, side), np.float32)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = own
    small = cv2.resize(square, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), _SOFT, borderType=cv2.BORDER_CONSTANT))


def _palette(view: View, piece: Piece) -> Float32Array:
    left_out = np.ones(view.found.count, np.bool_)
    left_out[np.array(ink(view, piece)) - 1] = False
    return dominant_colors(replace(view.found, is_hole=left_out))


def ink(view: View, piece: Piece) -> tuple[int, ...]:
    """Labels of a piece's segments without holes; all of them where the piece is a hole itself."""
    return tuple(k for k in piece.labels if not view.found.is_hole[k - 1]) or piece.labels
