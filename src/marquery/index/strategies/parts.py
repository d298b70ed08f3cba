"""The parts of a logo that are indexed beside the whole: its words, its figure, single large
shapes.

A part is a set of segments, laid alone on the logo's background and cropped to its box, so that its
picture does not depend on where it stands or what is beside it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from marquery.arrays import Float32Array, UInt8Array
from marquery.boxes import Box
from marquery.segments import Segmentation, group_segments

Kind = Literal["words", "figure", "shape"]


@dataclass(frozen=True)
class PartSettings:
    """Which parts of a logo are indexed. A change needs the index to be built again.

    Attributes:
        max_parts: parts that are kept of a logo, the most distinctive first.
        max_side: pixels; larger images are reduced before parts are looked for.
        margin: border around a part, on each side, as a share of its box's longer side.
        min_ink: share of the logo's ink; smaller parts are not distinctive on their own.
        min_side: share of the image's longest side that a part measures at least.
        max_difference: two sets of segments that differ by less than this share of their joint area
            are one part, and so are two shapes whose masks differ by less than this share.
        size_tolerance: pixels by which width or height of repeated shapes, such as a row of dots,
            may differ. Only one of them is kept.
        color_tolerance: levels of 255; repeated shapes differ by less in every channel.
        min_contrast: levels of 255 in the channel that differs most by which paint must differ from
            the background it is laid on.
        min_inside: share of a segment that a rectangle must hold for the segment to belong to it.
    """

    max_parts: int = 8
    max_side: int = 384
    margin: float = 0.08
    min_ink: float = 0.02
    min_side: float = 0.06
    max_difference: float = 0.05
    size_tolerance: int = 2
    color_tolerance: int = 12
    min_contrast: int = 40
    min_inside: float = 0.6


SETTINGS = PartSettings()


@dataclass(frozen=True)
class Part:
    """One part of a logo."""

    kind: Kind
    """``"words"``: one or all lines of writing; ``"figure"``: several segments; ``"shape"``: one.
    """
    box: Box
    """x, y, width, height in pixels of the image that was segmented."""
    labels: tuple[int, ...]
    """Its segments, ascending."""


@dataclass(frozen=True)
class _Layout:
    """What a choice of parts needs to know about a logo."""

    found: Segmentation
    ink: float
    words: tuple[tuple[int, ...], ...]


def find_parts(found: Segmentation, most: int = SETTINGS.max_parts) -> list[Part]:
    """Choose the parts of a logo that get a vector of their own, the most distinctive first.

    In this order, and by area within each: everything but the writing, all writing, what lies on a
    badge, groups of nearby segments, single segments with what lies on them, single lines of
    writing, single segments, and last the single letters of lines. Of several that look the same,
    such as a row of dots, one is taken.

    Args:
        found: segments, not grouped.
        most: how many parts at most.
    """
    words = lines_of_writing(found)
    layout = _Layout(found, float(found.area[~found.is_hole].sum()), words)
    kept: list[Part] = []
    whole = frozenset(range(1, found.count + 1))
    taken = [whole, frozenset(k for k in whole if not found.is_hole[k - 1])]
    seen: list[_Look] = []
    for kind, labels in _candidates(layout):
        chosen = frozenset(labels)
        if len(kept) == most:
            break
        if not chosen or not _is_distinctive(layout, chosen) or _among(found, chosen, taken):
            continue
        look = _look(found, chosen)
        if not any(_alike(look, other) for other in seen):
            seen.append(look)
            taken.append(chosen)
            kept.append(Part(kind, box_of(found, sorted(chosen)), tuple(sorted(chosen))))
    return kept


def without_words(found: Segmentation) -> tuple[int, ...]:
    """Labels of all segments that are in no line of writing; all labels if there are no others."""
    return _rest(found, lines_of_writing(found))


def _rest(found: Segmentation, words: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    writing = {k for word in words for k in word}
    rest = tuple(k for k in range(1, found.count + 1) if k not in writing)
    has_ink = any(not found.is_hole[k - 1] for k in rest)
    return rest if has_ink else tuple(range(1, found.count + 1))


def lines_of_writing(found: Segmentation) -> tuple[tuple[int, ...], ...]:
    """Labels of the letters of each line of writing."""
    return tuple(m for m in group_segments(found, "glyphs").members if len(m) > 1)


def box_of(found: Segmentation, labels: list[int]) -> Box:
    """x, y, width, height around some segments."""
    boxes = found.boxes[np.array(labels) - 1]
    top, left = (int(v) for v in boxes[:, :2].min(axis=0))
    bottom, right = (int(v) for v in boxes[:, 2:].max(axis=0))
    return left, top, right - left, bottom - top


def segments_in(
    found: Segmentation, left: int, top: int, right: int, bottom: int
) -> tuple[int, ...]:
    """Labels of the segments that a rectangle holds for the most part.

    Args:
        found: the segmentation.
        left, top, right, bottom: the rectangle in pixels.
    """
    window = found.labels[top:bottom, left:right]
    inside = np.bincount(window.reshape(-1), minlength=found.count + 1)[1:]
    return tuple(int(i) + 1 for i in np.flatnonzero(inside >= SETTINGS.min_inside * found.area))


def shrink(pixels: UInt8Array, side: int = SETTINGS.max_side) -> tuple[UInt8Array, float]:
    """The image with its longest side brought to ``side`` if it is longer, and the scale
    applied.
    """
    scale = side / max(pixels.shape[:2])
    if scale >= 1:
        return pixels, 1.0
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    small: UInt8Array = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    return small, scale


def _candidates(layout: _Layout) -> Iterator[tuple[Kind, tuple[int, ...]]]:
    found, words = layout.found, layout.words
    if words:
        yield "figure", _rest(found, words)
        yield "words", tuple(k for word in words for k in word)
    below = np.unique(found.parent[found.parent > 0])
    for badge in _by_area(found, [(int(b),) for b in below]):
        yield "figure", tuple(k for k in found.enclosed(badge[0]) if k != badge[0])
    near = [m for m in group_segments(found, "proximity").members if len(m) > 1]
    for group in _by_area(found, near):
        yield "figure", _with_enclosed(found, group)
    letters = {k for word in words for k in word}
    shapes: list[tuple[int, ...]] = [
        (k,) for k in range(1, found.count + 1) if not found.is_hole[k - 1]
    ]
    largest = _by_area(found, shapes)[: 4 * SETTINGS.max_parts]
    for shape in largest:
        if shape[0] in letters:
            continue
        closed = _with_enclosed(found, shape)
        yield "shape" if len(closed) == 1 else "figure", closed
    for word in _by_area(found, list(words)):
        yield "words", word
    for shape in sorted(largest, key=lambda labels: labels[0] in letters):
        yield "shape", shape


def _with_enclosed(found: Segmentation, labels: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted({k for label in labels for k in found.enclosed(label)}))


def _by_area(found: Segmentation, sets: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    return sorted(sets, key=lambda labels: -int(found.area[np.array(labels) - 1].sum()))


def _is_distinctive(layout: _Layout, labels: frozenset[int]) -> bool:
    found = layout.found
    _, _, width, height = box_of(found, list(labels))
    area = float(found.area[np.array(list(labels)) - 1].sum())
    return area >= SETTINGS.min_ink * layout.ink and max(width, height) >= SETTINGS.min_side * max(
        found.shape
    )


def _among(found: Segmentation, labels: frozenset[int], taken: list[frozenset[int]]) -> bool:
    def area(chosen: frozenset[int]) -> float:
        return float(found.area[np.array(list(chosen), dtype=np.int64) - 1].sum())

    return any(
        area(labels ^ other) < SETTINGS.max_difference * area(labels | other) for other in taken
    )


# Width, height, mask brought to 16 x 16, and mean colour: what tells one dot of a row from the
# next, if anything.
_Look = tuple[int, int, Float32Array, UInt8Array]


def _look(found: Segmentation, labels: frozenset[int]) -> _Look:
    chosen = np.array(sorted(labels)) - 1
    area = found.area[chosen]
    color = (found.colors[chosen] * area[:, None]).sum(axis=0) / area.sum()
    left, top, width, height = box_of(found, sorted(labels))
    window = found.labels[top : top + height, left : left + width]
    mask = np.isin(window, chosen + 1).astype(np.float32)
    small = np.asarray(cv2.resize(mask, (16, 16), interpolation=cv2.INTER_AREA), np.float32)
    return width, height, small, np.rint(color).astype(np.uint8)


def _alike(first: _Look, second: _Look) -> bool:
    return (
        abs(first[0] - second[0]) <= SETTINGS.size_tolerance
        and abs(first[1] - second[1]) <= SETTINGS.size_tolerance
        and float(np.abs(first[2] - second[2]).mean()) < SETTINGS.max_difference
        and int(np.abs(first[3].astype(np.int16) - second[3].astype(np.int16)).max())
        < SETTINGS.color_tolerance
    )
