"""From an image to the square uint8 array that an encoder reads."""

import numpy as np
from PIL import Image

from marquery.encoder.lockup import find_lockup
from marquery.images import ImageSource, UInt8Array, border_color, load_image, pad_to_square


def to_square(
    source: ImageSource,
    side: int,
    stack_lockups: bool = False,
    like: ImageSource | None = None,
) -> UInt8Array:
    """Load a logo, centre it on a square of its own ground colour and resize.

    Padding, not squashing, keeps the proportions of wide logos.

    Args:
        source: see :func:`marquery.images.load_image`.
        side: of the square, in pixels.
        stack_lockups: set a figure beside words above them, see :mod:`marquery.encoder.lockup`.
        like: a picture of the same proportions that says where they are, instead of the logo itself.

    Returns:
        uint8 array of shape (side, side, 3), RGB.

    Raises:
        ImageError: the file cannot be read.
    """
    image = load_image(source)
    lockup = find_lockup(image if like is None else load_image(like)) if stack_lockups else None
    if lockup is not None:
        return np.asarray(lockup.square(image, side, border_color(np.asarray(image))))
    if max(image.size) > side:
        # Shrink first, pad after: padding a 1800 x 100 banner at full size would be the costly step.
        scale = side / max(image.size)
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
    image = pad_to_square(image)
    if image.size != (side, side):
        image = image.resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(image)
