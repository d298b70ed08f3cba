"""How a logo is put together: what stands on a badge, a ring or row of like shapes, figure and
words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from marquery.arrays import BoolArray, Float64Array
from marquery.index.likeness.outline import Silhouette
from marquery.segments import Segmentation

Placing = Literal["above", "below", "left of", "right of"]
Order = Literal["ring", "row", "column"]
BackingShape = Literal["disc", "square", "bar", "shield"]

# A badge holds so much of the logo's box and of its convex hull, and nearly all other ink: a dot or
# letter beside it makes it a letter itself, perhaps.
_BADGE_BOX, _BADGE_FULL, _BADGE_HOLDS = 0.6, 0.96, 0.97
# It covers so much of what it encloses itself: else it is a frame.
_BADGE_OWN = 0.5
# A contour that fills so much of its convex hull may be that of a badge or frame.
_CONVEX = 0.85
# Shapes under this share of the largest are details.
_DETAIL = 0.05
# Like shapes: areas within this factor, and sides within this one.
_LIKE_AREA, _LIKE_SIDE = 1.7, 1.4
# Least number of shapes of a ring and of a row; spread of radii and of lines as a share.
_RING, _ROW, _SPREAD = 5, 3, 0.12


@dataclass(frozen=True)
class Backing:
    """A filled shape that everything else of a logo lies on."""

    label: int
    """Of the segmentation."""
    shape: BackingShape


def find_backing(found: Segmentation) -> Backing | None:
    """The badge that a logo stands on; None where there is none.

    Args:
        found: segments, not grouped.
    """
    if not found.count:
        return None
    label = int(found.area.argmax()) + 1
    inside = [k for k in found.enclosed(label) if k != label]
    if found.is_hole[label - 1] or not inside:
        return None
    area = float(found.area[np.array([label, *inside]) - 1].sum())
    if area < _BADGE_HOLDS * float(found.area.sum()):
        return None
    mask = np.isin(found.labels, [label, *inside])
    top, left, bottom, right = (int(v) for v in found.boxes[label - 1])
    box = float((bottom - top) * (right - left))
    hull = _hull_area(mask)
    # What lies on it leaves most of it free: a ring around a figure is a part of the figure.
    free = float(found.area[label - 1]) / area
    if area < _BADGE_BOX * box or area < _BADGE_FULL * hull or free < _BADGE_OWN:
        return None
    shape = _shape(area / box, (right - left) / max(bottom - top, 1), mask)
    return None if shape is None else Backing(label, shape)


def is_enclosed(found: Segmentation) -> bool:
    """Whether a logo's outer contour is a compact shape, so that it may stand on, or in, one.

    Args:
        found: segments, not grouped.
    """
    mask = found.labels > 0
    return not mask.any() or float(mask.sum()) >= _CONVEX * _hull_area(mask)


def _hull_area(mask: BoolArray) -> float:
    contours, _ = cv2.findContours(
        mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    hull = cv2.convexHull(np.concatenate(list(contours)))
    return max(float(cv2.contourArea(hull)), 1.0)


def _shape(filled: float, aspect: float, mask: BoolArray) -> BackingShape | None:
    if max(aspect, 1 / aspect) > 1.25:
        return "bar" if filled > 0.92 else None
    if filled > 0.89:  # rounded corners cost a square about a twentieth
        return "square"
    if Silhouette(mask).is_disc:
        return "disc"
    return "shield" if _is_symmetric(mask) else None


def _is_symmetric(mask: BoolArray) -> bool:
    columns = np.flatnonzero(mask.any(axis=0))
    own = mask[:, columns[0] : columns[-1] + 1]
    return bool((own & own[:, ::-1]).sum() >= 0.95 * (own | own[:, ::-1]).sum())


def order_of(found: Segmentation, labels: Sequence[int]) -> tuple[Order, int] | None:
    """Whether some segments are a ring, a row or a column of like shapes, and of how many.

    Args:
        found: segments, not grouped.
        labels: which of them; those of holes are passed over.
    """
    some = np.array([k for k in labels if not found.is_hole[k - 1]], np.int64) - 1
    if not len(some):
        return None
    some = some[found.area[some] >= _DETAIL * found.area[some].max()]
    boxes = found.boxes[some].astype(np.float64)
    sides = np.stack([boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]])
    longest = sides.max(axis=0)
    area = found.area[some].astype(np.float64)
    like = area.max() <= _LIKE_AREA * area.min() and longest.max() <= _LIKE_SIDE * longest.min()
    if not like or len(some) < _ROW:
        return None
    centres = np.stack([boxes[:, [0, 2]].mean(axis=1), boxes[:, [1, 3]].mean(axis=1)], axis=1)
    if len(some) >= _RING and _is_ring(centres):
        return "ring", len(some)
    for across, name in ((0, "row"), (1, "column")):
        if _is_line(centres, sides, across):
            return ("row", len(some)) if name == "row" else ("column", len(some))
    return None


def _is_ring(centres: Float64Array) -> bool:
    away = centres - centres.mean(axis=0)
    radii = np.hypot(away[:, 0], away[:, 1])
    if radii.std() > _SPREAD * radii.mean():
        return False
    angles = np.sort(np.arctan2(away[:, 0], away[:, 1]))
    gaps = np.diff(np.append(angles, angles[0] + 2 * np.pi))
    return bool(gaps.max() <= 1.5 * 2 * np.pi / len(centres))


def _is_line(centres: Float64Array, sides: Float64Array, across: int) -> bool:
    """Whether centres lie on a line, at equal distances, and the shapes beside each other."""
    along = 1 - across
    if np.ptp(centres[:, across]) > _SPREAD * sides[across].mean():
        return False
    gaps = np.diff(np.sort(centres[:, along]))
    own = sides[along].mean()
    return bool(gaps.min() >= 0.9 * own and gaps.max() <= 1.3 * gaps.min() and gaps.max() < 3 * own)


def placing(figure: BoolArray, words: BoolArray) -> Placing | None:
    """Where a figure stands as seen from words; None where they overlap or lie askew.

    Args:
        figure, words: bool (H, W), each True somewhere.
    """
    one, other = _span(figure), _span(words)
    free = {
        "above": other[0] - one[2],
        "below": one[0] - other[2],
        "left of": other[1] - one[3],
        "right of": one[1] - other[3],
    }
    best: Placing | None = None
    most = -1.0
    names: tuple[Placing, ...] = ("above", "below", "left of", "right of")
    for name in names:
        axis = 1 if name in ("above", "below") else 0
        common = min(one[axis + 2], other[axis + 2]) - max(one[axis], other[axis])
        least = min(one[axis + 2] - one[axis], other[axis + 2] - other[axis])
        if free[name] >= 0 and common >= 0.5 * least and free[name] > most:
            best, most = name, free[name]
    return best


def _span(mask: BoolArray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1
