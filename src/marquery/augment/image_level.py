"""Image-level augmentation: what segment augmentation is measured against."""

from typing import Any

import numpy as np
import torch
from PIL import Image
from torchvision.transforms import v2

from marquery.augment._base import is_image_array, like, probability, to_pixels
from marquery.errors import UsageError
from marquery.images import pad_to_square


class PadToSquare(v2.Transform):  # type: ignore[misc]
    """Centre an image on a square of its own background colour, so that none is squashed."""

    _transformed_types = (torch.Tensor, Image.Image, is_image_array)

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        """Pad."""
        return like(inpt, np.asarray(pad_to_square(Image.fromarray(to_pixels(inpt)))))


class ImageLevel(v2.Transform):  # type: ignore[misc]
    """The paper's image-level baseline (ICPR 2022, its training code).

    Padded to a square of its background, resized, RandomResizedCrop, horizontal and vertical flip.
    In: PIL, uint8 numpy (H, W, 3) or uint8 tensor (3, H, W); the same kind out, ``size`` pixels
    square.

    Args:
        size: side of the result in pixels; the image is first resized to 256/224 of it.
        scale: least and most share of the area that a crop keeps.
        hflip, vflip: probabilities of the flips.

    Raises:
        UsageError: an option is out of range.
    """

    _transformed_types = (torch.Tensor, Image.Image, is_image_array)

    def __init__(
        self,
        size: int = 224,
        scale: tuple[float, float] = (0.08, 1.0),
        hflip: float = 0.7,
        vflip: float = 0.75,
    ) -> None:
        super().__init__()
        if size < 1:
            raise UsageError("size", f"{size!r} is less than 1 pixel", "give 1 pixel or more")
        if not 0 < scale[0] <= scale[1] <= 1:
            raise UsageError(
                "scale",
                f"{scale!r} is out of range",
                "give two shares above 0 and up to 1, least and most",
            )
        self.size = size
        self.scale = tuple(scale)
        self.hflip = probability("hflip", hflip)
        self.vflip = probability("vflip", vflip)
        self._steps = v2.Compose(
            [
                v2.Resize(round(size * 256 / 224), antialias=True),
                v2.RandomResizedCrop(size, scale=scale, antialias=True),
                v2.RandomHorizontalFlip(self.hflip),
                v2.RandomVerticalFlip(self.vflip),
            ]
        )

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        """Pad, resize, crop and flip."""
        square = pad_to_square(Image.fromarray(to_pixels(inpt)))
        return like(inpt, np.asarray(self._steps(square)))


class Photometric(v2.Transform):  # type: ignore[misc]
    """Strong photometric image-level baseline: colour jitter, channel shuffle, grey, inversion.

    Colour is the strongest cue that segment colour change removes; this removes it for the whole
    image at once, so the two can be compared. Same kind and size out.

    Args:
        strength: 0..1, scales brightness, contrast and saturation (up to ±80 %), and hue (up to
            ±half a turn).
        shuffle, grayscale, invert: probabilities of these steps.

    Raises:
        UsageError: an option is out of range.
    """

    _transformed_types = (torch.Tensor, Image.Image, is_image_array)

    def __init__(
        self,
        strength: float = 1.0,
        shuffle: float = 0.5,
        grayscale: float = 0.1,
        invert: float = 0.1,
    ) -> None:
        super().__init__()
        self.strength = probability("strength", strength)
        self.shuffle = probability("shuffle", shuffle)
        self.grayscale = probability("grayscale", grayscale)
        self.invert = probability("invert", invert)
        s = 0.8 * self.strength
        self._steps = v2.Compose(
            [
                v2.ColorJitter(s, s, s, 0.5 * self.strength),
                v2.RandomApply([v2.RandomChannelPermutation()], p=self.shuffle),
                v2.RandomGrayscale(self.grayscale),
                v2.RandomInvert(self.invert),
            ]
        )

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        """Change the colours of the whole image."""
        return like(inpt, np.asarray(self._steps(Image.fromarray(to_pixels(inpt)))))
