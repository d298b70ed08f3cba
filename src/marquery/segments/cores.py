"""Step 1 of segmenting: the pixels that show one paint only, and which of them hang together.

A 2x2 block of pixels is *flat* when no channel varies by more than the tolerance in it. Flat blocks
that touch (8-neighbours) share a pixel, so they show the same paint: connected components of the
flat blocks are the cores of the segments. Comparing neighbours instead of counting colours keeps a
gradient whole, and asking for blocks instead of pairs keeps two paints apart along a nearly
horizontal edge, where an anti-aliased row runs from one paint to the other in tiny steps.

Maps are flattened images with a rim of one pixel, ``(H + 2) * (W + 2)`` long; a block has the place
of its top left pixel. Loops over maps have no branches, so that they compile to vector
instructions.
"""

from typing import Any

import numpy as np
from numba import njit

from marquery.arrays import Int32Array

# Bytes looked at in one go where a map is searched for its rare zeros.
_WORD = 8


def label_cores(
    red: Any, green: Any, blue: Any, tolerance: int, pure_tolerance: int
) -> tuple[Int32Array, Int32Array, Int32Array, int]:
    """Label the core pixels of an image.

    Args:
        red, green, blue: uint8 (H, W), the planes of the image; H, W >= 2.
        tolerance: levels by which the pixels of a flat block may differ in a channel.
        pure_tolerance: levels by which a pixel at the rim of a core may differ from the inside and
            still be pure; beyond them it already holds some of the paint next to it.

    Returns:
        ``(marks, rest, seams, count)``: ``marks`` is a map, int32: 1..count in cores, ``-(k + 1)``
        at the k-th pixel that is in no core or impure at the rim of one, 0 on the rim; ``rest``
        (K,) int32 lists those pixels by their places in the map; ``seams`` (S,) int32 lists the
        blocks that are not flat, among them the places on the rim and in the last row and column,
        where no block fits.
    """
    height, width = red.shape
    size = (height + 2) * (width + 2)
    padded = -(-size // _WORD) * _WORD
    flat, even, pure = (np.empty(padded, dtype=np.uint8) for _ in range(3))
    _find_blocks(red, green, blue, tolerance, min(tolerance, pure_tolerance), flat, even)
    seams = zeros_of(flat, flat.view(np.uint64))
    marks, count = _connect_blocks(seams, height, width)
    _find_pure(flat, even, height, width, pure)
    rest = zeros_of(pure, pure.view(np.uint64))
    _mark_rest(marks, rest)
    return marks, rest, seams, count


@njit(cache=True, nogil=True)
def _find_blocks(
    red: Any, green: Any, blue: Any, tolerance: int, evenness: int, flat: Any, even: Any
) -> None:
    """255 at the blocks that vary by at most ``tolerance`` (``evenness``) levels in every channel,
    else 0.
    """
    height, width = red.shape
    stride = width + 2
    flat[:stride] = 0
    even[:stride] = 0
    flat[height * stride :] = 0
    even[height * stride :] = 0
    most, least = np.uint8(tolerance), np.uint8(evenness)
    for y in range(height - 1):
        r, r2, g, g2, b, b2 = red[y], red[y + 1], green[y], green[y + 1], blue[y], blue[y + 1]
        at = (y + 1) * stride + 1
        flats, evens = flat[at : at + width - 1], even[at : at + width - 1]
        for x in range(width - 1):
            high = max(max(r[x], r[x + 1]), max(r2[x], r2[x + 1]))
            low = min(min(r[x], r[x + 1]), min(r2[x], r2[x + 1]))
            spread = np.uint8(high - low)
            high = max(max(g[x], g[x + 1]), max(g2[x], g2[x + 1]))
            low = min(min(g[x], g[x + 1]), min(g2[x], g2[x + 1]))
            spread = max(spread, np.uint8(high - low))
            high = max(max(b[x], b[x + 1]), max(b2[x], b2[x + 1]))
            low = min(min(b[x], b[x + 1]), min(b2[x], b2[x + 1]))
            spread = max(spread, np.uint8(high - low))
            flats[x] = np.uint8(255) if spread <= most else np.uint8(0)
            evens[x] = np.uint8(255) if spread <= least else np.uint8(0)
        for edge in (at - 1, at + width - 1, at + width):
            flat[edge] = 0
            even[edge] = 0


@njit(cache=True, nogil=True)
def _connect_blocks(seams: Any, height: int, width: int) -> Any:
    """Number the 8-connected components of the flat blocks, given by what lies between them.

    Returns:
        ``(marks, count)``: int32 map with each component's number at the pixels its blocks cover,
        else 0.
    """
    stride = width + 2
    start = np.empty(seams.shape[0], dtype=np.int32)
    end = np.empty(seams.shape[0], dtype=np.int32)
    parent = np.empty(seams.shape[0], dtype=np.int32)
    runs = 0
    above = 0  # the first run of the row above that can still touch
    for s in range(seams.shape[0] - 1):
        first, last = seams[s] + 1, seams[s + 1]
        if first == last:
            continue
        start[runs], end[runs], parent[runs] = first, last, runs
        while end[above] + stride < first:  # ends at the latest with the run itself
            above += 1
        other = above
        while other < runs and start[other] + stride <= last:
            a, b = other, runs
            while parent[a] != a:
                parent[a] = parent[parent[a]]
                a = parent[a]
            while parent[b] != b:
                b = parent[b]
            if a < b:
                parent[b] = a
            elif b < a:
                parent[a] = b
            other += 1
        runs += 1
    marks = np.zeros((height + 2) * stride, dtype=np.int32)
    count = 0
    for r in range(runs):
        if parent[r] == r:
            count += 1
            number = count
        else:
            number = end[
                parent[r]
            ]  # parents come before their children: its number is there already
        # All flat blocks around a pixel touch each other, so none is overwritten by another number.
        first, last = start[r], end[r] + 1
        end[r] = number
        marks[first:last] = number
        marks[first + stride : last + stride] = number
    return marks, count


@njit(cache=True, nogil=True)
def _find_pure(flat: Any, even: Any, height: int, width: int, pure: Any) -> None:
    """255 at the pixels in an even block or amid four flat ones and on the rim, else 0."""
    stride = width + 2
    for y in range(1, height + 1):
        at = y * stride + 1
        above = at - stride
        f, f2, f3, f4 = flat[at:], flat[at - 1 :], flat[above:], flat[above - 1 :]
        e, e2, e3, e4 = even[at:], even[at - 1 :], even[above:], even[above - 1 :]
        clean = pure[at : at + width]
        for x in range(width):
            clean[x] = (e[x] | e2[x] | e3[x] | e4[x]) | (f[x] & f2[x] & f3[x] & f4[x])
        pure[at - 1] = 255
        pure[at + width] = 255
    pure[:stride] = 255
    pure[(height + 1) * stride :] = 255


@njit(cache=True, nogil=True)
def _mark_rest(marks: Any, rest: Any) -> None:
    """``-(k + 1)`` at the k-th place of ``rest``."""
    for k in range(rest.shape[0]):
        marks[rest[k]] = -1 - k


@njit(cache=True, nogil=True)
def zeros_of(mask: Any, words: Any) -> Any:
    """int32: places of the zeros in a uint8 mask, whose other bytes are 255; they should be rare.

    Args:
        mask: uint8, its length a multiple of eight.
        words: the same memory as uint64.
    """
    full = ~np.uint64(0)
    most = 0
    for i in range(words.shape[0]):
        most += words[i] != full
    places = np.empty(_WORD * most + 1, dtype=np.int32)
    count = 0
    for i in range(words.shape[0]):
        if words[i] != full:
            for p in range(_WORD * i, _WORD * i + _WORD):
                places[count] = p  # written over by the next one if this is none
                count += mask[p] == 0
    return places[:count]
