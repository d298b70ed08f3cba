"""What an explanation needs of an encoder."""

from collections.abc import Sequence
from typing import Protocol

from PIL import Image

from marquery.arrays import Float32Array, Float64Array, UInt8Array
from marquery.encoder.engine_choice import EngineChoice
from marquery.encoder.lockup import Lockup
from marquery.images import ImageSource


class PictureEncoder(Protocol):
    """The part of :class:`marquery.LogoEncoder` that :func:`marquery.explanation.explain` calls."""

    @property
    def image_size(self) -> int:
        """Pixels a side of what the network is given."""

    def lockup(self, image: Image.Image) -> Lockup | None:
        """Where figure and words are set one above the other first; None where the picture is taken
        as it is.
        """

    def embed(
        self, images: Sequence[ImageSource], *, engine: EngineChoice = "auto"
    ) -> Float32Array:
        """Embeddings, float32 (N, dim) with rows of length 1, of pictures."""

    def embed_squares(self, squares: Sequence[UInt8Array]) -> Float32Array:
        """The same of pictures uint8 (S, S, 3) that have the network's size already."""

    def regions(self, images: Sequence[ImageSource]) -> Float64Array:
        """The terms that the embeddings are sums of, float64 (N, h, w, dim)."""
