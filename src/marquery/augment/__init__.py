"""Segment-level and logo-level augmentation, and the image-level baselines it is measured against."""

from marquery.augment import functional
from marquery.augment._base import LogoTransform, SegmentTransform
from marquery.augment.image_level import ImageLevel, PadToSquare, Photometric
from marquery.augment.logo_badge import LogoBadge
from marquery.augment.logo_canvas import Degrade, LogoFrame, LogoWarp
from marquery.augment.logo_colors import LogoGround, LogoInvert, LogoOutline
from marquery.augment.logo_wordmark import LogoWordmark
from marquery.augment.mix import RandomSegmentOp
from marquery.augment.move import (
    SegmentDuplicate,
    SegmentMirror,
    SegmentRotate,
    SegmentScale,
    SegmentTranslate,
)
from marquery.augment.paint import SegmentColor, SegmentExchange, SegmentRemove
from marquery.augment.registry import LOGO_OPERATIONS, SEGMENT_OPERATIONS
from marquery.augment.seeded import SeededDataset
from marquery.augment.swap import SegmentSwap

__all__ = [
    "LOGO_OPERATIONS",
    "SEGMENT_OPERATIONS",
    "Degrade",
    "ImageLevel",
    "LogoBadge",
    "LogoFrame",
    "LogoGround",
    "LogoInvert",
    "LogoOutline",
    "LogoTransform",
    "LogoWarp",
    "LogoWordmark",
    "PadToSquare",
    "Photometric",
    "RandomSegmentOp",
    "SeededDataset",
    "SegmentColor",
    "SegmentDuplicate",
    "SegmentExchange",
    "SegmentMirror",
    "SegmentRemove",
    "SegmentRotate",
    "SegmentScale",
    "SegmentSwap",
    "SegmentTransform",
    "SegmentTranslate",
    "functional",
]
