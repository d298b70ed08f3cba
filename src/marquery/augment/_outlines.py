"""Outlines that are seen: which removals leave enough of them, and which segments share a paint.

Compiled, because a photo has thousands of segments.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit

from marquery.arrays import UInt8Array
from marquery.augment.functional._kernels import SEEN_LEVELS
from marquery.segments import Segmentation
from marquery.segments.stats import contact_pairs, neighbour_lists


def paints_of(segmentation: Segmentation) -> UInt8Array:
    """uint8 (count + 1, 3): colour of the background and of each segment."""
    return np.concatenate([segmentation.background[None], segmentation.colors])


def outline(pairs: Any, paints: Any, contrast: int = SEEN_LEVELS) -> int:
    """Pixel sides between paints that can be told apart.

    Args:
        pairs: labels that touch and the sides they share, from :func:`contact_pairs`.
        paints: (count + 1, 3): colour of the background and of each segment.
        contrast: levels up to which two paints are not told apart.
    """
    first, second, sides = pairs
    levels = np.asarray(paints).astype(np.int16)
    return int(sides[np.abs(levels[first] - levels[second]).max(axis=1) > contrast].sum())


def removable(
    segmentation: Segmentation, order: Sequence[int], wanted: int, keep: float
) -> list[int]:
    """The first ``wanted`` labels of ``order`` that can go together.

    A label is passed over if without it, and those taken before it, less than the share ``keep`` of
    the ink (area of all segments but holes) or of the outlines would be left, or none.

    Args:
        segmentation: of the image.
        order: labels, in the order in which they are tried.
        wanted: most labels that are taken.
        keep: share that must be left, 0 to 1.
    """
    ink = segmentation.ink
    first, second, sides = contact_pairs(segmentation.labels, segmentation.count)
    gone: list[int] = _removable(
        np.array(order, dtype=np.int32),
        wanted,
        segmentation.parent,
        paints_of(segmentation).astype(np.int16),
        first,
        second,
        sides,
        ink,
        keep,
    ).tolist()
    return gone


def same_paint(segmentation: Segmentation) -> list[list[int]]:
    """The labels, those of one paint together; paints in the order of their first label."""
    number, count = _paint_numbers(segmentation.colors.astype(np.int16))
    groups: list[list[int]] = [[] for _ in range(count)]
    for label, group in enumerate(number.tolist(), start=1):
        groups[group].append(label)
    return groups


@njit(cache=True, nogil=True)
def _apart(paints: Any, i: int, j: int) -> bool:
    most = 0
    for c in range(3):
        most = max(most, abs(paints[i, c] - paints[j, c]))
    return most > SEEN_LEVELS


@njit(cache=True, nogil=True)
def _paint_numbers(colors: Any) -> Any:
    number = np.empty(colors.shape[0], dtype=np.int32)
    heads = np.empty(colors.shape[0], dtype=np.int32)
    count = 0
    for i in range(colors.shape[0]):
        group = 0
        while group < count and _apart(colors, i, heads[group]):
            group += 1
        if group == count:
            heads[count] = i
            count += 1
        number[i] = group
    return number, count


@njit(cache=True, nogil=True)
def _removable(
    order: Any,
    wanted: int,
    parent: Any,
    paints: Any,
    first: Any,
    second: Any,
    sides: Any,
    ink: Any,
    keep: float,
) -> Any:
    size = paints.shape[0]
    start, near, shared = neighbour_lists(first, second, sides, size)
    lit = 0
    for k in range(first.shape[0]):
        if _apart(paints, first[k], second[k]):
            lit += sides[k]

    ink_left = ink.sum()
    least_ink, least_lit = max(1.0, keep * ink_left), max(1.0, keep * lit)
    shown = np.arange(size).astype(np.int32)
    gone = np.empty(order.shape[0], dtype=np.int32)
    count = 0
    for label in order:
        if count == wanted:
            break
        if ink_left - ink[label - 1] < least_ink:
            continue
        below = shown[parent[label - 1]]
        gone[count] = label
        change = 0
        for i in range(count + 1):  # what shows this label's paint now: itself, and what lay on it
            if shown[gone[i]] != label:
                continue
            for k in range(start[gone[i]], start[gone[i] + 1]):
                other = shown[near[k]]
                if other == label:
                    continue
                change += shared[k] * (_apart(paints, below, other) - _apart(paints, label, other))
        if lit + change < least_lit:
            continue
        for i in range(count + 1):
            if shown[gone[i]] == label:
                shown[gone[i]] = below
        lit += change
        ink_left -= ink[label - 1]
        count += 1
    return gone[:count]
