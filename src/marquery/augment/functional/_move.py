"""Operations that move a part: rotate, scale, translate, mirror, duplicate."""

import math
from typing import Literal, get_args

import numpy as np

from marquery.arrays import Float64Array, UInt8Array
from marquery.augment.functional._kernels import paste
from marquery.augment.functional._paint import remove
from marquery.augment.functional._parts import (
    centroid,
    check,
    chosen_labels,
    cut_out,
    members,
    resampled,
)
from marquery.errors import UsageError
from marquery.segments import Segmentation

__all__ = [
    "DIRECTIONS",
    "Direction",
    "duplicate",
    "mirror",
    "rotate",
    "rotation",
    "scale",
    "share_outside",
    "translate",
]

Direction = Literal["horizontal", "vertical"]
# Parts larger than this many pixels across are measured by every other pixel, every third and so
# on.
_MOST_ACROSS = 256
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)


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
    return _moved(image, segmentation, label, rotation(degrees), with_enclosed)


def rotation(degrees: float) -> Float64Array:
    """float64 (2, 2): turns (x, y) counter-clockwise as seen in an image; exact at quarter
    turns.
    """
    quarters, rest = divmod(degrees % 360, 90)
    turn = math.radians(rest)
    cos, sin = math.cos(turn), math.sin(turn)
    for _ in range(int(quarters)):
        cos, sin = -sin, cos
    return np.array([[cos, sin], [-sin, cos]])


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
        UsageError: the factor is not positive, the segmentation is of another size or has no such
            label.
    """
    if not factor > 0:
        raise UsageError("factor", f"{factor!r} is not above 0", "give a scale above 0")
    return _moved(image, segmentation, label, np.eye(2) * factor, with_enclosed)


def translate(
    image: UInt8Array,
    segmentation: Segmentation,
    label: int,
    shift: tuple[int, int],
    *,
    with_enclosed: bool = True,
) -> UInt8Array:
    """Move a segment to another place, above everything else.

    Args:
        image: uint8 (H, W, 3).
        segmentation: of this image.
        label: the segment.
        shift: whole pixels to the right and down; (0, 0) gives the image unchanged. What leaves the
            canvas is cut off.
        with_enclosed: segments that lie on it move with it.

    Raises:
        UsageError: the segmentation is of another size, or has no such label.
    """
    check(image, segmentation, [label])
    right, down = shift
    if right == 0 == down:
        return image.copy()
    labels = members(segmentation, label, with_enclosed)
    part, top, left = cut_out(image, segmentation, labels)
    out = remove(image, segmentation, labels)
    paste(out, part, top + down, left + right)
    return out


def duplicate(
    image: UInt8Array,
    segmentation: Segmentation,
    label: int,
    shift: tuple[int, int],
    *,
    with_enclosed: bool = True,
) -> UInt8Array:
    """Lay a copy of a segment beside it, above everything else.

    Args:
        image: uint8 (H, W, 3).
        segmentation: of this image.
        label: the segment.
        shift: whole pixels from the segment to its copy, to the right and down; (0, 0) gives the
            image unchanged. What leaves the canvas is cut off.
        with_enclosed: segments that lie on it are copied with it.

    Raises:
        UsageError: the segmentation is of another size, or has no such label.
    """
    check(image, segmentation, [label])
    right, down = shift
    out = image.copy()
    if right == 0 == down:
        return out
    part, top, left = cut_out(image, segmentation, members(segmentation, label, with_enclosed))
    paste(out, part, top + down, left + right)
    return out


def mirror(
    image: UInt8Array,
    segmentation: Segmentation,
    label: int,
    direction: Direction = "horizontal",
    *,
    with_enclosed: bool = True,
) -> UInt8Array:
    """Turn a segment over within its own box, above everything else. Nothing is resampled.

    Args:
        image: uint8 (H, W, 3).
        segmentation: of this image.
        label: the segment.
        direction: ``"horizontal"`` exchanges left and right, ``"vertical"`` top and bottom.
        with_enclosed: segments that lie on it are turned over with it.

    Raises:
        UsageError: the direction is unknown, the segmentation is of another size or has no such
            label.
    """
    if direction not in DIRECTIONS:
        raise UsageError(
            "direction", f"{direction!r} is unknown", "give 'horizontal' or 'vertical'"
        )
    check(image, segmentation, [label])
    labels = members(segmentation, label, with_enclosed)
    part, top, left = cut_out(image, segmentation, labels)
    over = part[:, ::-1] if direction == "horizontal" else part[::-1]
    out = remove(image, segmentation, labels)
    paste(out, np.ascontiguousarray(over), top, left)
    return out


def share_outside(
    segmentation: Segmentation,
    label: int,
    matrix: Float64Array | None = None,
    with_enclosed: bool = True,
    shift: tuple[float, float] = (0, 0),
) -> float:
    """Share of a part's area, 0..1, that is lost by a move.

    What leaves the canvas is lost. So is what leaves the logo, if the part is a hole: on the
    background, whose colour it has, nobody would see it.

    Args:
        segmentation: of the image.
        label: the part.
        matrix: (2, 2), applied to (x, y) about the part's centroid; by default none.
        with_enclosed: segments that lie on it move with it.
        shift: pixels to the right and down.
    """
    chosen = chosen_labels(segmentation, members(segmentation, label, with_enclosed))
    boxes = segmentation.boxes[np.flatnonzero(chosen) - 1]
    (top, left), (bottom, right) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    step = 1 + math.isqrt((bottom - top) * (right - left)) // _MOST_ACROSS
    y, x = np.nonzero(chosen[segmentation.labels[top:bottom:step, left:right:step]])
    points = np.stack([x * step + left, y * step + top]).astype(np.float64)
    if matrix is not None:
        centre = points.mean(axis=1, keepdims=True)
        points = matrix @ (points - centre) + centre
    new_x, new_y = np.floor(points + np.array(shift)[:, None] + 0.5).astype(np.int64)
    height, width = segmentation.shape
    inside = (new_x >= 0) & (new_x < width) & (new_y >= 0) & (new_y < height)
    if segmentation.is_hole[label - 1]:
        inside[inside] = segmentation.labels[new_y[inside], new_x[inside]] > 0
    return 1 - float(inside.mean())


def _moved(
    image: UInt8Array,
    segmentation: Segmentation,
    label: int,
    matrix: Float64Array,
    with_enclosed: bool,
) -> UInt8Array:
    check(image, segmentation, [label])
    if np.array_equal(matrix, np.eye(2)):
        return image.copy()
    labels = members(segmentation, label, with_enclosed)
    part, top, left = cut_out(image, segmentation, labels)
    pivot = centroid(part)
    target = pivot + np.array([left, top])
    warped, top, left = resampled(part, matrix, pivot, target, segmentation.shape)
    out = remove(image, segmentation, labels)
    paste(out, warped, top, left)
    return out
