"""What segmenting gives: a label map with soft edges."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from marquery.arrays import BoolArray, Float32Array, Int32Array, Int64Array, UInt8Array
from marquery.segments.settings import DEFAULT_SETTINGS, SegmenterSettings
from marquery.segments.stats import contact_pairs, label_areas, label_boxes, label_parents


@dataclass(frozen=True)
class SoftEdges:
    """The K pixels that show two segments at once, such as those of anti-aliased edges.

    Attributes:
        index: int32 (K,), flat pixel index ``y * W + x``.
        under: int32 (K,), label of the second segment; the first is ``labels[y, x]``.
        share: float32 (K,), share of the first segment in the pixel, 0 to 1.
        paint: int32 (K, 2), flat indices of nearby pixels that show only the first and only the
            second segment. Their colours are the two paints of this pixel.
    """

    index: Int32Array
    under: Int32Array
    share: Float32Array
    paint: Int32Array

    @classmethod
    def none(cls) -> "SoftEdges":
        """Those of a picture whose pixels show one segment each."""
        empty = np.zeros(0, dtype=np.int32)
        return cls(empty, empty, np.zeros(0, dtype=np.float32), empty.reshape(0, 2))

    def __len__(self) -> int:
        return int(self.index.shape[0])


@dataclass(frozen=True)
class Segmentation:
    """The segments of a logo.

    Attributes:
        labels: int32 (H, W): 0 = background, 1..count = segments in reading order of their first
            pixel, each 8-connected. A pixel that shows two segments has the label of the larger
            share. Where segments were grouped, a label is a part of one or more of them, not always
            connected.
        background: uint8 (3,), RGB colour of the background.
        is_hole: bool (count,): the segment has the background's colour but is enclosed by others
            (the white letter in a badge, the inside of an O).
        colors: uint8 (count, 3), mean RGB colour of each segment, its soft edge left out.
        soft_edges: the pixels that show two segments, and their shares.
        members: for each part of a grouped segmentation, the labels of ``ungrouped`` it holds,
            ascending; () if nothing was grouped.
        ungrouped: the segmentation whose segments were grouped into these parts; None if this is
            it.
        settings: the thresholds it was made with; nesting and grouping read theirs from here.

    Per-segment arrays start at label 1: ``is_hole[label - 1]``.
    """

    labels: Int32Array
    background: UInt8Array
    is_hole: BoolArray
    colors: UInt8Array
    soft_edges: SoftEdges
    members: tuple[tuple[int, ...], ...] = ()
    ungrouped: "Segmentation | None" = None
    settings: SegmenterSettings = field(default=DEFAULT_SETTINGS, repr=False)

    @property
    def count(self) -> int:
        """Number of segments."""
        return int(self.is_hole.shape[0])

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.labels.shape[0], self.labels.shape[1]

    @cached_property
    def coverage(self) -> Float32Array:
        """float32 (H, W) in 0..1: how much of each pixel belongs to the segment in ``labels``.

        1 inside segments; on soft edges the rest belongs to the segment in :attr:`under`.
        """
        dense = np.ones(self.labels.size, dtype=np.float32)
        dense[self.soft_edges.index] = self.soft_edges.share
        return dense.reshape(self.shape)

    @cached_property
    def under(self) -> Int32Array:
        """int32 (H, W): the segment that holds the rest of each soft pixel; ``labels``
        elsewhere.
        """
        dense = self.labels.reshape(-1).copy()
        dense[self.soft_edges.index] = self.soft_edges.under
        return dense.reshape(self.shape)

    @cached_property
    def area(self) -> Int64Array:
        """int64 (count,): pixels of each label."""
        area: Int64Array = label_areas(self.labels, self.count)
        return area[1:]

    @cached_property
    def boxes(self) -> Int32Array:
        """int32 (count, 4): first row, first column, last row + 1, last column + 1 of each
        label.
        """
        boxes: Int32Array = label_boxes(self.labels, self.count)
        return boxes

    @cached_property
    def contacts(self) -> Int64Array:
        """int64 (count + 1, count + 1), symmetric: pixel sides that two labels share; the diagonal
        is 0.
        """
        contacts = np.zeros((self.count + 1, self.count + 1), dtype=np.int64)
        first, second, sides = self._pairs
        contacts[first, second] = sides
        contacts[second, first] = sides
        return contacts

    @cached_property
    def outline(self) -> Int64Array:
        """int64 (count,): pixel sides that each label shares with others, the background among
        them.
        """
        first, second, sides = self._pairs
        total = np.bincount(first, sides, self.count + 1) + np.bincount(
            second, sides, self.count + 1
        )
        return total[1:].astype(np.int64)

    @cached_property
    def _pairs(self) -> tuple[Int32Array, Int32Array, Int64Array]:
        first, second, sides = contact_pairs(self.labels, self.count)
        return first, second, sides

    @cached_property
    def parent(self) -> Int32Array:
        """int32 (count,): the segment around each segment, 0 = background.

        A segment that touches the background lies on it; one that touches only such segments lies
        on the one it touches most; and so on inwards. A part of several segments lies where its
        members do.
        """
        return self._nesting[0]

    @cached_property
    def depth(self) -> Int32Array:
        """int32 (count,): 1 for segments on the background, 2 for those that lie on such a one, and
        so on.
        """
        return self._nesting[1]

    @cached_property
    def _nesting(self) -> tuple[Int32Array, Int32Array]:
        if self.ungrouped is None:
            first, second, sides = self._pairs
            stray = self.settings.stray_contact
            parent, depth = label_parents(first, second, sides, self.count, stray)
            return parent, depth
        # All members of a part lie on the same part, so any of them tells where it lies.
        inner = self.ungrouped
        one = np.array([held[0] for held in self.members], dtype=np.int64) - 1
        part_of = np.zeros(inner.count + 1, dtype=np.int32)
        for part, held in enumerate(self.members, start=1):
            part_of[list(held)] = part
        return part_of[inner.parent[one]], inner.depth[one]

    @property
    def ink(self) -> Int64Array:
        """int64 (count,): area of each segment in pixels, 0 for holes."""
        return np.where(self.is_hole, 0, self.area)

    def enclosed(self, label: int) -> tuple[int, ...]:
        """``label`` and the segments that lie on it, on those, and so on."""
        chosen = [label]
        for above in chosen:
            chosen += (int(i) + 1 for i in np.flatnonzero(self.parent == above))
        return tuple(chosen)

    def tree(self) -> dict[int, Any]:
        """What lies on what: ``{1: {3: {}}, 2: {}}`` says that 1 and 2 lie on the background and 3
        on 1.

        Of a grouped segmentation it is the tree of its parts; ``members`` leads from a part to its
        segments, and ``ungrouped.tree()`` is the tree of those.
        """
        on: list[dict[int, Any]] = [{} for _ in range(self.count + 1)]
        for label in range(1, self.count + 1):
            on[self.parent[label - 1]][label] = on[label]
        return on[0]

    def alpha(self, *labels: int) -> Float32Array:
        """float32 (H, W) in 0..1: how much of each pixel belongs to the given segments."""
        chosen = np.zeros(self.count + 1, dtype=np.float32)
        chosen[list(labels)] = 1
        dense = chosen[self.labels].reshape(-1)
        soft_edges = self.soft_edges
        first, second = chosen[self.labels.reshape(-1)[soft_edges.index]], chosen[soft_edges.under]
        dense[soft_edges.index] = first * soft_edges.share + second * (1 - soft_edges.share)
        return dense.reshape(self.shape)
