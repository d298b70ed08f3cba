"""Runs of segments that look like a line of writing.

Boxes are those of :attr:`Segmentation.boxes`. Lengths are in units of the height of the letters, so that a logo
gives the same words at any size.
"""

from typing import Any

import numpy as np
from numba import njit

# Two letters side by side: the taller is at most so many times as high (d against o, not a figure and a letter),
_TALLER = 2.1
# they share so much of the lower one's height, and their feet, heads or middles are level within this.
_OVERLAP, _LEVEL = 0.55, 0.16
# Space between letters of one line, in heights of the taller, where paint is the same, and where it is not.
_SPACE, _SPACE_OTHER_PAINT, _SPACE_UNLEVEL = 1.0, 0.45, 0.3
# Letters that reach into each other (AV, slanted letters), in widths of the narrower.
_KERN = 0.5
# Letters are at most so many times as wide as high (joined ones are wide), and their strokes so unlike.
_WIDEST, _BOLDER = 4.0, 2.5
_SAME_PAINT = 48
# A space that parts two words: longer than this many usual spaces of the line plus this many heights.
_WORD_SPACES, _WORD_HEIGHT, _LEAST_WORD_HEIGHT = 1.5, 0.14, 0.3
# A figure at either end of a line is so many times as high as its letters, and so many usual spaces away.
_FIGURE_TALLER, _FIGURE_SPACES = 1.6, 1.6
# Letters of a word reach into each other by no more than this many heights, as a rule.
_MOST_OVERLAP = 0.25
# Two letters alone are a word only if they stand close; so few signs in a column are none at all.
_PAIR_SPACE, _PAIR_TALLER, _LEAST_COLUMN = 0.4, 1.6, 4
# Dots, accents, punctuation and pieces of letters: how high, and how far from the nearest letter.
_MARK_HEIGHT, _MARK_DISTANCE = 0.6, 0.4
_PIECE_MARGIN = 0.12


