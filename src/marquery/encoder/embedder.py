"""What search and evaluation ask of an encoder, learnt or not."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from marquery.encoder.loading import Progress
from marquery.images import ImageSource


class Embedder(Protocol):
    """Anything that turns images into L2-normalised vectors."""

    def embed(
        self, images: Sequence[ImageSource], progress: Progress | None = None
    ) -> npt.NDArray[np.float32]:
        """(N, dim) float32 embeddings of N images."""
        ...
