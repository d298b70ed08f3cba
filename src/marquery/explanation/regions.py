"""An embedding as a sum over the regions that its network averages over, handed to the pieces that lie in them."""

import cv2
import numpy as np
import numpy.typing as npt

from marquery.explanation.partition import Piece
from marquery.explanation.views import View

Float64Array = npt.NDArray[np.float64]


def piece_shares(view: View, pieces: list[Piece], rows: int, columns: int) -> Float64Array:
    """How much of each region's footprint on the padded square each of k pieces covers, the ground the rest.

    Returns:
        float64 (k + 1, rows, columns) in 0..1, the ground last; 1 in every region when summed over pieces.
    """
    height, width = view.found.shape
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    out = np.zeros((len(pieces) + 1, rows, columns))
    for share, piece in zip(out, pieces, strict=False):
        square = np.zeros((side, side), np.float64)
        square[top : top + height, left : left + width] = np.isin(view.found.labels, piece.labels)
        share[:] = cv2.resize(square, (columns, rows), interpolation=cv2.INTER_AREA)
    out[-1] = 1 - out[:-1].sum(axis=0)
    return out


def region_vectors(regions: Float64Array, shares: Float64Array) -> Float64Array:
    """Add up the regions' vectors (rows, columns, D) by the pieces' shares of them, to (k + 1, D)."""
    out: Float64Array = np.einsum("kyx,yxd->kd", shares, regions)
    return out
