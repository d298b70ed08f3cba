"""The parts of a logo: a label map with soft edges."""

from marquery.segments.segmentation import Fringe, Segmentation
from marquery.segments.segmenter import Mode, segment

__all__ = ["Fringe", "Mode", "Segmentation", "segment"]
