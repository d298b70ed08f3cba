"""An embedding as a sum over the regions that its network averages over, divided among the pieces
that lie in them.
"""

import cv2
import numpy as np
from PIL import Image

from marquery.arrays import BoolArray, Float64Array
from marquery.encoder.lockup import Lockup
from marquery.explanation.partition import Piece
from marquery.explanation.views import View


def piece_shares(
    view: View, pieces: list[Piece], rows: int, columns: int, lockup: Lockup | None = None
) -> Float64Array:
    """How much of each region's footprint on the square each of k pieces covers, the background the
    rest.

    Args:
        view: what is explained.
        pieces: of it.
        rows, columns: of the regions.
        lockup: of the view, if the encoder sees its figure above its words.

    Returns:
        float64 (k + 1, rows, columns) in 0..1, the background last; 1 in every region when summed
        over pieces.
    """
    out = np.zeros((len(pieces) + 1, rows, columns))
    for share, piece in zip(out, pieces, strict=False):
        square = _on_square(np.isin(view.found.labels, piece.labels), lockup)
        share[:] = cv2.resize(square, (columns, rows), interpolation=cv2.INTER_AREA)
    out[-1] = 1 - out[:-1].sum(axis=0)
    return out


def _on_square(mask: BoolArray, lockup: Lockup | None) -> Float64Array:
    """Where the encoder sees what a mask covers, float64 (side, side) in 0..1."""
    height, width = mask.shape
    side = max(height, width)
    if lockup is not None:
        picture = Image.fromarray(mask.astype(np.uint8) * np.uint8(255))
        return np.asarray(lockup.square(picture, side, 0)).astype(np.float64) / 255
    square = np.zeros((side, side), np.float64)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = mask
    return square


def region_vectors(regions: Float64Array, shares: Float64Array) -> Float64Array:
    """Add up the regions' vectors (rows, columns, D) by the pieces' shares of them, to (k + 1,
    D).
    """
    out: Float64Array = np.einsum("kyx,yxd->kd", shares, regions)
    return out
