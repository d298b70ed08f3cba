"""Which piece of one logo goes with which of another."""

from itertools import combinations, permutations

import numpy as np

from marquery.arrays import Float64Array

# A pair that brings less of all that pairs bring is not shown as a match.
_LEAST = 0.03


def match_pieces(
    pairs: Float64Array, affinity: Float64Array | None = None
) -> list[tuple[int, int]]:
    """Pieces matched one to one so that their pairs bring most of the score, the largest pair
    first.

    What a pair brings is weighted by how well its pieces correspond otherwise: pieces that the
    encoder hardly tells apart, such as the halves of a symmetrical logo, would go together by
    chance.

    Args:
        pairs: (k, m), what each pair of pieces adds to the score; k and m at most a handful, all
            choices are tried.
        affinity: (k, m), weights above 0; default: all alike.
    """
    k, m = pairs.shape
    gain = np.maximum(pairs, 0)
    worth = gain if affinity is None else gain * affinity
    few, many = (range(k), range(m)) if k <= m else (range(m), range(k))
    best: list[tuple[int, int]] = []
    most = -1.0
    for chosen in combinations(many, len(few)):
        for order in permutations(chosen):
            found = [(i, j) if k <= m else (j, i) for i, j in zip(few, order, strict=True)]
            total = float(sum(worth[i, j] for i, j in found))
            if total > most + 1e-12:
                best, most = found, total
    least = _LEAST * float(gain.sum())
    kept = [(i, j) for i, j in best if gain[i, j] > least]
    return sorted(kept, key=lambda pair: -float(gain[pair]))
