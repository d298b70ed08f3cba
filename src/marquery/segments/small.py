"""Small pictures that are not crisp: the segments of a copy that is twice as large, reduced.

Letters and counters of a few pixels have no flat block of their own in a small picture, and a
filter against ripples reaches across them. In a copy that is twice as large both are right.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import cv2
import numpy as np

from marquery.arrays import BoolArray, Int32Array, UInt8Array
from marquery.segments.depth import label_depths
from marquery.segments.formation import Formation
from marquery.segments.segmentation import Segmentation, SoftEdges
from marquery.segments.settings import SegmenterSettings
from marquery.segments.stats import label_areas

# Marks pixels that belong to no segment yet.
_LOOSE = -1
_SQUARE = np.ones((3, 3), dtype=np.uint8)


def settings_of_larger(settings: SegmenterSettings, grain: float) -> SegmenterSettings:
    """Those for the larger copy, which is enlarged no more.

    Args:
        settings: those of the picture.
        grain: of the picture, in levels; see :class:`Formation`.
    """
    small, restoring = settings.small, settings.restoring
    is_fine = grain < restoring.fine_grain
    if is_fine:
        restoring = replace(restoring, min_noisy_ramp=small.fine_min_ramp)
    noise = replace(
        settings.noise,
        smoothing_diameter=small.smoothing_diameter,
        smoothing_color=small.fine_smoothing_color if is_fine else small.smoothing_color,
        smoothing_space=small.smoothing_space,
    )
    return replace(settings, noise=noise, restoring=restoring, small=replace(small, max_side=0))


def gains_enlarged(pixels: UInt8Array, formation: Formation, settings: SegmenterSettings) -> bool:
    """Whether a picture is better segmented at twice its size. Overshoot and dots are not: enlarged
    they are wider than the filters that take them away.

    Args:
        pixels: uint8 (H, W, 3).
        formation: how it came about.
        settings: thresholds.
    """
    kinds = ("blurred", "compressed", "scanned")
    return formation.kind in kinds and max(pixels.shape) <= settings.small.max_side


def from_larger(
    pixels: UInt8Array, min_area: int, find: Callable[[UInt8Array], Segmentation]
) -> Segmentation:
    """Segments of a copy that is twice as large, at the size of the picture; without soft edges.

    A pixel has the label that most of its four have, of two the one of the smaller segment. A
    segment that falls apart is several.

    Args:
        pixels: uint8 (H, W, 3).
        min_area: pixels; smaller pieces are taken into the neighbour that they touch most.
        find: gives the segments of the larger copy.
    """
    height, width = pixels.shape[:2]
    size = (2 * width, 2 * height)
    large = cv2.resize(pixels, size, interpolation=cv2.INTER_LANCZOS4)
    found = find(np.asarray(large, dtype=np.uint8))
    reduced = reduce_labels(found.labels, found.count)
    labels, origin = part_pieces(reduced, found.count, min_area)
    is_hole = np.concatenate([[True], found.is_hole])[origin]
    colors = mean_colors(pixels, labels, len(origin))
    background = colors[0] if (labels == 0).any() else found.background
    return Segmentation(labels, background, is_hole, colors[1:], SoftEdges.none())


def reduce_labels(labels: Int32Array, count: int) -> Int32Array:
    """int32 (H, W): of each 2x2 labels the most frequent, of equals that of the smallest segment.

    Args:
        labels: int32 (2 H, 2 W), 0 to ``count``.
        count: the greatest label.
    """
    four = np.stack([labels[y::2, x::2] for y in (0, 1) for x in (0, 1)])
    votes = (four[:, None] == four[None]).sum(axis=1)
    # Below 1, so that votes decide first.
    size = label_areas(labels, count)[four] / (labels.size + 1)
    chosen = (votes - size).argmax(axis=0)
    reduced = np.take_along_axis(four, chosen[None], axis=0)[0]
    return np.ascontiguousarray(reduced, dtype=np.int32)


def part_pieces(labels: Int32Array, count: int, min_area: int) -> tuple[Int32Array, Int32Array]:
    """Labels that hang together, none of them smaller than the least area.

    Args:
        labels: int32 (H, W), 0 to ``count``; 0 is the background.
        count: the greatest label.
        min_area: pixels.

    Returns:
        int32 (H, W), 0 to N: 0 is the background that reaches the border; int32 (N,), the label
        that each was a piece of.
    """
    parted = np.full(labels.shape, _LOOSE, dtype=np.int32)
    origin: list[int] = []
    for label in range(count + 1):
        for piece in _pieces(labels == label):
            if label == 0 and _reaches_border(piece):
                parted[piece] = 0
            elif np.count_nonzero(piece) >= min_area:
                origin.append(label)
                parted[piece] = len(origin)
    _settle(parted)
    return parted, np.array(origin, dtype=np.int32)


def mean_colors(pixels: UInt8Array, labels: Int32Array, count: int) -> UInt8Array:
    """uint8 (count + 1, 3): the mean colour of each label, but for pixels that touch another where
    it has others.

    Args:
        pixels: uint8 (H, W, 3).
        labels: int32 (H, W), 0 to ``count``.
        count: the greatest label.
    """
    flat = labels.reshape(-1)
    inside = label_depths(labels, 2).reshape(-1) > 1
    has_inside = np.bincount(flat[inside], minlength=count + 1) > 0
    taken = inside | ~has_inside[flat]
    number = np.maximum(np.bincount(flat[taken], minlength=count + 1), 1)
    sums = [
        np.bincount(flat[taken], weights=channel, minlength=count + 1)
        for channel in pixels.reshape(-1, 3)[taken].T
    ]
    return np.rint(np.stack(sums, axis=1) / number[:, None]).astype(np.uint8)


def _pieces(mask: BoolArray) -> Iterator[BoolArray]:
    """Its 8-connected pieces."""
    number, pieces = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    for piece in range(1, number):
        yield pieces == piece


def _reaches_border(mask: BoolArray) -> bool:
    return bool(mask[[0, -1]].any() or mask[:, [0, -1]].any())


def _settle(labels: Int32Array) -> None:
    """Give each loose piece the label that it touches most, in place; that of the background if the
    piece is the whole picture.
    """
    for piece in _pieces(labels == _LOOSE):
        ring = cv2.dilate(piece.astype(np.uint8), _SQUARE).astype(np.bool_) & ~piece
        names, touches = np.unique(labels[ring], return_counts=True)
        labels[piece] = names[touches.argmax()] if names.size else 0
