"""Splitting a region along the edges in it.

Where an edge runs along most of the boundary between two halves of a region, a person sees two
shapes. An edge is a step that the slopes on neither side explain; a gradient stop, where only the
slope changes, is none.
"""

import math
from typing import Any

import cv2
import numpy as np
from numba import njit

from marquery.arrays import BoolArray, Int32Array, UInt8Array
from marquery.segments.settings import DEFAULT_SETTINGS, EdgeSettings
from marquery.segments.union import find_root


def split_region(
    pixels: UInt8Array,
    inside: BoolArray,
    pure: BoolArray,
    least: float,
    settings: EdgeSettings = DEFAULT_SETTINGS.edges,
) -> Int32Array | None:
    """Split a region along the edges in it.

    Args:
        pixels: uint8 (H, W, 3 or 4).
        inside: bool (H, W), the region; connected.
        pure: bool (H, W), its pixels that show no other region's paint.
        least: levels by which a step must exceed what the slopes on both sides explain.
        settings: thresholds.

    Returns:
        int32 (H, W): piece of each pixel of the region from 1 on, 0 outside; None if it is one
        piece.
    """
    if pixels.shape[2] == 3:
        pixels = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2RGBA), dtype=np.uint8)
    lines = np.ascontiguousarray(pixels).reshape(pixels.shape[0], -1)
    edges = _edge_pixels(lines, pure, least, max(least, settings.firm_step))
    if np.count_nonzero(edges) < settings.min_edge_pixels:
        return None
    near_edge = np.asarray(cv2.dilate(edges, np.ones((3, 3), dtype=np.uint8)), dtype=np.uint8)
    # Outside the array is outside the region.
    walls = np.pad((edges > 0) | ~pure, 1, constant_values=True).astype(np.uint8)
    pieces = pure.astype(np.int32)
    count = 1
    gap = 1
    widest = max(1.0, settings.max_edge_gap * math.sqrt(np.count_nonzero(pure)))
    while gap <= widest:
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * gap + 1, 2 * gap + 1))
        closed = np.asarray(cv2.dilate(walls, disc), dtype=np.uint8)[1:-1, 1:-1]
        for piece in range(1, count + 1):
            count = _split_piece(pixels, pieces, piece, closed, near_edge, count, settings)
        gap *= 2
    if count == 1:
        return None
    _grow(pixels, pieces, inside)
    return pieces


def _split_piece(
    pixels: UInt8Array,
    pieces: Int32Array,
    piece: int,
    closed: UInt8Array,
    near_edge: UInt8Array,
    count: int,
    settings: EdgeSettings,
) -> int:
    """Split one piece where ``closed`` divides it, in place; returns the new number of pieces."""
    mask = pieces == piece
    free = (mask & (closed == 0)).astype(np.uint8)
    _, parts, stats, _ = cv2.connectedComponentsWithStats(free, connectivity=4)
    large = np.flatnonzero(stats[:, cv2.CC_STAT_AREA] >= settings.min_area)
    large = large[large > 0]
    if large.shape[0] < 2:
        return count
    seed_of = np.zeros(stats.shape[0], dtype=np.int32)
    seed_of[large] = np.arange(1, large.shape[0] + 1)
    seeds = seed_of[parts]
    low, high = _color_ranges(pixels, seeds, large.shape[0])
    _grow(pixels, seeds, mask)
    shape_of = _join_without_edge(
        seeds,
        near_edge,
        low,
        high,
        settings.min_edge_share,
        settings.min_firm_share,
        settings.same_paint,
    )
    shapes = np.unique(shape_of[1:])
    if shapes.shape[0] < 2:
        return count
    number = np.zeros(large.shape[0] + 1, dtype=np.int32)
    for i, shape in enumerate(shapes):
        number[shape_of == shape] = piece if i == 0 else count + i
    number[0] = piece  # what no seed reached stays
    pieces[mask] = number[seeds[mask]]
    return count + int(shapes.shape[0]) - 1


