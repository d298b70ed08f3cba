"""Step 3 of segmenting: strokes too thin to hold a flat block, and texture, become paints of their own."""

import math
from typing import Any

import numpy as np
from numba import njit

from marquery.segments.union import find_root


@njit(cache=True, nogil=True, inline="always")
def _distance2(pixels: Any, p: Any, q: Any) -> Any:
    r = np.float32(pixels[p, 0]) - np.float32(pixels[q, 0])
    g = np.float32(pixels[p, 1]) - np.float32(pixels[q, 1])
    b = np.float32(pixels[p, 2]) - np.float32(pixels[q, 2])
    return r * r + g * g + b * b


@njit(cache=True, nogil=True, inline="always")
def _mix(pixels: Any, p: Any, f: Any, g: Any) -> Any:
    """``p = (1 - a) f + a g``: the share a, the squared distance off the line, that from f to g."""
    ur = np.float32(pixels[p, 0]) - np.float32(pixels[f, 0])
    ug = np.float32(pixels[p, 1]) - np.float32(pixels[f, 1])
    ub = np.float32(pixels[p, 2]) - np.float32(pixels[f, 2])
    vr = np.float32(pixels[g, 0]) - np.float32(pixels[f, 0])
    vg = np.float32(pixels[g, 1]) - np.float32(pixels[f, 1])
    vb = np.float32(pixels[g, 2]) - np.float32(pixels[f, 2])
    length2 = vr * vr + vg * vg + vb * vb
    along = ur * vr + ug * vg + ub * vb
    share = along / max(length2, np.float32(1))
    off2 = ur * ur + ug * ug + ub * ub - along * share
    return share, max(off2, np.float32(0)), length2


@njit(cache=True, nogil=True)
def _ground(pixels: Any, marks: Any, top: Any, steps: Any, p: int) -> Any:
    """Pure pixel of the paint around p that is nearest to it in colour (-1: none), squared distance."""
    best, best2 = -1, np.float32(1e9)
    for i in range(8):
        mark = marks[p + steps[i]]
        q = p + steps[i] if mark > 0 else (top[-mark - 1] if mark < 0 else -1)
        if q >= 0:
            d2 = _distance2(pixels, p, q)
            if d2 < best2:
                best, best2 = q, d2
    return best, best2


@njit(cache=True, nogil=True)
def _inherit_grounds(
    pixels: Any,
    marks: Any,
    rest: Any,
    steps: Any,
    left: Any,
    place: Any,
    ground: Any,
    height: Any,
) -> None:
    """Give pixels amid a stroke three pixels wide, which see no paint beside them, the ground of a neighbour.

    Of several grounds they take the one farthest in colour: a stroke's middle stands out most.
    """
    inherited = ground.copy()
    for i in range(left.shape[0]):
        if ground[i] >= 0:
            continue
        p = rest[left[i]]
        most = np.float32(0)
        for s in range(8):
            mark = marks[p + steps[s]]
            j = place[-mark - 1] if mark < 0 else -1
            if j < 0 or ground[j] < 0:
                continue
            d2 = _distance2(pixels, p, ground[j])
            if d2 > most:
                inherited[i], most = ground[j], d2
        height[i] = math.sqrt(most)
    ground[:] = inherited


@njit(cache=True, nogil=True)
def _same_way(pixels: Any, p: int, f: int, q: int, g: int, min_cosine: float) -> bool:
    dot = pp = qq = np.float32(0)
    for c in range(3):
        u = np.float32(pixels[p, c]) - np.float32(pixels[f, c])
        v = np.float32(pixels[q, c]) - np.float32(pixels[g, c])
        dot += u * v
        pp += u * u
        qq += v * v
    return bool(dot > 0 and dot * dot >= min_cosine * min_cosine * pp * qq)


