"""Base of the transforms that need no segments: they act on the picture as it is."""

from typing import Any

from marquery.arrays import UInt8Array
from marquery.augment._base import SegmentTransform, split, to_pixels
from marquery.augment._draws import uniform
from marquery.augment.functional._kernels import shows_something
from marquery.segments import Segmentation


class WholeTransform(SegmentTransform):
    """A :class:`SegmentTransform` in all but the segments: the same kinds of input, the same draws per image.

    Subclasses draw in :meth:`draw_for` and apply in :meth:`change`.

    Args:
        p: probability that an image is changed, 0 to 1.

    Raises:
        UsageError: an option is out of range.
    """

    def __init__(self, p: float = 1.0) -> None:
        super().__init__(p)

    def draw_for(self, image: UInt8Array) -> dict[str, Any]:
        """Draw the parameters of one application to a uint8 (H, W, 3) image."""
        raise NotImplementedError

    def change(self, image: UInt8Array, params: dict[str, Any]) -> UInt8Array:
        """Apply drawn parameters; pure."""
        raise NotImplementedError

    def transform_image(self, image: UInt8Array) -> UInt8Array:
        """One random application to a uint8 (H, W, 3) image."""
        if self.p < 1 and uniform() >= self.p:
            return image
        out = self.change(image, self.draw_for(image))
        return out if shows_something(out) else image

    def transform_segmented(self, image: UInt8Array, segmentation: Segmentation) -> UInt8Array:
        """As :meth:`transform_image`; the segmentation is not looked at."""
        return self.transform_image(image)

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        """Draw parameters for the first image; a batch gets a list of them."""
        views = [to_pixels(image) for image in split(flat_inputs[0])] if flat_inputs else []
        drawn: list[dict[str, Any] | None] = []
        for pixels in views:
            left = self.p < 1 and uniform() >= self.p
            drawn.append(None if left else {"segmentation": None, **self.draw_for(pixels)})
        return {"drawn": drawn}

    def apply(
        self, image: UInt8Array, segmentation: Segmentation, params: dict[str, Any]
    ) -> UInt8Array:
        """As :meth:`change`."""
        return self.change(image, {k: v for k, v in params.items() if k != "segmentation"})
