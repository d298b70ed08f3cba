"""Parts of a logo as cut-outs with soft edges: taken out, and laid on again."""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from marquery.arrays import BoolArray, Float32Array, Float64Array, UInt8Array
from marquery.augment.functional._kernels import lift
from marquery.errors import UsageError
from marquery.segments import Segmentation

__all__ = ["cut_out"]


def check(image: UInt8Array, segmentation: Segmentation, labels: Iterable[int]) -> None:
    """Check that a segmentation fits an image and has some labels.

    Args:
        image: uint8 (H, W, 3).
        segmentation: of shape (H, W).
        labels: which must exist.

    Raises:
        UsageError: it does not fit, or has no such label.
    """
    if image.shape != (*segmentation.shape, 3) or image.dtype != np.uint8:
        raise UsageError(
            "segmentation",
            f"it is of a uint8 image of shape {(*segmentation.shape, 3)}, "
            f"not of this {image.dtype} array of shape {image.shape}",
            "give the segmentation of this image",
        )
    for label in labels:
        if not 1 <= label <= segmentation.count:
            raise UsageError(
                "label",
                f"no segment {label}: this image has segments 1 to {segmentation.count}",
                "give one of these",
            )


def members(segmentation: Segmentation, label: int, with_enclosed: bool) -> tuple[int, ...]:
    """The labels that go with a part: itself, and what lies on it if ``with_enclosed``.

    Args:
        segmentation: of the image.
        label: of the part.
        with_enclosed: take what lies on it, too.
    """
    return segmentation.enclosed(label) if with_enclosed else (label,)


def chosen_labels(segmentation: Segmentation, labels: Iterable[int]) -> BoolArray:
    """bool (count + 1,): whether each label is among ``labels``."""
    chosen = np.zeros(segmentation.count + 1, dtype=np.bool_)
    chosen[list(labels)] = True
    return chosen


def cut_out(
    image: UInt8Array, segmentation: Segmentation, labels: Iterable[int]
) -> tuple[Float32Array, int, int]:
    """Cut segments out with their soft edges.

    Args:
        image: uint8 (H, W, 3).
        segmentation: of this image.
        labels: segments to cut out.

    Returns:
        float32 (h, w, 4): RGB in 0..255 times alpha, and alpha in 0..1; and the row and column of
        the cut-out's first pixel. It is as small as can be: alpha is above 0 somewhere in its first
        and last rows and columns.
    """
    names = list(labels)
    chosen = chosen_labels(segmentation, names)
    boxes = segmentation.boxes[np.array(names) - 1]
    top, left = (int(v) for v in boxes[:, :2].min(axis=0))
    bottom, right = (int(v) for v in boxes[:, 2:].max(axis=0))
    fringe = segmentation.soft_edges
    # Soft pixels whose larger share belongs to a neighbour lie outside the box of the labels.
    outer = fringe.index[chosen[fringe.under] & (fringe.share < 1)]
    if len(outer):
        y, x = np.divmod(outer, segmentation.shape[1])
        top, left = min(top, int(y.min())), min(left, int(x.min()))
        bottom, right = max(bottom, int(y.max()) + 1), max(right, int(x.max()) + 1)
    part = np.zeros((bottom - top, right - left, 4), np.float32)
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


def centroid(part: Float32Array) -> Float64Array:
    """Centre of mass (x, y) of a cut-out's alpha, in its own pixels."""
    alpha = part[..., 3].astype(np.float64)
    x = alpha.sum(axis=0) @ np.arange(alpha.shape[1])
    y = alpha.sum(axis=1) @ np.arange(alpha.shape[0])
    centre: Float64Array = np.array([x, y]) / alpha.sum()
    return centre


def middle(part: Float32Array) -> Float64Array:
    """Centre (x, y) of a cut-out's box, in its own pixels."""
    return (np.array([part.shape[1], part.shape[0]]) - 1) / 2


def resampled(
    part: Float32Array,
    matrix: Float64Array,
    pivot: Float64Array,
    target: Float64Array,
    canvas: Sequence[int],
) -> tuple[Float32Array, int, int]:
    """Turn or scale a cut-out.

    Args:
        part: float32 (h, w, 4), RGB times alpha, and alpha.
        matrix: (2, 2), applied to (x, y).
        pivot: (x, y) in the cut-out that ...
        target: ... comes to lie at (x, y) of the canvas.
        canvas: height and width; what lies outside is cut off, so nothing larger is ever drawn.

    Returns:
        The new cut-out, and the row and column of the canvas at which its first pixel lies.
    """
    corners = np.array([(x, y) for x in (-1, part.shape[1]) for y in (-1, part.shape[0])])
    reach = (corners - pivot) @ matrix.T + target
    low = np.maximum(np.floor(reach.min(axis=0)) - 1, -1)
    high = np.minimum(np.ceil(reach.max(axis=0)) + 1, [canvas[1] + 1, canvas[0] + 1])
    width, height = (int(v) for v in np.maximum(high - low, 1))
    shrunk = abs(np.linalg.det(matrix))
    if shrunk < 1:  # blur first, or the edges alias
        sigma = max(0.5 * float(np.sqrt(1 / shrunk - 1)), 0.01)
        room = int(np.ceil(3 * sigma))  # the blur reaches beyond the part's own pixels
        padded = np.zeros((part.shape[0] + 2 * room, part.shape[1] + 2 * room, 4), np.float32)
        padded[room:-room, room:-room] = part
        part = padded
        cv2.GaussianBlur(part, (0, 0), sigma, part, borderType=cv2.BORDER_CONSTANT)
        pivot = pivot + room
    affine = np.concatenate([matrix, (target - low - matrix @ pivot)[:, None]], axis=1)
    warped = cv2.warpAffine(part, affine, (width, height), flags=cv2.INTER_LINEAR)
    return warped.astype(np.float32, copy=False), int(low[1]), int(low[0])
