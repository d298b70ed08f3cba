"""Setting words beside a logo, around it, or as a sign at its corner."""

from typing import Any

import numpy as np

from marquery.arrays import Float32Array, UInt8Array
from marquery.augment import functional as F
from marquery.augment.functional._kernels import paste
from marquery.augment.functional._place import stamp
from marquery.augment.lettering.lines import around, line_mask, stacked
from marquery.augment.lettering.together import line_up, painted

# However long the words, the logo stays a good part of the whole.
_LONGEST = 2.2


def set_beside(
    out: UInt8Array, part: Float32Array, masks: list[Float32Array], params: dict[str, Any]
) -> None:
    """Lines of words on one side of the logo.

    Args:
        out: uint8 (H, W, 3) of the background's colour; changed in place.
        part: float32 (h, w, 4), the logo, RGB times alpha, and alpha.
        masks: float32 (h, w), a line each.
        params: as the transform draws them.
    """
    arrangement = params["arrangement"]
    downwards = arrangement in ("below", "above")
    align = 0.5 if downwards or params["align"] == "middle" else float(arrangement == "left")
    block = stacked(masks, params["shares"][: len(masks)], params["line_gap"], align)
    if params["sign"]:
        block = _signed(block, params["sign"])
    tall, wide = part.shape[:2]
    share = params["size"] * tall / masks[0].shape[0]
    if downwards:
        share = min(params["width"] * wide / block.shape[1], 1.2 * share)
    share = min(share, _LONGEST * max(wide, tall) / block.shape[1])
    pieces, scales = [part, painted(block, params["color"])], [1.0, share]
    if arrangement in ("above", "left"):
        pieces.reverse()
        scales.reverse()
    gap = params["gap"] * min(tall, wide) / min(pieces[0].shape[0], pieces[0].shape[1]) / scales[0]
    line_up(out, pieces, scales, downwards=downwards, gap=gap, fill=params["fill"])


def _signed(block: Float32Array, sign: str) -> Float32Array:
    """A block with a small ® or ™ at its upper right."""
    mark = line_mask(sign, "")
    side = max(round(0.22 * min(block.shape[0], 80)), 6)
    mark = F.fitted(mark[..., None], side, round(side * mark.shape[1] / mark.shape[0]))
    mark = mark.reshape(side, -1)
    space = max(side // 4, 1)
    height = max(block.shape[0], side)
    wider = np.zeros((height, block.shape[1] + space + mark.shape[1]), np.float32)
    wider[: block.shape[0], : block.shape[1]] = block
    wider[:side, block.shape[1] + space :] = mark
    return wider


def set_sign(
    out: UInt8Array, part: Float32Array, form: Float32Array, params: dict[str, Any]
) -> None:
    """The logo nearly as it was, with a small sign or legal form at its corner.

    Args:
        out: uint8 (H, W, 3) of the background's colour; changed in place.
        part: float32 (h, w, 4), the logo, RGB times alpha, and alpha.
        form: float32 (h, w), the legal form; not used where there is a sign.
        params: as the transform draws them.
    """
    sign = params["sign"]
    mask = line_mask(sign, "") if sign else form
    tall, wide = part.shape[:2]
    height = (0.12 if sign else 0.16) * tall
    scale = min(height / mask.shape[0], 0.6 * wide / mask.shape[1])
    pieces = [part, painted(mask, params["color"])]
    line_up(
        *(out, pieces, [1.0, scale]),
        downwards=not sign,
        gap=0.04 if sign else params["gap"] / 2,
        fill=params["fill"],
        align=0.0 if sign else 1.0,
    )


def set_around(
    out: UInt8Array, part: Float32Array, masks: list[Float32Array], params: dict[str, Any]
) -> None:
    """Words around the logo: the first line above, the second below.

    Args:
        out: uint8 (H, W, 3) of the background's colour; changed in place.
        part: float32 (h, w, 4), the logo, RGB times alpha, and alpha.
        masks: float32 (h, w), a line each.
        params: as the transform draws them.
    """
    height, width = out.shape[:2]
    radius = params["fill"] * min(height, width) / 2
    band = radius * (0.2 + 0.12 * min(params["size"], 1.0))
    letters = 0.62 * band
    if params["arrangement"] == "badge":
        rim, line = np.array(params["rim"], np.float32), max(0.02 * radius, 1.0)
        canvas = (height, width)
        stamp(out, F.badge_mask("disc", canvas, 2 * radius), rim, 0, 0)
        if not params["solid"]:
            ground = np.array(params["inner"], np.float32)
            stamp(out, F.badge_mask("disc", canvas, 2 * (radius - line)), ground, 0, 0)
            stamp(out, F.badge_mask("disc", canvas, 2 * (radius - band)), rim, 0, 0)
            band += line
        inner = np.array(params["inner"], np.float32)
        stamp(out, F.badge_mask("disc", canvas, 2 * (radius - band)), inner, 0, 0)
    for mask, below in zip(masks[:2], (False, True), strict=False):
        start = radius - band + (band - letters) / 2
        bent = around(mask, (height, width), start, letters, below=below)
        stamp(out, bent, np.array(params["color"], np.float32), 0, 0)
    room = 1.3 * (radius - band)
    share = room / max(part.shape[:2])
    if max(part.shape[:2]) < 1.2 * min(part.shape[:2]):
        share *= 1.05
    piece = F.fitted(part, round(part.shape[0] * share), round(part.shape[1] * share))
    paste(out, piece, (height - piece.shape[0]) // 2, (width - piece.shape[1]) // 2)
