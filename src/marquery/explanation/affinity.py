"""How well a piece of one logo corresponds to one of another by shape and by position,
independently of the encoder.
"""

import cv2
import numpy as np

from marquery.arrays import Float32Array, Float64Array
from marquery.explanation.partition import Piece
from marquery.explanation.similarity import ink
from marquery.explanation.views import View
from marquery.index.likeness.mask import centre_of

# Shapes are compared on squares of this side, centred and scaled to this root mean square radius,
# and softened, so that thin strokes that lie a little beside each other still overlap.
_SIDE, _RADIUS, _SOFT = 48, 11.0, 1.5
# Rotations of a shape that are tried; a rotated match counts a little less than an upright one.
_ANGLES, _TURNED = range(0, 360, 15), 0.9
# Distance, in parts of the logo's longer side, at which the similarity of two positions has fallen
# to 1/e.
_REACH = 0.5


def affinity(first: View, pieces: list[Piece], second: View, others: list[Piece]) -> Float64Array:
    """1 to 3 for k pieces and m others, (k, m): 1 + similarity of shape + similarity of position.

    Shape does not depend on size or position, and hardly on rotation: it is the overlap of the
    centred masks, at the best of 24 angles. Positions are centres within the box around all pieces
    of a logo.

    Args:
        first, second: the views of the two logos.
        pieces, others: their pieces.
    """
    shapes = _shapes(first, pieces, second, others)
    apart = _places(first, pieces)[:, None] - _places(second, others)[None]
    near = np.exp(-(apart**2).sum(axis=2) / _REACH**2)
    out: Float64Array = 1 + shapes + near
    return out


def _shapes(first: View, pieces: list[Piece], second: View, others: list[Piece]) -> Float64Array:
    out = np.zeros((len(pieces), len(others)))
    standing = [_outlines(second, other, (0,))[0] for other in others]
    for i, piece in enumerate(pieces):
        turned = _outlines(first, piece, _ANGLES)
        for j, other in enumerate(standing):
            common = np.minimum(turned, other).sum(axis=(1, 2))
            overlap = common / np.maximum(np.maximum(turned, other).sum(axis=(1, 2)), 1e-9)
            out[i, j] = max(overlap[0], _TURNED * overlap.max())
    return out


def _outlines(view: View, piece: Piece, angles: "range | tuple[int, ...]") -> Float32Array:
    """(angles, side, side): the mask of a piece about its centre, at one size, turned by each angle
    in degrees.
    """
    mask = np.isin(view.found.labels, ink(view, piece)).astype(np.float32)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    mask = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    _, spread = centre_of(mask)
    scale = _RADIUS / max(spread, 0.5)
    if scale < 1:  # averaged, since a turn samples, and would step over a thin line
        size = (max(1, round(mask.shape[1] * scale)), max(1, round(mask.shape[0] * scale)))
        mask, scale = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA)), 1.0
    (cy, cx), _ = centre_of(mask)
    out = np.empty((len(angles), _SIDE, _SIDE), np.float32)
    for turned, angle in zip(out, angles, strict=True):
        matrix = np.asarray(cv2.getRotationMatrix2D((cx, cy), angle, scale), np.float64)
        matrix[:, 2] += (_SIDE - 1) / 2 - np.array((cx, cy))
        drawn = cv2.warpAffine(mask, matrix, (_SIDE, _SIDE), flags=cv2.INTER_LINEAR)
        turned[:] = cv2.GaussianBlur(drawn, (0, 0), _SOFT, borderType=cv2.BORDER_CONSTANT)
    return out


def _places(view: View, pieces: list[Piece]) -> Float64Array:
    """(k, 2): centres of pieces, from the centre of the box around all, in parts of its longer
    side.
    """
    masks = [np.isin(view.found.labels, ink(view, piece)) for piece in pieces]
    if not masks:
        return np.zeros((0, 2))
    rows, columns = np.nonzero(np.logical_or.reduce(masks))
    low = np.array((rows.min(), columns.min()))
    high = np.array((rows.max(), columns.max())) + 1
    centres = np.array([np.argwhere(mask).mean(axis=0) + 0.5 for mask in masks])
    out: Float64Array = (centres - (low + high) / 2) / (high - low).max()
    return out
