"""Segment-level augmentation, and the image-level baselines it is measured against."""

from marquery.augment import functional
from marquery.augment._base import SegmentTransform
from marquery.augment.image_level import ImageLevel, PadToSquare, Photometric
from marquery.augment.transforms import (
    RandomSegmentOp,
    SegmentColor,
    SegmentRemove,
    SegmentRotate,
    SegmentScale,
)

__all__ = [
    "ImageLevel",
    "PadToSquare",
    "Photometric",
    "RandomSegmentOp",
    "SegmentColor",
    "SegmentRemove",
    "SegmentRotate",
    "SegmentScale",
    "SegmentTransform",
    "functional",
]
