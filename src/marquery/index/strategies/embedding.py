"""The squares of a logo through the encoder, each different one once."""

from collections.abc import Sequence

import numpy as np

from marquery.arrays import Float32Array, UInt8Array
from marquery.encoder.square_encoder import SquareEncoder


def embed_once(
    encoder: SquareEncoder,
    squares: Sequence[UInt8Array],
    compressed: Sequence[bool] | None = None,
) -> Float32Array:
    """(P, D) embeddings of squares, each different one computed once: a logo of one part is that
    part, and black on white it is its own silhouette.

    Args:
        encoder: of the index.
        squares: P of them, see :meth:`SquareEncoder.embed_squares`.
        compressed: P answers whether the vector is compressed afterwards, see there; None: no. A
            square that is given with both answers is computed exactly.
    """
    places: dict[bytes, int] = {}
    which = [places.setdefault(square.tobytes(), len(places)) for square in squares]
    answers = [False] * len(squares) if compressed is None else compressed
    exact = {place for place, answer in zip(which, answers, strict=True) if not answer}
    vectors = np.empty((len(places), encoder.dim), np.float32)
    for some, answer in ((exact, False), (set(range(len(places))) - exact, True)):
        if chosen := sorted(some):
            different = [squares[which.index(place)] for place in chosen]
            vectors[chosen] = encoder.embed_squares(different, compressed=answer)
    return vectors[np.array(which, np.int64)]
