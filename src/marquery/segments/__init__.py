"""The parts of a logo: a label map with soft edges."""

from marquery.segments.grouping import Group, group_segments
from marquery.segments.segmentation import Segmentation, SoftEdges
from marquery.segments.segmenter import Mode, segment
from marquery.segments.settings import (
    EdgeSettings,
    GlyphSettings,
    GroupingSettings,
    NoiseSettings,
    SegmenterSettings,
)

__all__ = [
    "EdgeSettings",
    "GlyphSettings",
    "Group",
    "GroupingSettings",
    "Mode",
    "NoiseSettings",
    "Segmentation",
    "SegmenterSettings",
    "SoftEdges",
    "group_segments",
    "segment",
]
