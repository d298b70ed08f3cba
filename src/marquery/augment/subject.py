"""A logo on its way through transforms: pixels, and segments when they are first asked for."""

from functools import cached_property

from marquery.arrays import UInt8Array
from marquery.segments import Group, Segmentation, group_segments, segment


class Subject:
    """One logo: its pixels, and its segments, found once and only when a transform asks for them.

    Args:
        pixels: uint8 (H, W, 3).
        segmentation: of these pixels, where it is at hand.
    """

    def __init__(self, pixels: UInt8Array, segmentation: Segmentation | None = None) -> None:
        self.pixels = pixels
        self._given = segmentation
        self._grouped: dict[Group, Segmentation] = {}

    @cached_property
    def segmentation(self) -> Segmentation:
        """Segments of :attr:`pixels`."""
        return segment(self.pixels) if self._given is None else self._given

    def parts(self, group: Group | None) -> Segmentation:
        """The segments; with a ``group``, see :func:`marquery.segments.group_segments`."""
        if group is None:
            return self.segmentation
        if group not in self._grouped:
            self._grouped[group] = group_segments(self.segmentation, group)
        return self._grouped[group]
