"""The interface of an encoder, learnt or not, that search and evaluation use."""

from collections.abc import Sequence
from typing import Protocol

from marquery.arrays import Float32Array
from marquery.console import Progress
from marquery.images import ImageSource


class Embedder(Protocol):
    """Anything that turns images into L2-normalised vectors."""

    def embed(
        self, images: Sequence[ImageSource], *, progress: Progress | None = None
    ) -> Float32Array:
        """Embed images.

        Args:
            images: N images.
            progress: called with the number of images done since the last call.

        Returns:
            float32 (N, dim), rows of length 1.
        """
        ...
