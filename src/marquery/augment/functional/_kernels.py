"""The compiled loops under all operations: repainting segments with their soft edges, cutting out,
pasting.

A soft pixel is ``c = a F + (1 - a) G + e``: two paints read from pure pixels nearby, and what the
mix does not explain. With new paints F' and G' it becomes ``a F' + (1 - a) G' + e``, so an edge
stays as smooth as it was. Where a part is taken away, ``e`` is dropped: it would be its ghost.
"""

from typing import Any

import numpy as np
from numba import njit

LEAVE, FLAT, GIVEN, SHADE = 0, 1, 2, 3
# Paints that differ less are not told apart, and fewer pixels are not seen.
SEEN_LEVELS = 12
FEW_PIXELS = 12
# How far a removed segment is followed into what lies beneath, in pixels, and how much it may stand
# out there.
GHOST_REACH = 4
GHOST_LEVELS = 64
# Labels compared at a time where the end of a run is looked for.
_STRIDE = 16


@njit(cache=True, nogil=True, inline="always")
def _to_level(value: float) -> int:
    return int(min(max(value, 0.0), 255.0) + 0.5)


@njit(cache=True, nogil=True)
def repaint(
    source: Any,
    out: Any,
    labels: Any,
    action: Any,
    paint: Any,
    mean: Any,
    window: Any,
    fringe_index: Any,
    fringe_under: Any,
    fringe_share: Any,
    fringe_paint: Any,
    keep_rest: bool,
) -> None:
    """Repaint segments of ``source`` into ``out`` (which holds a copy of it).

    Args:
        source, out: uint8 (H * W, 3).
        labels: int32 (H, W).
        action: uint8 (count + 1,): LEAVE, FLAT paint, GIVEN (``out`` holds the new paint already),
            or SHADE (paint moved by each pixel's lightness).
        paint: float32 (count + 1, 3), RGB.
        mean: float32 (count + 1, 3), the segment's mean colour, for SHADE.
        window: (top, left, bottom, right) around all segments with an action.
        fringe_index, fringe_under, fringe_share, fringe_paint: see :class:`SoftEdges`.
        keep_rest: keep what the mix does not explain.
    """
    width = labels.shape[1]
    top, left, bottom, right = window
    # A line of each flat paint, made when first asked for: runs are copied from it, not painted by
    # pixels.
    lines = np.empty((action.shape[0], 3 * (right - left)), dtype=np.uint8)
    painted = np.zeros(action.shape[0], dtype=np.bool_)
    bare = out.reshape(-1)
    for y in range(top, bottom):
        row = labels[y]
        end = left
        while end < right:  # run by run: one look at the action serves a whole run of pixels
            start = end
            label = row[start]
            end += 1
            while end + _STRIDE <= right:
                ahead = row[end : end + _STRIDE]
                other = np.int32(0)
                for i in range(_STRIDE):  # compiles to a vector instruction
                    other |= ahead[i] ^ label
                if other != 0:
                    break
                end += _STRIDE
            while end < right and row[end] == label:
                end += 1
            if action[label] == LEAVE or action[label] == GIVEN:
                continue
            first, last = y * width + start, y * width + end
            if action[label] == FLAT:
                line = lines[label]
                if not painted[label]:
                    for c in range(3):
                        line[c::3] = _to_level(paint[label, c])
                    painted[label] = True
                here = bare[3 * first : 3 * last]
                for i in range(here.shape[0]):
                    here[i] = line[i]
            else:
                third = np.float32(1 / 3)
                light = (mean[label, 0] + mean[label, 1] + mean[label, 2]) * third
                for p in range(first, last):
                    total = np.int32(source[p, 0]) + np.int32(source[p, 1]) + np.int32(source[p, 2])
                    lighter = np.float32(total) * third - light
                    for c in range(3):
                        out[p, c] = _to_level(paint[label, c] + lighter)
    flat = labels.reshape(-1)
    for k in range(fringe_index.shape[0]):
        p = fringe_index[k]
        if action[flat[p]] == 0 and action[fringe_under[k]] == 0:
            continue
        f, g = fringe_paint[k, 0], fringe_paint[k, 1]
        a = fringe_share[k]
        b = np.float32(1) - a
        for c in range(3):
            level = a * out[f, c] + b * out[g, c]
            if keep_rest:
                level += source[p, c] - (a * source[f, c] + b * source[g, c])
            out[p, c] = _to_level(level)


