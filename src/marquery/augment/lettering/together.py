"""Setting a logo and other pieces together on a canvas."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from marquery.arrays import Float32Array, UInt8Array
from marquery.augment import functional as F
from marquery.augment.functional import Color
from marquery.augment.functional._kernels import paste

Side = Literal["below", "above", "right", "left"]
SIDES: tuple[Side, ...] = ("below", "above", "right", "left")


def painted(mask: Float32Array, color: Color) -> Float32Array:
    """A mask, float32 (h, w), as a cut-out of one colour: float32 (h, w, 4)."""
    out = np.empty((*mask.shape, 4), np.float32)
    out[..., :3] = mask[..., None] * np.array(color, np.float32)
    out[..., 3] = mask
    return out


def line_up(
    canvas: UInt8Array,
    pieces: Sequence[Float32Array],
    scales: Sequence[float],
    *,
    downwards: bool,
    gap: float,
    fill: float,
    align: float = 0.5,
) -> None:
    """Lay pieces on a canvas, below each other or side by side, as large as fits.

    Args:
        canvas: uint8 (H, W, 3), changed in place.
        pieces: cut-outs, float32 (h, w, 4), RGB times alpha, and alpha.
        scales: size of each relative to the others.
        downwards: below each other; else from left to right.
        gap: between two pieces, as a share of the shorter side of the first.
        fill: share of the canvas that all take up in length.
        align: where the shorter ones lie across: 0 at the start, 0.5 in the middle, 1 at the end.
    """
    height, width = canvas.shape[:2]
    tall = [p.shape[0] * s for p, s in zip(pieces, scales, strict=True)]
    wide = [p.shape[1] * s for p, s in zip(pieces, scales, strict=True)]
    space = gap * min(tall[0], wide[0])
    free = space * (len(pieces) - 1)
    total = (sum(tall) + free, max(wide)) if downwards else (max(tall), sum(wide) + free)
    scale = fill * min(height / total[0], width / total[1])
    top, left = (height - scale * total[0]) / 2, (width - scale * total[1]) / 2
    for piece, h, w in zip(pieces, tall, wide, strict=True):
        y, x = top, left
        if downwards:
            x += scale * (total[1] - w) * align
            top += scale * (h + space)
        else:
            y += scale * (total[0] - h) * align
            left += scale * (w + space)
        paste(canvas, F.fitted(piece, round(scale * h), round(scale * w)), round(y), round(x))
