"""The segment operations as pure functions of an image, its segmentation and parameters.

Images are uint8 (H, W, 3); a new array is returned, the input is left as it was. Labels are those of the
:class:`~marquery.segments.Segmentation`. A segmentation stays valid for the result of :func:`recolor` and
:func:`exchange`, so several can be chained. Colour change, removal, rotation and scaling are those of Yavuz &
Kalkan, ICPR 2022, section 3.1; the others go beyond the paper.

What lies beneath a segment is the paint of the segment around it (``Segmentation.parent``): the background for
most, the badge for the letter in a badge.
"""

from marquery.arrays import Float32Array, UInt8Array
from marquery.augment.functional._degrade import degrade
from marquery.augment.functional._ground import gradient, reground, repaint_all, speckle
from marquery.augment.functional._move import (
    DIRECTIONS,
    Direction,
    duplicate,
    mirror,
    rotate,
    rotation,
    scale,
    share_outside,
    translate,
)
from marquery.augment.functional._paint import (
    Color,
    Style,
    exchange,
    recolor,
    remove,
    shown_after_removal,
)
from marquery.augment.functional._parts import cut_out
from marquery.augment.functional._place import (
    BADGE_SHAPES,
    BadgeShape,
    badge_mask,
    fitted,
    frame,
    ink_box,
    plain_border,
    warp,
)
from marquery.augment.functional._strokes import contour, thicken, thin
from marquery.augment.functional._swap import swap

__all__ = [
    "BADGE_SHAPES",
    "DIRECTIONS",
    "BadgeShape",
    "Color",
    "Direction",
    "Float32Array",
    "Style",
    "UInt8Array",
    "badge_mask",
    "contour",
    "cut_out",
    "degrade",
    "duplicate",
    "exchange",
    "fitted",
    "frame",
    "gradient",
    "ink_box",
    "mirror",
    "plain_border",
    "recolor",
    "reground",
    "remove",
    "repaint_all",
    "rotate",
    "rotation",
    "scale",
    "share_outside",
    "shown_after_removal",
    "speckle",
    "swap",
    "thicken",
    "thin",
    "translate",
    "warp",
]
