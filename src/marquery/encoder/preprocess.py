"""From an image to the square uint8 array that an encoder reads."""

import numpy as np
from PIL import Image

from marquery.arrays import UInt8Array
from marquery.encoder.lockup import Lockup, find_lockup
from marquery.images import ImageSource, border_color, load_image, pad_to_square


def to_square(source: ImageSource, side: int, stack_lockups: bool = False) -> UInt8Array:
    """Load a logo, centre it on a square of its own background colour and resize.

    Padding, not squashing, keeps the proportions of wide logos.

    Args:
        source: see :func:`marquery.images.load_image`.
        side: of the square, in pixels.
        stack_lockups: set a figure beside words above them, see :mod:`marquery.encoder.lockup`.

    Returns:
        uint8 array of shape (side, side, 3), RGB.

    Raises:
        ImageError: the file cannot be read.
    """
    image = load_image(source)
    return arranged(image, side, find_lockup(image) if stack_lockups else None)


def arranged(image: Image.Image, side: int, lockup: Lockup | None) -> UInt8Array:
    """What :func:`to_square` makes of a picture with, or without, a lock-up in it.

    Args:
        image: RGB.
        side: of the square, in pixels.
        lockup: where the figure and the words lie, in this picture or in one of the same
            proportions.

    Returns:
        uint8 array of shape (side, side, 3), RGB.
    """
    if lockup is not None:
        return np.asarray(lockup.square(image, side, border_color(np.asarray(image))))
    if max(image.size) > side:
        # Shrink first, pad after: padding a 1800 x 100 banner at full size would be the costly
        # step.
        scale = side / max(image.size)
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
    image = pad_to_square(image)
    if image.size != (side, side):
        image = image.resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(image)