@njit(cache=True, nogil=True)
def explain_strokes(
    pixels: Any,
    marks: Any,
    rest: Any,
    steps: Any,
    top: Any,
    under: Any,
    share: Any,
    paint_tolerance: float,
    min_cosine: float,
    min_contrast: float,
) -> None:
    """Group what :func:`explain_fringe` left: thin strokes, and texture. Fills the arrays in place.

    A pixel is *on* the stroke if it differs from its ground by at least ``min_contrast`` of what the strongest
    neighbour does; on-pixels that touch and differ from the ground in the same way are one stroke, whose
    paint is its strongest pixel. The others belong to the ground and carry a share of the stroke.

    Args:
        pixels, marks, rest, steps: see :func:`explain_fringe`.
        top, under, share: what it returned; changed in place.
        paint_tolerance: touching pixels whose colours are no farther apart (Euclidean, levels) are one stroke.
        min_cosine: two pixels differ from their grounds in the same way above this cosine.
        min_contrast: share of the strongest neighbour's difference from the ground that a pixel on the
            stroke has at least.
    """
    left = np.flatnonzero(top < 0).astype(np.int32)
    n = left.shape[0]
    if n == 0:
        return
    place = np.full(rest.shape[0], -1, dtype=np.int32)
    ground = np.empty(n, dtype=np.int32)
    height = np.empty(n, dtype=np.float32)
    for i in range(n):
        place[left[i]] = i
        ground[i], d2 = _ground(pixels, marks, top, steps, rest[left[i]])
        height[i] = math.sqrt(d2) if ground[i] >= 0 else np.float32(0)
    _inherit_grounds(pixels, marks, rest, steps, left, place, ground, height)
    on = np.ones(n, dtype=np.bool_)
    host = np.full(n, -1, dtype=np.int32)
    for i in range(n):
        if ground[i] < 0:
            continue
        p = rest[left[i]]
        peak = height[i]
        for s in range(8):
            mark = marks[p + steps[s]]
            j = place[-mark - 1] if mark < 0 else -1
            if j < 0 or ground[j] < 0 or height[j] <= peak:
                continue
            if _same_way(pixels, p, ground[i], rest[left[j]], ground[j], min_cosine):
                peak = height[j]
                host[i] = j
        on[i] = height[i] >= min_contrast * peak
    parent = np.arange(n, dtype=np.int32)
    close2 = np.float32(paint_tolerance * paint_tolerance)
    for i in range(n):
        if not on[i]:
            continue
        p = rest[left[i]]
        for s in range(8):
            mark = marks[p + steps[s]]
            j = place[-mark - 1] if mark < 0 else -1
            if j <= i or not on[j]:
                continue
            q = rest[left[j]]
            alike = _distance2(pixels, p, q) <= close2
            if not alike and ground[i] >= 0 and ground[j] >= 0:
                alike = _same_way(pixels, p, ground[i], q, ground[j], min_cosine)
            if alike:
                a, b = find_root(parent, i), find_root(parent, j)
                if a != b:
                    parent[max(a, b)] = min(a, b)
    peak_of = np.full(n, -1, dtype=np.int32)
    for i in range(n):
        if on[i]:
            r = find_root(parent, i)
            if peak_of[r] < 0 or height[i] > height[peak_of[r]]:
                peak_of[r] = i
    for i in range(n):
        k = left[i]
        p = rest[k]
        if on[i]:
            paint = rest[left[peak_of[find_root(parent, i)]]]
            top[k] = paint
            if p != paint and ground[i] >= 0:
                a, _, _ = _mix(pixels, p, ground[i], paint)
                share[k] = min(max(a, np.float32(0.5)), np.float32(1))
                under[k] = ground[i] if share[k] < 1 else -1
        else:
            top[k] = ground[i]
            j = host[i]
            while not on[j]:
                j = host[j]  # heights rise along hosts, and a peak is always on
            paint = rest[left[peak_of[find_root(parent, j)]]]
            a, _, _ = _mix(pixels, p, ground[i], paint)
            share[k] = 1 - min(max(a, np.float32(0)), np.float32(0.5))
            under[k] = paint
