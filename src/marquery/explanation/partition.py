"""A logo taken apart into few pieces that share no pixel: among which a score is divided."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from marquery.index.strategies.parts import Kind
from marquery.segments import Segmentation, group_segments
from marquery.segments.grouping import Group

#: Most pieces of a logo: each doubles the pictures that are embedded, and more are not taken in at
#: a glance.
MOST_PIECES = 6
# A hole under the first share of what it lies in is a detail of it; one over the second is a ring's
# inside.
_DETAIL, _INSIDE = 0.02, 0.5
# Two segments in a line, such as two petals, are hardly a word.
_LETTERS = 3
# Ways to group, the coarsest first; the first that finds several pieces is taken.
_WAYS: tuple[Group | None, ...] = ("proximity", "glyphs", None)


@dataclass(frozen=True)
class Piece:
    """Some segments of a logo; no two pieces share one."""

    kind: Kind
    """``"words"``: letters in a line, three or more; ``"shape"``: one segment, holes apart;
    ``"figure"``: several.
    """
    labels: tuple[int, ...]
    """Of the ungrouped segmentation, ascending."""


def partition(found: Segmentation, most: int = MOST_PIECES) -> list[Piece]:
    """Put every segment of a logo in exactly one of a few pieces, the largest first.

    Pieces are what :func:`~marquery.segments.group_segments` puts together by ``proximity``; where
    that is one piece only, by ``glyphs``; where that is, too, the single segments. Holes go with
    what they lie in, except those that read as a figure on it, such as the white letter of a badge.
    Pieces beyond ``most`` join the nearest.

    Args:
        found: segments, not grouped.
        most: how many pieces at most.
    """
    writing = {k for held in group_segments(found, "glyphs").members if len(held) > 1 for k in held}
    sets: list[set[int]] = []
    for how in _WAYS:
        sets = _without_holes(found, _grouped(found, how), writing)
        if len(sets) > 1:
            break
    sets = _joined(found, sets, most)
    return [Piece(_kind(found, chosen, writing), tuple(sorted(chosen))) for chosen in sets]


def _grouped(found: Segmentation, how: Group | None) -> list[set[int]]:
    grouped = group_segments(found, how)
    return [set(held) for held in grouped.members] or [{k} for k in range(1, found.count + 1)]


def _without_holes(found: Segmentation, sets: list[set[int]], writing: set[int]) -> list[set[int]]:
    """Give holes to what they lie in, the innermost first."""
    home = {label: number for number, held in enumerate(sets) for label in held}
    order = sorted(range(len(sets)), key=lambda n: -int(found.depth[min(sets[n]) - 1]))
    for number in order:
        held = sets[number]
        around = int(found.parent[min(held) - 1])
        if around == 0 or not all(found.is_hole[k - 1] for k in held):
            continue
        outer = sets[home[around]]
        share = _area(found, held) / _area(found, outer)
        if around in writing or not _DETAIL <= share <= _INSIDE:
            outer |= held
            home.update(dict.fromkeys(held, home[around]))
            sets[number] = set()
    return [held for held in sets if held]


def _joined(found: Segmentation, sets: list[set[int]], most: int) -> list[set[int]]:
    """The ``most`` largest, each with those of the others that are nearest to it."""
    sets = sorted(sets, key=lambda held: (-_area(found, held), min(held)))
    kept, rest = sets[:most], sets[most:]
    boxes = [_box(found, held) for held in kept]
    for held in rest:
        own = _box(found, held)
        nearest = min(range(len(boxes)), key=lambda n: _gap(own, boxes[n]))
        kept[nearest] |= held
    return kept


def _kind(found: Segmentation, chosen: set[int], writing: set[int]) -> Kind:
    ink = {k for k in chosen if not found.is_hole[k - 1]} or chosen
    if ink <= writing and len(ink) >= _LETTERS:
        return "words"
    return "shape" if len(ink) == 1 else "figure"


def _area(found: Segmentation, labels: Iterable[int]) -> int:
    return int(found.area[np.array(list(labels)) - 1].sum())


def _box(found: Segmentation, labels: Iterable[int]) -> tuple[int, int, int, int]:
    boxes = found.boxes[np.array(list(labels)) - 1]
    top, left = (int(v) for v in boxes[:, :2].min(axis=0))
    bottom, right = (int(v) for v in boxes[:, 2:].max(axis=0))
    return top, left, bottom, right


def _gap(first: tuple[int, int, int, int], second: tuple[int, int, int, int]) -> tuple[int, int]:
    """Distance of two boxes, and the area of the second, so that of two that hold the first the
    inner counts.
    """
    rows = max(0, first[0] - second[2], second[0] - first[2])
    columns = max(0, first[1] - second[3], second[1] - first[3])
    return rows * rows + columns * columns, (second[2] - second[0]) * (second[3] - second[1])
