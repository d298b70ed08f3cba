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
    rough = np.zeros(len(places), np.bool_)
    if compressed is not None:
        rough[:] = True
        rough[[place for place, answer in zip(which, compressed, strict=True) if not answer]] = (
            False
        )
    different = [squares[which.index(place)] for place in range(len(places))]
    vectors = np.empty((len(places), encoder.dim), np.float32)
    for answer in (False, True):
        chosen = np.flatnonzero(rough == answer)
        if len(chosen):
            some = [different[place] for place in chosen]
            vectors[chosen] = encoder.embed_squares(some, compressed=answer)
    return vectors[np.array(which, np.int64)]
