"""Runs of segments that look like a line of writing.

Boxes are those of :attr:`Segmentation.boxes`. Lengths are in units of the height of the letters, so
that a logo gives the same words at any size.
"""

from collections import namedtuple
from dataclasses import fields
from typing import Any

import numpy as np
from numba import njit

from marquery.segments.settings import GlyphSettings

#: :class:`GlyphSettings` as a named tuple, which compiled loops can read.
GlyphNumbers = namedtuple("GlyphNumbers", [f.name for f in fields(GlyphSettings)])  # type: ignore[misc]


@njit(cache=True, nogil=True)
def find_words(
    boxes: Any, area: Any, sides: Any, colors: Any, is_hole: Any, parent: Any, limits: Any
) -> Any:
    """Number the words among segments.

    Only segments that lie on the same one are put together, and holes only with holes.

    Args:
        boxes: int32 (N, 4).
        area, sides: int64 (N,), pixels of each segment and pixel sides of its outline.
        colors: uint8 (N, 3).
        is_hole: bool (N,).
        parent: int32 (N,), the segment each lies on, 0 = background.
        limits: a :data:`GlyphNumbers`.

    Returns:
        int32 (N,): index of one member of the word that each segment is in; its own index if in
        none. float64 (N,): for that member, the usual space between the letters of the word in
        pixels, -1 if no word. float64 (N,): for that member, the usual height of the letters in
        pixels.
    """
    count = boxes.shape[0]
    word = np.arange(count).astype(np.int32)
    space = np.full(count, -1.0)
    height = np.zeros(count)
    stroke = 2.0 * area / np.maximum(sides, 1)
    _find_lines(boxes, stroke, colors, is_hole, parent, word, space, height, 2, limits)
    turned = boxes[:, np.array([1, 0, 3, 2])].copy()
    least = limits.min_column_letters
    _find_lines(turned, stroke, colors, is_hole, parent, word, space, height, least, limits)
    return word, space, height


@njit(cache=True, nogil=True)
def _find_lines(
    boxes: Any,
    stroke: Any,
    colors: Any,
    is_hole: Any,
    parent: Any,
    word: Any,
    space: Any,
    height: Any,
    least: int,
    limits: Any,
) -> None:
    """Find words written from left to right among the segments that are in none yet."""
    count = boxes.shape[0]
    order = np.argsort(boxes[:, 1], kind="mergesort")
    after = np.full(count, -1, dtype=np.int32)
    before = np.full(count, -1, dtype=np.int32)
    for n in range(count):
        i = order[n]
        if space[word[i]] >= 0 or not _like_a_letter(boxes[i], limits):
            continue
        best, best_gap = -1, 0.0
        tall = boxes[i, 2] - boxes[i, 0]
        reach = boxes[i, 3] + limits.max_gap * limits.max_height_ratio * tall
        for m in range(n + 1, count):
            j = order[m]
            if boxes[j, 1] > reach:
                break
            if parent[i] != parent[j] or is_hole[i] != is_hole[j] or space[word[j]] >= 0:
                continue
            gap = _gap_to_next_letter(
                boxes[i], boxes[j], stroke[i], stroke[j], colors[i], colors[j], limits
            )
            if gap > -1e9 and (best < 0 or gap < best_gap):
                best, best_gap = j, gap
        if best >= 0:
            rival = before[best]
            if rival >= 0:  # of two that would precede the same letter, the nearer does
                if boxes[rival, 3] >= boxes[i, 3]:
                    continue
                after[rival] = -1
            after[i], before[best] = best, i
    for n in range(count):
        i = order[n]
        if before[i] < 0 and after[i] >= 0:
            _split_line(
                boxes, colors, is_hole, parent, word, space, height, after, i, least, order, limits
            )


@njit(cache=True, nogil=True)
def _like_a_letter(box: Any, limits: Any) -> bool:
    tall, wide = box[2] - box[0], box[3] - box[1]
    return bool(tall >= limits.min_letter_height and wide <= limits.max_letter_width * tall)


@njit(cache=True, nogil=True)
def _gap_to_next_letter(
    one: Any, two: Any, stroke1: float, stroke2: float, color1: Any, color2: Any, limits: Any
) -> float:
    """Space between two letters in pixels, negative where they overlap; -1e9 if they do not go
    together.
    """
    none = -1e9
    if not _like_a_letter(two, limits):
        return none
    tall1, tall2 = one[2] - one[0], two[2] - two[0]
    wide1, wide2 = one[3] - one[1], two[3] - two[1]
    high, low = max(tall1, tall2), min(tall1, tall2)
    gap = float(two[1] - one[3])
    if (
        high > limits.max_height_ratio * low
        or gap < -limits.max_kerning * min(wide1, wide2)
        or two[3] <= one[3]
    ):
        return none
    if min(one[2], two[2]) - max(one[0], two[0]) < limits.min_overlap * low:
        return none
    if max(stroke1, stroke2) > limits.max_stroke_ratio * min(stroke1, stroke2):
        return none
    same = _paint_distance(color1, color2) <= limits.same_paint
    level = limits.level_tolerance * high + 1
    feet, heads = abs(one[2] - two[2]), abs(one[0] - two[0])
    if min(feet, heads) > level and abs(one[0] + one[2] - two[0] - two[2]) > 2 * level:
        # One has a tail and the other a stem, as in "pl": neither end is level.
        return gap if same and gap <= limits.max_gap_unlevel * high else none
    return gap if gap <= (limits.max_gap if same else limits.max_gap_other_paint) * high else none


