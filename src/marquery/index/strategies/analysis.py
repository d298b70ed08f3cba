"""A logo and what is derived from its picture, each computed when it is first asked for."""

from functools import cached_property

import numpy as np
from PIL import Image

from marquery.arrays import UInt8Array
from marquery.index.strategies.parts import Part, find_parts, shrink
from marquery.segments import Segmentation, segment


class LogoAnalysis:
    """One logo, of an index or of a query.

    Args:
        image: RGB, of any size.
    """

    def __init__(self, image: Image.Image) -> None:
        self.image = image

    @classmethod
    def of(cls, pixels: UInt8Array, found: Segmentation) -> "LogoAnalysis":
        """A picture that was shrunk and segmented already.

        Args:
            pixels: uint8 (H, W, 3), RGB.
            found: its segments, not grouped.
        """
        made = cls(Image.fromarray(pixels))
        made.__dict__.update(_shrunk=(pixels, 1.0), segmentation=found)
        return made

    @cached_property
    def _shrunk(self) -> tuple[UInt8Array, float]:
        return shrink(np.asarray(self.image))

    @property
    def pixels(self) -> UInt8Array:
        """uint8 (H, W, 3): the image at the size at which segments, parts and words are looked
        for.
        """
        return self._shrunk[0]

    @property
    def scale(self) -> float:
        """Pixels of :attr:`pixels` for one of :attr:`image`, at most 1."""
        return self._shrunk[1]

    @cached_property
    def segmentation(self) -> Segmentation:
        """Segments of :attr:`pixels`, not grouped."""
        return segment(self.pixels)

    @cached_property
    def parts(self) -> list[Part]:
        """Parts with boxes in :attr:`pixels`, the most telling first."""
        return find_parts(self.segmentation)
