"""An embedding as a sum over pieces, by what their removal does to it: vector-valued Shapley
values.
"""

from math import factorial

import numpy as np

from marquery.arrays import Float32Array, Float64Array, UInt8Array
from marquery.augment.functional import remove
from marquery.explanation.partition import Piece
from marquery.explanation.views import View


def subset_pictures(view: View, pieces: list[Piece]) -> list[UInt8Array]:
    """The logo with every choice of its k pieces: 2^k pictures, piece i there if bit i of the place
    is set.

    All but the last, which is the logo itself.
    """
    everything = range(2 ** len(pieces) - 1)
    gone = (
        [label for i, piece in enumerate(pieces) if not chosen >> i & 1 for label in piece.labels]
        for chosen in everything
    )
    return [remove(view.picture, view.found, labels) for labels in gone]


def shapley_vectors(vectors: Float32Array) -> Float64Array:
    """Divide an embedding among k pieces and the background they lie on.

    With u(S) the embedding of the logo with the pieces S only, piece i gets the mean, over all
    orders in which the pieces may be added, of what u changes by when i comes: sum over S without i
    of |S|! (k - |S| - 1)! / k! (u(S + i) - u(S)); the background gets u(nothing). All of it adds up
    to u(everything) (Shapley 1953, for vectors; a cosine with any other vector is divided in the
    same way).

    Args:
        vectors: (2^k, D); row s holds u of the pieces whose bit is set in s.

    Returns:
        float64 (k + 1, D), the background last.
    """
    k = len(vectors).bit_length() - 1
    sets = np.arange(2**k)
    sizes = np.array([int(s).bit_count() for s in sets])
    weight = np.array(
        [factorial(n) * factorial(max(k - n - 1, 0)) / factorial(k) for n in range(k + 1)]
    )
    exact = vectors.astype(np.float64)
    out = np.empty((k + 1, exact.shape[1]))
    for i in range(k):
        without = sets[sets >> i & 1 == 0]
        out[i] = weight[sizes[without]] @ (exact[without | 1 << i] - exact[without])
    out[k] = exact[0]
    return out
