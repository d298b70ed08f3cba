"""An encoder whose long jobs let short ones in between."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from marquery.encoder import LogoEncoder
from marquery.images import UInt8Array

# Pictures embedded before others have their turn: some tens of milliseconds.
_TURN = 16


class Turns:
    """Stands in for an encoder where many pictures are embedded; takes the lock for a few at a time.

    An explanation embeds up to 130 pictures, and a search that somebody waits for should not stand behind all
    of them. Engines take one job at a time, so that there has to be a lock.
    """

    def __init__(self, encoder: LogoEncoder, lock: threading.Lock) -> None:
        self._encoder = encoder
        self._lock = lock

    def embed(self, images: Sequence[Any], **options: Any) -> npt.NDArray[np.float32]:
        """See :meth:`LogoEncoder.embed`."""
        return self._in_turns(lambda some: self._encoder.embed(some, **options), images)

    def embed_squares(self, squares: Sequence[UInt8Array]) -> npt.NDArray[np.float32]:
        """See :meth:`LogoEncoder.embed_squares`."""
        return self._in_turns(self._encoder.embed_squares, squares)

    def _in_turns(
        self, embed: Callable[[Sequence[Any]], npt.NDArray[np.float32]], images: Sequence[Any]
    ) -> npt.NDArray[np.float32]:
        out = []
        for at in range(0, len(images), _TURN):
            with self._lock:
                out.append(embed(images[at : at + _TURN]))
        return np.concatenate(out)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)
