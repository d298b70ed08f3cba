"""The parts of a logo: a label map with soft edges."""

from marquery.segments.grouping import Group, group_segments
from marquery.segments.segmentation import Fringe, Segmentation
from marquery.segments.segmenter import Mode, segment

__all__ = ["Fringe", "Group", "Mode", "Segmentation", "group_segments", "segment"]
