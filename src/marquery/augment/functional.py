"""The segment operations as pure functions of an image, its segmentation and parameters.

Images are uint8 (H, W, 3); a new array is returned, the input is left as it was. Labels are those of the
:class:`~marquery.segments.Segmentation`. A segmentation stays valid for the result of :func:`recolor`,
so several can be chained. Source of the operations: Yavuz & Kalkan, ICPR 2022, section 3.1.

What lies beneath a segment is the paint of the segment around it (``Segmentation.parent``): the background for
most, the badge for the letter in a badge.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from marquery.augment._plane import fit_plane
from marquery.augment._repaint import lift, paste, repaint
from marquery.errors import UsageError
from marquery.segments import Segmentation

UInt8Array = npt.NDArray[np.uint8]
Float32Array = npt.NDArray[np.float32]
Style = Literal["flat", "shade"]
Color = tuple[int, int, int]

_LEAVE, _FLAT, _SHADE = 0, 1, 2


def recolor(
    image: UInt8Array,
    segmentation: Segmentation,
    colors: Mapping[int, Color],
    style: Style = "flat",
) -> UInt8Array:
    """Give segments a new colour.

    Args:
        image: uint8 (H, W, 3).
        segmentation: of this image, or of one recoloured into it.
        colors: RGB in 0..255 by label.
        style: ``"flat"``: one flat colour. ``"shade"``: pixels lighter or darker than the segment's mean
            stay lighter or darker, so a gradient stays one.

    Raises:
        UsageError: the segmentation is of another size, or has no such label.
    """
    _check(image, segmentation, colors)
    action = np.zeros(segmentation.count + 1, dtype=np.uint8)
    paint = np.zeros((segmentation.count + 1, 3), dtype=np.float32)
    slope = np.zeros((segmentation.count + 1, 2, 3), dtype=np.float32)
    for label, color in colors.items():
        action[label] = _FLAT if style == "flat" else _SHADE
        paint[label] = color
        if style == "shade":
            slope[label, 0] = segmentation.colors[label - 1]
    return _repainted(image, segmentation, action, paint, slope, keep_rest=True)


def remove(image: UInt8Array, segmentation: Segmentation, labels: Iterable[int]) -> UInt8Array:
    """Take segments away; what lies beneath shows.

    Segments that lie on a removed one stay. A hole that is removed takes the paint around it, continued as
    a linear gradient if it is one.

    Args:
        image: uint8 (H, W, 3).
        segmentation: of this image.
        labels: segments to take away.

    Raises:
        UsageError: the segmentation is of another size, or has no such label.
    """
    gone = set(labels)
    _check(image, segmentation, gone)
    action = np.zeros(segmentation.count + 1, dtype=np.uint8)
    paint = np.zeros((segmentation.count + 1, 3), dtype=np.float32)
    slope = np.zeros((segmentation.count + 1, 2, 3), dtype=np.float32)
    shown = shown_after_removal(segmentation, gone)
    fringe = segmentation.fringe
    soft = np.zeros(segmentation.labels.size, dtype=np.bool_)
    soft[fringe.index] = True
    for label in gone:
        action[label] = _FLAT
        below = int(shown[label])
        flat = segmentation.background if below == 0 else segmentation.colors[below - 1]
        box = segmentation.boxes[label - 1]
        plane = fit_plane(image, segmentation.labels, soft.reshape(segmentation.shape), below, box)
        paint[label] = flat if plane is None else plane[0]
        if plane is not None:
            slope[label] = plane[1:]
    return _repainted(image, segmentation, action, paint, slope, keep_rest=False)


def shown_after_removal(segmentation: Segmentation, labels: Iterable[int]) -> npt.NDArray[np.int32]:
    """int32 (count + 1,): the label whose paint shows at each label's place once ``labels`` are removed."""
    gone = set(labels)
    shown = np.arange(segmentation.count + 1, dtype=np.int32)
    for label in gone:
        below = int(segmentation.parent[label - 1])
        while below in gone:
            below = int(segmentation.parent[below - 1])
        shown[label] = below
    return shown


def rotate(
    image: UInt8Array,
    segmentation: Segmentation,
    label: int,
    degrees: float,
    *,
    with_enclosed: bool = True,
) -> UInt8Array:
    """Turn a segment about its own centroid, counter-clockwise, above everything else.

    Args:
        image: uint8 (H, W, 3).
        segmentation: of this image.
        label: the segment.
        degrees: angle; a multiple of 360 gives the image unchanged.
        with_enclosed: segments that lie on it turn with it.

    Raises:
        UsageError: the segmentation is of another size, or has no such label.
    """
    turn = math.radians(degrees % 360)
    cos, sin = math.cos(turn), math.sin(turn)
    return _moved(image, segmentation, label, np.array([[cos, sin], [-sin, cos]]), with_enclosed)


def scale(
    image: UInt8Array,
    segmentation: Segmentation,
    label: int,
    factor: float,
    *,
    with_enclosed: bool = True,
) -> UInt8Array:
    """Make a segment larger or smaller about its own centroid, above everything else.

    Args:
        image: uint8 (H, W, 3).
        segmentation: of this image.
        label: the segment.
        factor: > 0; 1 gives the image unchanged.
        with_enclosed: segments that lie on it are scaled with it.

    Raises:
        UsageError: the factor is not positive, the segmentation is of another size or has no such label.
    """
    if not factor > 0:
        raise UsageError(f"scale needs a factor above 0, not {factor}")
    return _moved(image, segmentation, label, np.eye(2) * factor, with_enclosed)


