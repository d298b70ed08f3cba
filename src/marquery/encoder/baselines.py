"""Baselines without training that every table shows: tiny grey images and a perceptual hash."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from PIL import Image

from marquery.arrays import Float32Array, UInt8Array
from marquery.console import Progress
from marquery.encoder.preprocess import to_square
from marquery.encoder.threaded_map import map_images
from marquery.extras import need
from marquery.images import ImageSource, border_color

_LOAD_SIDE = 128


class _Baseline(ABC):
    """A fixed description of a logo, without anything learnt."""

    dim: int

    @abstractmethod
    def describe(self, pixels: UInt8Array) -> Float32Array:
        """A vector of length ``dim`` for the uint8 (S, S, 3) pixels of a padded logo."""

    def embed(
        self, images: Sequence[ImageSource], *, progress: Progress | None = None
    ) -> Float32Array:
        """Embeddings of images by the description.

        Args:
            images: path, ``PIL.Image``, uint8 array (H, W, 3), or bytes of an image file each.
            progress: called with the number of images done since the last call.

        Returns:
            float32 (N, dim), L2-normalised.

        Raises:
            ImageError: a file cannot be read.
        """
        out = np.zeros((len(images), self.dim), dtype=np.float32)
        described = map_images(images, lambda image: self.describe(to_square(image, _LOAD_SIDE)))
        for i, vector in enumerate(described):
            out[i] = vector
            if progress is not None:
                progress(1)
        # A picture of one even colour has no direction of its own: all such get the same one.
        norms = np.linalg.norm(out, axis=1, keepdims=True)
        out[norms[:, 0] == 0] = 1.0
        out /= np.linalg.norm(out, axis=1, keepdims=True)
        return out


class PixelBaseline(_Baseline):
    """Distance of the padded logo's pixels from its background colour, averaged to side x side.

    Distance from the background instead of brightness, and the mean subtracted: so a logo and its
    negative are alike, which brought validation mAP from .40 to .54 on openlogos. Compared by
    cosine.
    """

    def __init__(self, side: int = 16) -> None:
        self.side = side
        self.dim = side * side

    def describe(self, pixels: UInt8Array) -> Float32Array:
        """Distances from the background, less their mean: (side * side,)."""
        away = np.abs(pixels.astype(np.int16) - border_color(pixels)).max(axis=2)
        ink = Image.fromarray(away.astype(np.uint8))
        small = np.asarray(ink.resize((self.side, self.side), Image.Resampling.BOX), np.float32)
        centred: Float32Array = (small - small.mean()).ravel()
        return centred


class PerceptualHash(_Baseline):
    """DCT hash of 64 bits (``imagehash.phash``) as a vector of signs: cosine = 1 - Hamming / 32."""

    dim = 64

    def describe(self, pixels: UInt8Array) -> Float32Array:
        """Signs of the hash's bits: (64,)."""
        need("the perceptual hash", "imagehash")
        import imagehash  # it brings SciPy: a quarter of a second

        bits = imagehash.phash(Image.fromarray(pixels)).hash.ravel()
        return np.where(bits, 1.0, -1.0).astype(np.float32)
