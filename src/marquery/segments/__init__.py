"""The parts of a logo: a label map with soft edges."""

from marquery.segments.arrival_settings import (
    BandSettings,
    FormationSettings,
    PhotoSettings,
    RestoringSettings,
    SmallSettings,
)
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
    "BandSettings",
    "EdgeSettings",
    "FormationSettings",
    "GlyphSettings",
    "Group",
    "GroupingSettings",
    "Mode",
    "NoiseSettings",
    "PhotoSettings",
    "RestoringSettings",
    "Segmentation",
    "SegmenterSettings",
    "SmallSettings",
    "SoftEdges",
    "group_segments",
    "segment",
]
