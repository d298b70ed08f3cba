"""Operations that give segments another paint: colour change, exchange of colours, removal."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from marquery.augment.functional._kernels import FLAT, PLANE, SHADE, repaint, shown_below, sweep
from marquery.augment.functional._parts import Float32Array, UInt8Array, check, chosen_labels
from marquery.augment.functional._plane import fit_plane
from marquery.errors import UsageError
from marquery.segments import Segmentation

Style = Literal["flat", "shade"]
Color = tuple[int, int, int]


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
    check(image, segmentation, colors)
    size = segmentation.count + 1
    action = np.zeros(size, dtype=np.uint8)
    paint = np.zeros((size, 3), dtype=np.float32)
    slope = np.zeros((size, 2, 3), dtype=np.float32)
    for label, color in colors.items():
        action[label] = FLAT if style == "flat" else SHADE
        paint[label] = color
        if style == "shade":
            slope[label, 0] = segmentation.colors[label - 1]
    whole = (0, 0, *segmentation.shape)
    return _repainted(image, segmentation, action, paint, slope, whole, keep_rest=True)


def exchange(
    image: UInt8Array,
    segmentation: Segmentation,
    first: Sequence[int],
    second: Sequence[int],
    style: Style = "flat",
) -> UInt8Array:
    """Give some segments the colour of others, and these the colour of the first.

    Args:
        image: uint8 (H, W, 3).
        segmentation: of this image.
        first, second: labels, none in both. Where several are named their mean colour is taken,
            weighted by area.
        style: as in :func:`recolor`.

    Raises:
        UsageError: one of the two is empty, a label is in both, the segmentation is of another size or has no
            such label.
    """
    check(image, segmentation, [*first, *second])
    if not first or not second or set(first) & set(second):
        raise UsageError(
            f"exchange needs two sets of segments that share none, not {list(first)} and {list(second)}"
        )
    one, two = _mean_color(segmentation, first), _mean_color(segmentation, second)
    colors = {**dict.fromkeys(first, two), **dict.fromkeys(second, one)}
    return recolor(image, segmentation, colors, style)


def _mean_color(segmentation: Segmentation, labels: Sequence[int]) -> Color:
    rows = np.array(labels) - 1
    mean = np.average(segmentation.colors[rows], axis=0, weights=segmentation.area[rows])
    r, g, b = (int(v) for v in np.rint(mean))
    return r, g, b


def remove(image: UInt8Array, segmentation: Segmentation, labels: Iterable[int]) -> UInt8Array:
    """Take segments away; what lies beneath shows.

    The last of a blurred edge, which the segmentation counts as background, goes with it. Segments that lie on a
    removed one stay. A hole that is removed takes the paint around it, continued as
    a linear gradient if it is one.

    Args:
        image: uint8 (H, W, 3).
        segmentation: of this image.
        labels: segments to take away.

    Raises:
        UsageError: the segmentation is of another size, or has no such label.
    """
    gone = set(labels)
    check(image, segmentation, gone)
    if not gone:
        return image.copy()
    if segmentation.ungrouped is not None:
        # Beneath a part lies the paint of one segment, not the mean of those that a part may hold.
        gone = {k for label in gone for k in segmentation.members[label - 1]}
        segmentation = segmentation.ungrouped
    size = segmentation.count + 1
    action = np.zeros(size, dtype=np.uint8)
    paint = np.zeros((size, 3), dtype=np.float32)
    slope = np.zeros((size, 2, 3), dtype=np.float32)
    shown = shown_after_removal(segmentation, gone)
    fringe = segmentation.fringe
    soft = np.zeros(segmentation.shape, dtype=np.bool_)
    soft.reshape(-1)[fringe.index] = True
    for label in gone:
        below = int(shown[label])
        flat = segmentation.background if below == 0 else segmentation.colors[below - 1]
        box = segmentation.boxes[label - 1]
        plane = fit_plane(image, segmentation.labels, soft, below, box)
        action[label] = FLAT if plane is None else PLANE
        paint[label] = flat if plane is None else plane[0]
        if plane is not None:
            slope[label] = plane[1:]
    boxes = segmentation.boxes[np.array(list(gone)) - 1]
    top, left = (int(v) for v in boxes[:, :2].min(axis=0))
    bottom, right = (int(v) for v in boxes[:, 2:].max(axis=0))
    window = (top, left, bottom, right)
    out = _repainted(image, segmentation, action, paint, slope, window, keep_rest=False)
    sweep(
        out.reshape(-1, 3),
        segmentation.labels,
        soft.reshape(-1),
        shown,
        paint,
        slope,
        fringe.index,
        fringe.under,
    )
    return out


def shown_after_removal(segmentation: Segmentation, labels: Iterable[int]) -> npt.NDArray[np.int32]:
    """int32 (count + 1,): the label whose paint shows at each label's place once ``labels`` are removed."""
    shown: npt.NDArray[np.int32] = shown_below(
        segmentation.parent, chosen_labels(segmentation, labels)
    )
    return shown


def _repainted(
    image: UInt8Array,
    segmentation: Segmentation,
    action: UInt8Array,
    paint: Float32Array,
    slope: Float32Array,
    window: tuple[int, int, int, int],
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
        window,
        fringe.index,
        fringe.under,
        fringe.share,
        fringe.paint,
        keep_rest,
    )
    return out
