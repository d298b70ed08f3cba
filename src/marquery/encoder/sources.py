"""What can be embedded: paths, encoded bytes, pictures, arrays, or all of a folder."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from marquery.arrays import UInt8Array
from marquery.encoder.preprocess import to_square
from marquery.images import ImageSource, decode_image, find_images

#: One image; bytes are those of an image file of any known format.
Source = ImageSource | bytes


def as_sequence(images: Sequence[Source] | Source) -> Sequence[Source]:
    """Many images from whatever was given: one image, a folder, an array of images, or a sequence.

    Args:
        images: a folder stands for the image files below it, in the order of
            :func:`marquery.images.find_images`; a uint8 array (N, H, W, 3) for N images.
    """
    if isinstance(images, np.ndarray):
        return list(images) if images.ndim == 4 else [images]
    if isinstance(images, (str, os.PathLike)):
        return list(find_images(images)) if Path(images).is_dir() else [images]
    if isinstance(images, (bytes, Image.Image)):
        return [images]
    return images


def square_of(source: Source, side: int, stack_lockups: bool = False) -> UInt8Array:
    """The square that an encoder sees, uint8 (side, side, 3), from any one source.

    Args:
        source: see :data:`Source`.
        side: of the square, in pixels.
        stack_lockups: see :func:`marquery.encoder.preprocess.to_square`.

    Raises:
        ImageError: it cannot be read, or is over the limits of :class:`marquery.images.Limits`.
    """
    image = decode_image(source) if isinstance(source, bytes) else source
    return to_square(image, side, stack_lockups)