@njit(cache=True, nogil=True)
def _paint_distance(one: Any, two: Any) -> Any:
    most = np.int64(0)
    for c in range(3):
        most = max(most, abs(np.int64(one[c]) - np.int64(two[c])))
    return most


@njit(cache=True, nogil=True)
def _split_line(
    boxes: Any,
    colors: Any,
    is_hole: Any,
    parent: Any,
    word: Any,
    space: Any,
    height: Any,
    after: Any,
    first: int,
    least: int,
    order: Any,
    limits: Any,
) -> None:
    """Cut a line of letters where a space is longer than its usual one, and number the words."""
    length, i = 1, first
    while after[i] >= 0:
        i = after[i]
        length += 1
    line = np.empty(length, dtype=np.int32)
    i = first
    for k in range(length):
        line[k] = i
        i = after[i]
    gaps = (boxes[line[1:], 1] - boxes[line[:-1], 3]).astype(np.float64)
    talls = (boxes[line, 2] - boxes[line, 0]).astype(np.float64)
    tall = np.median(talls)
    usual = max(0.0, np.median(gaps))
    longest = max(
        limits.word_gap_factor * usual + limits.word_gap_height * tall, limits.min_word_gap * tall
    )
    if length > 2:
        for letter, gap in ((0, 0), (length - 1, length - 2)):
            far = max(limits.figure_gap_factor * usual, limits.word_gap_height * tall)
            if talls[letter] > limits.figure_height_ratio * tall and gaps[gap] > far:
                gaps[gap] = longest + 1
    begin = 0
    for end in range(1, length + 1):
        if end < length and gaps[end - 1] <= longest:
            continue
        members = line[begin:end]
        inner = gaps[begin : end - 1]
        begin = end
        if members.shape[0] < max(2, least):
            continue
        if members.shape[0] == 2 and not _is_pair(boxes, colors, members, inner[0], limits):
            continue
        if np.median(inner) < -limits.max_median_overlap * tall:
            continue
        mine = max(1.0, np.median(inner))
        if _is_grid(boxes, is_hole, parent, members, mine, limits):
            continue
        head = members[0]
        for k in members:
            word[k] = head
        space[head] = mine
        height[head] = np.median((boxes[members, 2] - boxes[members, 0]).astype(np.float64))
        _add_marks(boxes, colors, is_hole, parent, word, space, height[head], members, limits)


@njit(cache=True, nogil=True)
def _is_pair(boxes: Any, colors: Any, members: Any, gap: float, limits: Any) -> bool:
    """Whether two letters are a word of their own."""
    i, j = members
    tall1, tall2 = boxes[i, 2] - boxes[i, 0], boxes[j, 2] - boxes[j, 0]
    high, low = max(tall1, tall2), min(tall1, tall2)
    return bool(
        gap <= limits.max_pair_gap * low
        and high <= limits.max_pair_height_ratio * low
        and _paint_distance(colors[i], colors[j]) <= limits.same_paint
    )


@njit(cache=True, nogil=True)
def _is_grid(
    boxes: Any, is_hole: Any, parent: Any, members: Any, usual: float, limits: Any
) -> bool:
    """Whether enough members have as close a neighbour of their size above or below: a pattern, no
    line.
    """
    stacked = 0
    for i in members:
        top, left, bottom, right = boxes[i]
        for j in range(boxes.shape[0]):
            if j == i or parent[j] != parent[i] or is_hole[j] != is_hole[i]:
                continue
            across = min(right, boxes[j, 3]) - max(left, boxes[j, 1])
            low = min(bottom - top, boxes[j, 2] - boxes[j, 0])
            least = limits.grid_overlap
            if across < least * (right - left) or low < least * (bottom - top):
                continue
            gap = max(boxes[j, 0] - bottom, top - boxes[j, 2])
            if 0 <= gap <= limits.grid_gap_factor * usual + 1:
                stacked += 1
                break
    return bool(stacked >= limits.grid_share * members.shape[0])


@njit(cache=True, nogil=True)
def _add_marks(
    boxes: Any,
    colors: Any,
    is_hole: Any,
    parent: Any,
    word: Any,
    space: Any,
    tall: float,
    members: Any,
    limits: Any,
) -> None:
    """Add dots, accents, punctuation and loose pieces of letters to a word."""
    head = members[0]
    top, left = boxes[members, 0].min(), boxes[members, 1].min()
    bottom, right = boxes[members, 2].max(), boxes[members, 3].max()
    for j in range(boxes.shape[0]):
        if word[j] != j or space[j] >= 0 or parent[j] != parent[head]:
            continue
        if is_hole[j] != is_hole[head]:
            continue
        up, west, down, east = boxes[j]
        far = limits.max_mark_distance * tall
        if up > bottom + far or down < top - far or west > right + far or east < left - far:
            continue
        margin = limits.piece_margin * tall + 1
        within = up >= top - margin and down <= bottom + margin
        inside = within and west >= left - margin and east <= right + margin
        small = (
            down - up <= limits.max_mark_height * tall
            and east - west <= limits.max_letter_width * tall
        )
        same = _paint_distance(colors[j], colors[head]) <= limits.same_paint
        above = False
        nearest = 1e9
        for i in members:
            dy = max(boxes[i, 0] - down, up - boxes[i, 2], 0)
            dx = max(boxes[i, 1] - east, west - boxes[i, 3], 0)
            nearest = min(nearest, max(dy, dx))
            middle = (west + east) / 2
            over = boxes[i, 1] - 1 <= middle <= boxes[i, 3] + 1
            above = above or (over and down <= boxes[i, 0] + margin)
        if nearest <= far and (inside or (small and (same or above))):
            word[j] = head