@njit(cache=True, nogil=True)
def sweep(
    out: Any,
    labels: Any,
    soft: Any,
    shown: Any,
    action: Any,
    paint: Any,
    fringe_index: Any,
    fringe_under: Any,
) -> None:
    """Clean the surroundings of removed segments: the last of a blurred edge, the ringing of a
    JPEG.

    From the soft pixels of a removed segment outwards, pixels of what lies beneath that are nearly
    but not quite of its paint get it, for a few pixels or until one is reached that has it.

    Args:
        out: uint8 (H * W, 3), repainted already.
        labels: int32 (H, W).
        soft: bool (H * W,), the pixels of the fringe; they belong to other segments too and are
            left.
        shown: int32 (count + 1,), from :func:`shown_below`.
        action, paint: see :func:`repaint`; only FLAT paints are looked after.
        fringe_index, fringe_under: see :class:`SoftEdges`.
    """
    height, width = labels.shape
    flat = labels.reshape(-1)
    queue = np.empty((height * width + fringe_index.shape[0], 3), dtype=np.int32)
    tail = 0
    for k in range(fringe_index.shape[0]):
        p = fringe_index[k]
        gone = flat[p] if shown[flat[p]] != flat[p] else fringe_under[k]
        if shown[gone] != gone and action[gone] == FLAT:
            queue[tail, 0], queue[tail, 1], queue[tail, 2] = p, gone, 0
            tail += 1
    head = 0
    while head < tail:
        p, gone, depth = queue[head]
        head += 1
        below = shown[gone]
        for y in range(max(0, p // width - 1), min(height, p // width + 2)):
            for x in range(max(0, p % width - 1), min(width, p % width + 2)):
                q = y * width + x
                if flat[q] != below or soft[q]:
                    continue
                off = np.int64(0)
                for c in range(3):
                    off = max(off, abs(np.int64(out[q, c]) - _to_level(paint[gone, c])))
                if off == 0 or off > GHOST_LEVELS:
                    continue
                for c in range(3):
                    out[q, c] = _to_level(paint[gone, c])
                if depth + 1 < GHOST_REACH:
                    queue[tail, 0], queue[tail, 1], queue[tail, 2] = q, gone, depth + 1
                    tail += 1


@njit(cache=True, nogil=True)
def shown_below(parent: Any, gone: Any) -> Any:
    """int32 (count + 1,): the label that shows in each one's place once those marked in ``gone``
    are away.

    Args:
        parent: int32 (count,), the label each lies on.
        gone: bool (count + 1,).
    """
    shown = np.arange(gone.shape[0]).astype(np.int32)
    for label in range(gone.shape[0]):
        below = np.int32(label)
        while below > 0 and gone[below]:
            below = parent[below - 1]
        shown[label] = below
    return shown


@njit(cache=True, nogil=True)
def lift(
    source: Any,
    labels: Any,
    chosen: Any,
    box: Any,
    fringe_index: Any,
    fringe_under: Any,
    fringe_share: Any,
    fringe_paint: Any,
    part: Any,
) -> None:
    """Cut segments out with their soft edges.

    Args:
        source: uint8 (H * W, 3).
        labels: int32 (H, W).
        chosen: bool (count + 1,).
        box: (top, left) of the cut-out.
        fringe_index, fringe_under, fringe_share, fringe_paint: see :class:`SoftEdges`.
        part: float32 (h, w, 4), zeros; gets RGB times alpha, and alpha in 0..1.
    """
    width = labels.shape[1]
    top, left = box
    for y in range(part.shape[0]):
        for x in range(part.shape[1]):
            if chosen[labels[y + top, x + left]]:
                p = (y + top) * width + x + left
                for c in range(3):
                    part[y, x, c] = source[p, c]
                part[y, x, 3] = 1
    flat = labels.reshape(-1)
    for k in range(fringe_index.shape[0]):
        p = fringe_index[k]
        first, second = chosen[flat[p]], chosen[fringe_under[k]]
        if first == second:
            continue
        y, x = p // width - top, p % width - left
        if y < 0 or x < 0 or y >= part.shape[0] or x >= part.shape[1]:
            continue
        a = fringe_share[k] if first else np.float32(1) - fringe_share[k]
        paint = fringe_paint[k, 0] if first else fringe_paint[k, 1]
        for c in range(3):
            part[y, x, c] = a * source[paint, c]
        part[y, x, 3] = a


@njit(cache=True, nogil=True)
def paste(out: Any, part: Any, top: int, left: int) -> None:
    """Lay a cut-out (float32 (h, w, 4), RGB times alpha) on ``out`` (uint8 (H, W, 3)); it may stick
    out.

    Args:
        out: uint8 (H, W, 3); changed in place.
        part: float32 (h, w, 4).
        top, left: row and column of its first pixel, which may lie outside.
    """
    height, width = out.shape[:2]
    for y in range(max(0, -top), min(part.shape[0], height - top)):
        for x in range(max(0, -left), min(part.shape[1], width - left)):
            a = part[y, x, 3]
            if a <= 0:
                continue
            for c in range(3):
                below = np.float32(out[y + top, x + left, c])
                out[y + top, x + left, c] = _to_level(part[y, x, c] + (1 - a) * below)


@njit(cache=True, nogil=True)
def shows_something(image: Any) -> bool:
    """Whether at least a few pixels of a uint8 (H, W, 3) image differ visibly from its first
    one.
    """
    seen = 0
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            for c in range(3):
                if abs(np.int32(image[y, x, c]) - np.int32(image[0, 0, c])) > SEEN_LEVELS:
                    seen += 1
                    break
            if seen == FEW_PIXELS:
                return True
    return False
