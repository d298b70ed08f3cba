"""Operations that give segments another paint: colour change, exchange of colours, removal."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import numpy as np

from marquery.arrays import Float32Array, Int32Array, UInt8Array
from marquery.augment.functional._beneath import continued_paint
from marquery.augment.functional._kernels import FLAT, GIVEN, SHADE, repaint, shown_below, sweep
from marquery.augment.functional._parts import check, chosen_labels
from marquery.errors import UsageError
from marquery.segments import Segmentation

__all__ = ["Color", "Style", "exchange", "recolor", "remove", "shown_after_removal"]

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
        style: ``"flat"``: one flat colour. ``"shade"``: pixels lighter or darker than the segment's
            mean stay lighter or darker, so a gradient stays one.

    Raises:
        UsageError: the segmentation is of another size, or has no such label.
    """
    check(image, segmentation, colors)
    size = segmentation.count + 1
    action = np.zeros(size, dtype=np.uint8)
    paint = np.zeros((size, 3), dtype=np.float32)
    mean = np.zeros((size, 3), dtype=np.float32)
    for label, color in colors.items():
        action[label] = FLAT if style == "flat" else SHADE
        paint[label] = color
        if style == "shade":
            mean[label] = segmentation.colors[label - 1]
    out = np.array(image, order="C")
    whole = (0, 0, *segmentation.shape)
    _repaint(image, out, segmentation, action, paint, mean, whole, True)
    return out


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
        UsageError: one of the two is empty, a label is in both, the segmentation is of another size
            or has no such label.
    """
    check(image, segmentation, [*first, *second])
    if not first or not second or set(first) & set(second):
        raise UsageError(
            None,
            f"the sets of segments to exchange overlap or are empty: {list(first)} and "
            f"{list(second)}",
            "give two sets that share none",
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

    The last of a blurred edge, which the segmentation counts as background, goes with it. Segments
    that lie on a removed one stay. A hole that is removed takes the paint around it; a gradient is
    continued.

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
    shown = shown_after_removal(segmentation, gone)
    fringe, labels = segmentation.soft_edges, segmentation.labels
    soft = np.zeros(segmentation.shape, dtype=np.bool_)
    soft.reshape(-1)[fringe.index] = True
    out = np.array(image, order="C")
    for label in gone:
        below = int(shown[label])
        box = segmentation.boxes[label - 1]
        gradient = continued_paint(image, labels, soft, below, box)
        if gradient is None:
            action[label] = FLAT
            paint[label] = segmentation.background if below == 0 else segmentation.colors[below - 1]
        else:
            action[label] = GIVEN
            patch, top, left = gradient
            window = (slice(top, top + patch.shape[0]), slice(left, left + patch.shape[1]))
            hidden = labels[window] == label
            out[window][hidden] = patch[hidden]
    boxes = segmentation.boxes[np.array(list(gone)) - 1]
    (top, left), (bottom, right) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    _repaint(image, out, segmentation, action, paint, paint, (top, left, bottom, right), False)
    sweep(
        out.reshape(-1, 3),
        labels,
        soft.reshape(-1),
        shown,
        action,
        paint,
        fringe.index,
        fringe.under,
    )
    return out


def shown_after_removal(segmentation: Segmentation, labels: Iterable[int]) -> Int32Array:
    """int32 (count + 1,): the label whose paint shows at each label's place once ``labels`` are
    removed.
    """
    shown: Int32Array = shown_below(segmentation.parent, chosen_labels(segmentation, labels))
    return shown


def _repaint(
    image: UInt8Array,
    out: UInt8Array,
    segmentation: Segmentation,
    action: UInt8Array,
    paint: Float32Array,
    mean: Float32Array,
    window: tuple[int, int, int, int],
    keep_rest: bool,
) -> None:
    fringe = segmentation.soft_edges
    repaint(
        np.ascontiguousarray(image).reshape(-1, 3),
        out.reshape(-1, 3),
        segmentation.labels,
        action,
        paint,
        mean,
        window,
        fringe.index,
        fringe.under,
        fringe.share,
        fringe.paint,
        keep_rest,
    )