@njit(cache=True, nogil=True)
def _edge_pixels(pixels: Any, pure: Any, least: float, firm: float) -> Any:
    """uint8 (H, W): 1, from ``firm`` levels on 2, on both sides of steps in a row or column that
    the slopes on neither side explain.

    The step over three pixels is held against three times the slope over two pixels before and
    after, all eight of them pure.

    Args:
        pixels: uint8 (H, 4 * W), four channels.
        pure: bool (H, W).
        least, firm: levels.
    """
    height, width = pure.shape
    edges = np.zeros((height, width), dtype=np.uint8)
    # A byte for each channel, read in words of eight: loops over bytes are vector ones, and most
    # words are zero.
    seen = np.zeros(-(-4 * width // 8) * 8, dtype=np.uint8)
    words = seen.view(np.uint64)
    limit = np.int16(math.ceil(2 * least))
    for down in range(2):
        for y in range(7 if down else 0, height):
            row = pixels[y]
            if down:
                one, two, three, four = pixels[y - 7], pixels[y - 5], pixels[y - 2], row
            else:
                one, two, three, four = row, row[8:], row[20:], row[28:]
            end = four.shape[0]
            _mark_steps(one, two, three, four, limit, seen)
            for w in range((end + 7) // 8):
                if words[w] == 0:
                    continue
                for x in range(2 * w, min(2 * w + 2, end // 4)):
                    excess = np.int32(0)
                    for i in range(4 * x, 4 * x + 4):
                        before = np.int32(3) * (np.int32(two[i]) - np.int32(one[i]))
                        after = np.int32(3) * (np.int32(four[i]) - np.int32(three[i]))
                        step = np.int32(2) * (np.int32(three[i]) - np.int32(two[i]))
                        excess = max(excess, step - max(before, after), min(before, after) - step)
                    if excess < 2 * least:
                        continue
                    inside = True
                    for k in range(8):
                        inside &= pure[y - k, x] if down else pure[y, x + k]
                    if not inside:
                        continue
                    strength = np.uint8(2 if excess >= 2 * firm else 1)
                    for k in (3, 4):
                        v, u = (y - k, x) if down else (y, x + k)
                        edges[v, u] = max(edges[v, u], strength)
    return edges


@njit(cache=True, nogil=True)
def _mark_steps(one: Any, two: Any, three: Any, four: Any, limit: Any, seen: Any) -> None:
    """1 at the places of ``four`` where the step from two to three exceeds what the slopes before
    and after explain by half of ``limit``; 16 bits hold all of it, with twice the step and slopes.
    """
    thrice, twice = np.int16(3), np.int16(2)
    for i in range(four.shape[0]):
        before = np.int16(thrice * np.int16(np.int16(two[i]) - np.int16(one[i])))
        after = np.int16(thrice * np.int16(np.int16(four[i]) - np.int16(three[i])))
        step = np.int16(twice * np.int16(np.int16(three[i]) - np.int16(two[i])))
        above = np.int16(step - max(before, after))
        under = np.int16(min(before, after) - step)
        seen[i] = (above >= limit) | (under >= limit)


@njit(cache=True, nogil=True)
def _grow(pixels: Any, pieces: Any, mask: Any) -> None:
    """Let pieces grow within a mask, a ring of pixels at a time, until nothing more can be reached.

    A pixel that several pieces reach at once goes to the neighbour nearest to it in colour.
    """
    height, width = mask.shape
    ring = np.empty(height * width, dtype=np.int32)
    taken = np.empty(height * width, dtype=np.int32)
    waiting = np.zeros((height, width), dtype=np.bool_)
    n = 0
    for y in range(height):
        for x in range(width):
            if mask[y, x] and pieces[y, x] == 0:
                for v in range(max(0, y - 1), min(height, y + 2)):
                    for u in range(max(0, x - 1), min(width, x + 2)):
                        if pieces[v, u] > 0 and not waiting[y, x]:
                            waiting[y, x] = True
                            ring[n] = y * width + x
                            n += 1
    while n > 0:
        for i in range(n):
            y, x = ring[i] // width, ring[i] % width
            best, nearest = 0, np.int32(1 << 30)
            for v in range(max(0, y - 1), min(height, y + 2)):
                for u in range(max(0, x - 1), min(width, x + 2)):
                    if pieces[v, u] > 0:
                        far = np.int32(0)
                        for c in range(3):
                            d = np.int32(pixels[v, u, c]) - np.int32(pixels[y, x, c])
                            far += d * d
                        if far < nearest:
                            best, nearest = pieces[v, u], far
            taken[i] = best
        following = np.empty(8 * n, dtype=np.int32)
        m = 0
        for i in range(n):
            pieces[ring[i] // width, ring[i] % width] = taken[i]
        for i in range(n):
            y, x = ring[i] // width, ring[i] % width
            for v in range(max(0, y - 1), min(height, y + 2)):
                for u in range(max(0, x - 1), min(width, x + 2)):
                    if mask[v, u] and pieces[v, u] == 0 and not waiting[v, u]:
                        waiting[v, u] = True
                        following[m] = v * width + u
                        m += 1
        ring, n = following, m
        if taken.shape[0] < m:
            taken = np.empty(m, dtype=np.int32)


@njit(cache=True, nogil=True)
def _color_ranges(pixels: Any, seeds: Any, count: int) -> Any:
    """Least and greatest level of each channel in each seed, two int32 (count + 1, 3)."""
    low = np.full((count + 1, 3), 255, dtype=np.int32)
    high = np.zeros((count + 1, 3), dtype=np.int32)
    for y in range(seeds.shape[0]):
        for x in range(seeds.shape[1]):
            for c in range(3):
                level = np.int32(pixels[y, x, c])
                low[seeds[y, x], c] = min(low[seeds[y, x], c], level)
                high[seeds[y, x], c] = max(high[seeds[y, x], c], level)
    return low, high


@njit(cache=True, nogil=True)
def _join_without_edge(
    seeds: Any,
    near_edge: Any,
    low: Any,
    high: Any,
    min_edge_share: float,
    min_firm_share: float,
    same_paint: int,
) -> Any:
    """int32 (count + 1,): the shape each seed belongs to.

    Seeds are joined if most of their boundary is no edge (``near_edge``: 1, a firm one: 2), or if
    they are flat paints that differ too little.
    """
    height, width = seeds.shape
    count = low.shape[0] - 1
    line = np.zeros((count + 1, count + 1), dtype=np.int32)
    edge = np.zeros((count + 1, count + 1), dtype=np.int32)
    firm = np.zeros((count + 1, count + 1), dtype=np.int32)
    for y in range(height):
        for x in range(width):
            for down in range(2):
                v, u = y + down, x + 1 - down
                if v == height or u == width:
                    continue
                a, b = seeds[y, x], seeds[v, u]
                if a == b or a == 0 or b == 0:
                    continue
                a, b = min(a, b), max(a, b)
                line[a, b] += 1
                strength = max(near_edge[y, x], near_edge[v, u])
                edge[a, b] += strength > 0
                firm[a, b] += strength > 1
    parent = np.arange(count + 1, dtype=np.int32)
    for a in range(1, count + 1):
        for b in range(a + 1, count + 1):
            if line[a, b] == 0:
                continue
            seen = edge[a, b] >= min_edge_share * line[a, b]
            seen &= firm[a, b] >= min_firm_share * line[a, b]
            spread = 0
            for c in range(3):
                spread = max(spread, max(high[a, c], high[b, c]) - min(low[a, c], low[b, c]))
            if not seen or spread <= same_paint:
                one, two = find_root(parent, a), find_root(parent, b)
                parent[max(one, two)] = min(one, two)
    for a in range(count + 1):
        parent[a] = find_root(parent, a)
    return parent
