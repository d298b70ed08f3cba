"""What search and evaluation ask of an encoder, learnt or not."""

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
        """(N, dim) float32 embeddings of N images; ``progress`` is called with the number of images done."""
        ...