def share_outside(
    segmentation: Segmentation,
    label: int,
    matrix: npt.NDArray[np.float64],
    with_enclosed: bool = True,
) -> float:
    """Share of a segment's area, 0..1, that leaves the canvas under a 2x2 matrix about its centroid."""
    labels = segmentation.enclosed(label) if with_enclosed else (label,)
    y, x = np.nonzero(np.isin(segmentation.labels, labels))
    points = np.stack([x, y]).astype(np.float64)
    centre = points.mean(axis=1, keepdims=True)
    new_x, new_y = matrix @ (points - centre) + centre
    height, width = segmentation.shape
    inside = (new_x > -0.5) & (new_x < width - 0.5) & (new_y > -0.5) & (new_y < height - 0.5)
    return 1 - float(inside.mean())


def _moved(
    image: UInt8Array,
    segmentation: Segmentation,
    label: int,
    matrix: npt.NDArray[np.float64],
    with_enclosed: bool,
) -> UInt8Array:
    _check(image, segmentation, [label])
    if np.array_equal(matrix, np.eye(2)):
        return image.copy()
    labels = segmentation.enclosed(label) if with_enclosed else (label,)
    part, top, left = cut_out(image, segmentation, labels)
    alpha = part[..., 3]
    weight = alpha.sum()
    centre = np.array(
        [
            alpha.sum(axis=0) @ np.arange(alpha.shape[1]),
            alpha.sum(axis=1) @ np.arange(alpha.shape[0]),
        ]
    )
    centre = centre / weight
    corners = np.array([(x, y) for x in (-1, alpha.shape[1]) for y in (-1, alpha.shape[0])])
    moved = (corners - centre) @ matrix.T
    low, high = np.floor(moved.min(axis=0) - 1), np.ceil(moved.max(axis=0) + 1)
    # Where the canvas ends the part is cut: nothing larger than the canvas is ever drawn.
    origin = np.array([left, top]) + centre
    low = np.maximum(low, np.floor(-origin) - 1)
    high = np.minimum(high, np.ceil(np.array([image.shape[1], image.shape[0]]) - origin) + 1)
    offset = np.round(origin + low)  # whole pixels, so that nothing is resampled twice
    size = np.maximum(np.round(high - low), 1).astype(int)
    shift = origin - offset - matrix @ centre
    affine = np.concatenate([matrix, shift[:, None]], axis=1)
    if abs(np.linalg.det(matrix)) < 1:  # shrinking: blur first, or the edges alias
        sigma = 0.5 * math.sqrt(1 / abs(np.linalg.det(matrix)) - 1)
        cv2.GaussianBlur(part, (0, 0), max(sigma, 0.01), part, borderType=cv2.BORDER_CONSTANT)
    warped = cv2.warpAffine(part, affine, (int(size[0]), int(size[1])), flags=cv2.INTER_LINEAR)
    out = remove(image, segmentation, labels)
    paste(out, warped, int(offset[1]), int(offset[0]))
    return out


def cut_out(
    image: UInt8Array, segmentation: Segmentation, labels: Iterable[int]
) -> tuple[Float32Array, int, int]:
    """Cut segments out with their soft edges.

    Returns:
        float32 (h, w, 4): RGB in 0..255 times alpha, and alpha in 0..1; and the row and column of the
        cut-out's first pixel.
    """
    names = list(labels)
    boxes = segmentation.boxes[np.array(names) - 1]
    height, width = segmentation.shape
    top, left = (int(v) for v in np.maximum(boxes[:, :2].min(axis=0) - 2, 0))
    bottom, right = boxes[:, 2:].max(axis=0) + 2
    part = np.zeros((min(int(bottom), height) - top, min(int(right), width) - left, 4), np.float32)
    chosen = np.zeros(segmentation.count + 1, dtype=np.bool_)
    chosen[names] = True
    fringe = segmentation.fringe
    lift(
        np.ascontiguousarray(image).reshape(-1, 3),
        segmentation.labels,
        chosen,
        (top, left),
        fringe.index,
        fringe.under,
        fringe.share,
        fringe.paint,
        part,
    )
    return part, top, left


def _repainted(
    image: UInt8Array,
    segmentation: Segmentation,
    action: UInt8Array,
    paint: Float32Array,
    slope: Float32Array,
    *,
    keep_rest: bool,
) -> UInt8Array:
    out = np.array(image, order="C")
    fringe = segmentation.fringe
    repaint(
        np.ascontiguousarray(image).reshape(-1, 3),
        out.reshape(-1, 3),
        segmentation.labels,
        action,
        paint,
        slope,
        fringe.index,
        fringe.under,
        fringe.share,
        fringe.paint,
        keep_rest,
    )
    return out


def _check(image: UInt8Array, segmentation: Segmentation, labels: Iterable[int]) -> None:
    if image.shape != (*segmentation.shape, 3) or image.dtype != np.uint8:
        raise UsageError(
            f"the segmentation is of a uint8 image of shape {(*segmentation.shape, 3)}, "
            f"not of this {image.dtype} array of shape {image.shape}"
        )
    for label in labels:
        if not 1 <= label <= segmentation.count:
            raise UsageError(
                f"no segment {label}: this image has segments 1 to {segmentation.count}"
            )