@njit(cache=True, nogil=True)
def find_words(boxes: Any, area: Any, sides: Any, colors: Any, is_hole: Any, parent: Any) -> Any:
    """Number the words among segments.

    Only segments that lie on the same one are put together, and holes only with holes.

    Args:
        boxes: int32 (N, 4).
        area, sides: int64 (N,), pixels of each segment and pixel sides of its outline.
        colors: uint8 (N, 3).
        is_hole: bool (N,).
        parent: int32 (N,).

    Returns:
        int32 (N,): index of one member of the word that each segment is in; its own index if in none.
        float64 (N,): for that member, the usual space between the letters of the word in pixels, -1 if no word.
        float64 (N,): for that member, the usual height of the letters in pixels.
    """
    count = boxes.shape[0]
    word = np.arange(count).astype(np.int32)
    space = np.full(count, -1.0)
    height = np.zeros(count)
    stroke = 2.0 * area / np.maximum(sides, 1)
    _find_lines(boxes, stroke, colors, is_hole, parent, word, space, height, 2)
    turned = boxes[:, np.array([1, 0, 3, 2])].copy()
    _find_lines(turned, stroke, colors, is_hole, parent, word, space, height, _LEAST_COLUMN)
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
) -> None:
    """Find words written from left to right among the segments that are in none yet."""
    count = boxes.shape[0]
    order = np.argsort(boxes[:, 1], kind="mergesort")
    after = np.full(count, -1, dtype=np.int32)
    before = np.full(count, -1, dtype=np.int32)
    for n in range(count):
        i = order[n]
        if space[word[i]] >= 0 or not _like_a_letter(boxes[i]):
            continue
        best, best_gap = -1, 0.0
        tall = boxes[i, 2] - boxes[i, 0]
        reach = boxes[i, 3] + _SPACE * _TALLER * tall
        for m in range(n + 1, count):
            j = order[m]
            if boxes[j, 1] > reach:
                break
            if parent[i] != parent[j] or is_hole[i] != is_hole[j] or space[word[j]] >= 0:
                continue
            gap = _gap_to_next_letter(
                boxes[i], boxes[j], stroke[i], stroke[j], colors[i], colors[j]
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
            _split_line(boxes, colors, is_hole, parent, word, space, height, after, i, least, order)


@njit(cache=True, nogil=True)
def _like_a_letter(box: Any) -> bool:
    tall, wide = box[2] - box[0], box[3] - box[1]
    return bool(tall >= 3 and wide <= _WIDEST * tall)


@njit(cache=True, nogil=True)
def _gap_to_next_letter(
    one: Any, two: Any, stroke1: float, stroke2: float, color1: Any, color2: Any
) -> float:
    """Space between two letters in pixels, negative where they overlap; -1e9 if they do not go together."""
    none = -1e9
    if not _like_a_letter(two):
        return none
    tall1, tall2 = one[2] - one[0], two[2] - two[0]
    wide1, wide2 = one[3] - one[1], two[3] - two[1]
    high, low = max(tall1, tall2), min(tall1, tall2)
    gap = float(two[1] - one[3])
    if high > _TALLER * low or gap < -_KERN * min(wide1, wide2) or two[3] <= one[3]:
        return none
    if min(one[2], two[2]) - max(one[0], two[0]) < _OVERLAP * low:
        return none
    if max(stroke1, stroke2) > _BOLDER * min(stroke1, stroke2):
        return none
    same = _paint_distance(color1, color2) <= _SAME_PAINT
    level = _LEVEL * high + 1
    feet, heads = abs(one[2] - two[2]), abs(one[0] - two[0])
    if min(feet, heads) > level and abs(one[0] + one[2] - two[0] - two[2]) > 2 * level:
        # One has a tail and the other a stem, as in "pl": neither end is level.
        return gap if same and gap <= _SPACE_UNLEVEL * high else none
    return gap if gap <= (_SPACE if same else _SPACE_OTHER_PAINT) * high else none


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
    longest = max(_WORD_SPACES * usual + _WORD_HEIGHT * tall, _LEAST_WORD_HEIGHT * tall)
    if length > 2:
        for letter, gap in ((0, 0), (length - 1, length - 2)):
            far = max(_FIGURE_SPACES * usual, _WORD_HEIGHT * tall)
            if talls[letter] > _FIGURE_TALLER * tall and gaps[gap] > far:
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
        if members.shape[0] == 2 and not _is_pair(boxes, colors, members, inner[0]):
            continue
        if np.median(inner) < -_MOST_OVERLAP * tall:
            continue
        mine = max(1.0, np.median(inner))
        if _is_grid(boxes, is_hole, parent, members, mine, order):
            continue
        head = members[0]
        for k in members:
            word[k] = head
        space[head] = mine
        height[head] = np.median((boxes[members, 2] - boxes[members, 0]).astype(np.float64))
        _add_marks(boxes, colors, is_hole, parent, word, space, height[head], members)


@njit(cache=True, nogil=True)
def _is_pair(boxes: Any, colors: Any, members: Any, gap: float) -> bool:
    """Whether two letters are a word of their own."""
    i, j = members
    tall1, tall2 = boxes[i, 2] - boxes[i, 0], boxes[j, 2] - boxes[j, 0]
    high, low = max(tall1, tall2), min(tall1, tall2)
    return bool(
        gap <= _PAIR_SPACE * low
        and high <= _PAIR_TALLER * low
        and _paint_distance(colors[i], colors[j]) <= _SAME_PAINT
    )


@njit(cache=True, nogil=True)
def _is_grid(boxes: Any, is_hole: Any, parent: Any, members: Any, usual: float, order: Any) -> bool:
    """Whether half of the members have as close a neighbour of their size above or below: a pattern, no line."""
    stacked = 0
    for i in members:
        top, left, bottom, right = boxes[i]
        for j in range(boxes.shape[0]):
            if j == i or parent[j] != parent[i] or is_hole[j] != is_hole[i]:
                continue
            across = min(right, boxes[j, 3]) - max(left, boxes[j, 1])
            low = min(bottom - top, boxes[j, 2] - boxes[j, 0])
            if 2 * across < right - left or 2 * low < bottom - top:
                continue
            gap = max(boxes[j, 0] - bottom, top - boxes[j, 2])
            if 0 <= gap <= 1.5 * usual + 1:
                stacked += 1
                break
    return bool(2 * stacked >= members.shape[0])


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
        far = _MARK_DISTANCE * tall
        if up > bottom + far or down < top - far or west > right + far or east < left - far:
            continue
        margin = _PIECE_MARGIN * tall + 1
        within = up >= top - margin and down <= bottom + margin
        inside = within and west >= left - margin and east <= right + margin
        small = down - up <= _MARK_HEIGHT * tall and east - west <= _WIDEST * tall
        same = _paint_distance(colors[j], colors[head]) <= _SAME_PAINT
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
