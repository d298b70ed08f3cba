"""The best of some scored logos."""

from dataclasses import dataclass

import numpy as np

from marquery.arrays import BoolArray, Float32Array, Int64Array
from marquery.errors import UsageError
from marquery.index.strategies.block import Block
from marquery.index.strategies.query import Scored


@dataclass(frozen=True)
class Ranked:
    """Logos of one block, best first."""

    block: Block
    order: Int64Array
    scored: Scored


def check_range(k: int, offset: int) -> None:
    """Refuse a range of hits that is out of bounds.

    Raises:
        UsageError: ``k`` or ``offset`` is out of range.
    """
    if k < 1:
        raise UsageError("k", f"{k} is less than 1", "ask for at least one hit")
    if offset < 0:
        raise UsageError("offset", f"{offset} is less than 0", "give a whole number from 0")


def best_first(total: Float32Array, count: int, allowed: BoolArray | None) -> Int64Array:
    """Indices of the highest scores, best first, equal ones by index.

    Scores are equal to six places: copies of one logo differ in the last bits by where they lie in
    a product.

    Args:
        total: (N,) scores.
        count: how many indices at most.
        allowed: (N,) which may be given; None: all.
    """
    total = np.round(total, 6)
    candidates = np.arange(len(total)) if allowed is None else np.flatnonzero(allowed)
    values = total[candidates]
    if len(candidates) > count:
        least = np.partition(values, -count)[-count]
        near = values >= least
        candidates, values = candidates[near], values[near]
    order = np.lexsort((candidates, -values))[:count]
    best: Int64Array = candidates[order]
    return best


def places_of(rows: Int64Array, total: Float32Array, allowed: BoolArray | None) -> Int64Array:
    """Places from 1 of some indices in the order of :func:`best_first`.

    Args:
        rows: (M,) indices, all of them allowed.
        total: (N,) scores.
        allowed: (N,) which are ranked; None: all.
    """
    total = np.round(total, 6)
    ranked = np.arange(len(total)) if allowed is None else np.flatnonzero(allowed)
    order = ranked[np.lexsort((ranked, -total[ranked]))]
    place = np.zeros(len(total), np.int64)
    place[order] = np.arange(1, len(order) + 1)
    found: Int64Array = place[rows]
    return found
