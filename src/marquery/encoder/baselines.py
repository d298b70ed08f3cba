"""The simple rivals that every table shows: tiny grey pixels and a perceptual hash."""

from collections.abc import Callable, Sequence

import imagehash
import numpy as np
import numpy.typing as npt
from PIL import Image

from marquery.encoder.loading import Progress, map_images
from marquery.encoder.preprocess import to_square
from marquery.images import ImageSource, UInt8Array, border_color

_LOAD_SIDE = 128


class PixelBaseline:
    """Grey pixels of the padded logo, area-averaged to side x side, as distance from its ground colour.

    Distance from the ground instead of brightness, and the mean taken away: so a logo and its negative are
    alike, which brought validation mAP from .40 to .54 on openlogos. Compared by cosine.
    """

    def __init__(self, side: int = 16) -> None:
        self.side = side
        self.dim = side * side

    def embed(
        self, images: Sequence[ImageSource], progress: Progress | None = None
    ) -> npt.NDArray[np.float32]:
        """Embeddings of shape (N, side * side), float32, L2-normalised.

        Raises:
            ImageError: a file cannot be read.
        """

        def describe(pixels: UInt8Array) -> npt.NDArray[np.float32]:
            away = np.abs(pixels.astype(np.int16) - border_color(pixels)).max(axis=2)
            ink = Image.fromarray(away.astype(np.uint8))
            small = np.asarray(ink.resize((self.side, self.side), Image.Resampling.BOX), np.float32)
            centred: npt.NDArray[np.float32] = (small - small.mean()).ravel()
            return centred

        return _describe_all(images, describe, self.dim, progress)


class PerceptualHash:
    """DCT hash of 64 bits (``imagehash.phash``) as a vector of signs: cosine = 1 - Hamming / 32."""

    dim = 64

    def embed(
        self, images: Sequence[ImageSource], progress: Progress | None = None
    ) -> npt.NDArray[np.float32]:
        """Embeddings of shape (N, 64), float32, L2-normalised.

        Raises:
            ImageError: a file cannot be read.
        """

        def describe(pixels: UInt8Array) -> npt.NDArray[np.float32]:
            bits = imagehash.phash(Image.fromarray(pixels)).hash.ravel()
            return np.where(bits, 1.0, -1.0).astype(np.float32)

        return _describe_all(images, describe, self.dim, progress)


def _describe_all(
    images: Sequence[ImageSource],
    describe: Callable[[UInt8Array], npt.NDArray[np.float32]],
    dim: int,
    progress: Progress | None,
) -> npt.NDArray[np.float32]:
    out = np.zeros((len(images), dim), dtype=np.float32)
    described = map_images(images, lambda image: describe(to_square(image, _LOAD_SIDE)))
    for i, vector in enumerate(described):
        out[i] = vector
        if progress is not None:
            progress(1)
    # A picture of one even colour has no direction of its own: all such get the same one.
    norms = np.linalg.norm(out, axis=1, keepdims=True)
    out[norms[:, 0] == 0] = 1.0
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    return out
