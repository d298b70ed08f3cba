"""LogoBadge: a logo on a coloured shape."""

from typing import Any

import numpy as np

from marquery.arrays import UInt8Array
from marquery.augment import functional as F
from marquery.augment._base import LogoTransform, interval, probability
from marquery.augment._mono import mono_paints, mono_weights
from marquery.augment._palette import (
    WHITE,
    apart,
    ink_for,
    levels,
    melted,
    one_of,
    plain_color,
    some_of,
    stands_free,
)
from marquery.augment._random import Range, uniform
from marquery.augment.functional import BADGE_SHAPES, BadgeShape, Color
from marquery.augment.functional._kernels import paste
from marquery.augment.functional._place import stamp
from marquery.augment.subject import Subject
from marquery.segments import Segmentation

# How much of a shape's height a square logo may fill without crossing its edge.
_ROOM = {"disc": 0.8, "rounded": 0.95, "square": 1.0, "ring": 0.72, "shield": 0.72}
# Share of the ink that may melt into the badge before it is repainted.
_LOST = 0.15


class LogoBadge(LogoTransform):
    """Put the logo on a coloured disc, tile, ring or shield, as app icons and badges do.

    Everything but the background is cut out, made to fit, and laid on the shape; a logo that would
    not show on it becomes white or another plain colour. A picture that fills its frame is laid on
    as it is.

    Args:
        shapes: what is drawn from, each as likely; ``"ring"`` is a rim around a free background.
        size: least and most height of the shape, as a share of the shorter side.
        fill: least and most size of the logo, as a share of the room in the shape.
        mono: probability that the logo is repainted in one colour although it shows.
        white: probability that the background around the shape is white.
        contrast: levels of 255 between logo and shape, and between shape and background.
        p: see :class:`LogoTransform`.

    Raises:
        UsageError: an option is out of range.
    """

    def __init__(
        self,
        shapes: tuple[BadgeShape, ...] = BADGE_SHAPES,
        size: Range = (0.8, 1.0),
        fill: Range = (0.6, 0.95),
        mono: float = 0.3,
        white: float = 0.7,
        contrast: float = 72,
        p: float = 1.0,
    ) -> None:
        super().__init__(p)
        self.shapes = some_of("shapes", shapes, BADGE_SHAPES)
        self.size = interval("size", size, 0.1, 1)
        self.fill = interval("fill", fill, 0.1, 1)
        self.mono = probability("mono", mono)
        self.white = probability("white", white)
        self.contrast = levels("contrast", contrast)

    def make_params(self, flat_inputs: list[Subject]) -> dict[str, Any]:
        """Shape, sizes in pixels, colours, and the logo's paints if it gets new ones."""
        segmentation = flat_inputs[0].segmentation
        shape = one_of(self.shapes)
        side = uniform(*self.size) * min(segmentation.shape)
        background: Color = WHITE if uniform() < self.white else plain_color()
        color = ink_for(background, self.contrast)
        below = background if shape == "ring" else color
        again = uniform() < self.mono or melted(segmentation, below, self.contrast) > _LOST
        paints = None
        if again and stands_free(segmentation):
            ink = _ink(below, self.contrast)
            paints = mono_paints(mono_weights(segmentation), ink, below)
        return {
            "shape": shape,
            "side": side,
            "room": side * _ROOM[shape] * uniform(*self.fill),
            "background": background,
            "color": color,
            "paints": paints,
        }

    def transform(self, inpt: Subject, params: dict[str, Any]) -> UInt8Array:
        """Draw the badge and the logo on it; an empty picture stays one."""
        image, segmentation = inpt.pixels, inpt.segmentation
        if not segmentation.count:
            return image
        height, width = segmentation.shape
        out = np.empty_like(image)
        out[:] = params["background"]
        mask = F.badge_mask(params["shape"], (height, width), params["side"])
        stamp(out, mask, np.array(params["color"], np.float32), 0, 0)
        if params["paints"] is not None:
            image = F.repaint_all(image, segmentation, params["paints"])
        part = whole_cut_out(image, segmentation)
        # As long as a square's diagonal allows; long logos may go nearer to the edge than square
        # ones.
        longest = max(part.shape[:2])
        share = params["room"] / longest
        part = F.fitted(part, round(part.shape[0] * share), round(part.shape[1] * share))
        top, left = ((a - b) // 2 for a, b in zip((height, width), part.shape[:2], strict=True))
        if params["shape"] == "shield":
            top -= round(0.05 * params["side"])
        paste(out, part, top, left)
        return out


def whole_cut_out(image: UInt8Array, segmentation: Segmentation) -> F.Float32Array:
    """The logo without background and holes, cut to its box.

    float32 (h, w, 4): RGB times alpha, and alpha.

    A picture that fills its frame, or one without ink, comes out whole.
    """
    names = (np.flatnonzero(~segmentation.is_hole) + 1).tolist()
    if not names or not stands_free(segmentation):
        opaque = np.full((*image.shape[:2], 1), 1, np.float32)
        return np.concatenate([image.astype(np.float32), opaque], axis=2)
    return F.cut_out(image, segmentation, names)[0]


def _ink(below: Color, contrast: float) -> Color:
    if uniform() < 0.6 and float(apart(WHITE, below)) >= contrast:
        return WHITE
    return ink_for(below, contrast)
