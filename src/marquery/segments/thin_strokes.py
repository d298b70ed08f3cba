"""Step 3 of segmenting: strokes too thin to hold a flat block, and texture, become paints of their
own.
"""

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
def _paint_beneath(pixels: Any, marks: Any, top: Any, steps: Any, p: int) -> Any:
    """Pure pixel of the paint around p that is nearest to it in colour (-1: none), squared
    distance.
    """
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
def _inherit_beneath(
    pixels: Any,
    marks: Any,
    rest: Any,
    steps: Any,
    left: Any,
    place: Any,
    beneath: Any,
    height: Any,
) -> None:
    """Give pixels in the middle of a stroke three pixels wide the paint beneath of a neighbour.

    They touch no explained pixel themselves. Of several paints they take the one farthest in
    colour, since the middle of a stroke has the most contrast.
    """
    inherited = beneath.copy()
    for i in range(left.shape[0]):
        if beneath[i] >= 0:
            continue
        p = rest[left[i]]
        most = np.float32(0)
        for s in range(8):
            mark = marks[p + steps[s]]
            j = place[-mark - 1] if mark < 0 else -1
            if j < 0 or beneath[j] < 0:
                continue
            d2 = _distance2(pixels, p, beneath[j])
            if d2 > most:
                inherited[i], most = beneath[j], d2
        height[i] = math.sqrt(most)
    beneath[:] = inherited


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
def group_thin_strokes(
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
    """Group what :func:`unmix_soft_edges` left: thin strokes, and texture. Fills the arrays in
    place.

    A pixel is *on* the stroke if it differs from the paint beneath by at least ``min_contrast`` of
    what the strongest neighbour does. Such pixels that touch and differ from the paint beneath in
    the same direction are one stroke, whose paint is its strongest pixel. The others belong to the
    paint beneath and hold a share of the stroke.

    Args:
        pixels, marks, rest, steps: see :func:`unmix_soft_edges`.
        top, under, share: what it returned; changed in place.
        paint_tolerance: touching pixels whose colours are no farther apart (Euclidean, levels) are
            one stroke.
        min_cosine: two pixels differ from the paint beneath in the same direction above this
            cosine.
        min_contrast: share of the strongest neighbour's difference from the paint beneath that a
            pixel on the stroke has at least.
    """
    left = np.flatnonzero(top < 0).astype(np.int32)
    n = left.shape[0]
    if n == 0:
        return
    place = np.full(rest.shape[0], -1, dtype=np.int32)
    beneath = np.empty(n, dtype=np.int32)
    height = np.empty(n, dtype=np.float32)
    for i in range(n):
        place[left[i]] = i
        beneath[i], d2 = _paint_beneath(pixels, marks, top, steps, rest[left[i]])
        height[i] = math.sqrt(d2) if beneath[i] >= 0 else np.float32(0)
    _inherit_beneath(pixels, marks, rest, steps, left, place, beneath, height)
    on = np.ones(n, dtype=np.bool_)
    host = np.full(n, -1, dtype=np.int32)
    for i in range(n):
        if beneath[i] < 0:
            continue
        p = rest[left[i]]
        peak = height[i]
        for s in range(8):
            mark = marks[p + steps[s]]
            j = place[-mark - 1] if mark < 0 else -1
            if j < 0 or beneath[j] < 0 or height[j] <= peak:
                continue
            if _same_way(pixels, p, beneath[i], rest[left[j]], beneath[j], min_cosine):
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
            if not alike and beneath[i] >= 0 and beneath[j] >= 0:
                alike = _same_way(pixels, p, beneath[i], q, beneath[j], min_cosine)
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
            if p != paint and beneath[i] >= 0:
                a, _, _ = _mix(pixels, p, beneath[i], paint)
                share[k] = min(max(a, np.float32(0.5)), np.float32(1))
                under[k] = beneath[i] if share[k] < 1 else -1
        else:
            top[k] = beneath[i]
            j = host[i]
            while not on[j]:
                j = host[j]  # heights rise along hosts, and a peak is always on
            paint = rest[left[peak_of[find_root(parent, j)]]]
            a, _, _ = _mix(pixels, p, beneath[i], paint)
            share[k] = 1 - min(max(a, np.float32(0)), np.float32(0.5))
            under[k] = paint
