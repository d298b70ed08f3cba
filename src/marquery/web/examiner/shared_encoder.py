"""An encoder whose long jobs let short ones in between."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TypeVar

import numpy as np
from PIL import Image

from marquery.arrays import Float32Array, Float64Array, UInt8Array
from marquery.encoder import LogoEncoder
from marquery.encoder.engine_choice import EngineChoice
from marquery.encoder.lockup import Lockup
from marquery.images import ImageSource

Picture = TypeVar("Picture")
# Pictures embedded before others have their turn: some tens of milliseconds.
_TURN = 16


class SharedEncoder:
    """A :class:`marquery.explanation.PictureEncoder` that takes its turn for a few pictures at a
    time.

    An explanation embeds up to 130 pictures, and a search should not wait for all of them.
    The encoder itself can be used by several threads, but they would share the cores.
    """

    def __init__(self, encoder: LogoEncoder, computing: AbstractContextManager[object]) -> None:
        self._encoder = encoder
        self._computing = computing

    @property
    def image_size(self) -> int:
        """Pixels a side."""
        return self._encoder.image_size

    def lockup(self, image: Image.Image) -> Lockup | None:
        """See :meth:`LogoEncoder.lockup`."""
        return self._encoder.lockup(image)

    def embed(
        self, images: Sequence[ImageSource], *, engine: EngineChoice = "auto"
    ) -> Float32Array:
        """See :meth:`LogoEncoder.embed`."""
        return self._in_turns(lambda some: self._encoder.embed(some, engine=engine), images)

    def embed_squares(self, squares: Sequence[UInt8Array]) -> Float32Array:
        """See :meth:`LogoEncoder.embed_squares`."""
        return self._in_turns(self._encoder.embed_squares, squares)

    def regions(self, images: Sequence[ImageSource]) -> Float64Array:
        """See :meth:`LogoEncoder.regions`."""
        with self._computing:
            return self._encoder.regions(images)

    def _in_turns(
        self,
        embed: Callable[[Sequence[Picture]], Float32Array],
        images: Sequence[Picture],
    ) -> Float32Array:
        vectors = []
        for start in range(0, len(images), _TURN):
            with self._computing:
                vectors.append(embed(images[start : start + _TURN]))
        return np.concatenate(vectors)
