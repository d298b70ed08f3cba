"""What removing or recolouring one true segment of a drawing must look like: references for the
operations.

A drawing is rendered crisp at a multiple of its size with its gradients, and reduced by the mean of
each cell. Repainting the segment's pixels before the reduction instead gives the picture that a
perfect operation would make of the reduced one. Only sums over cells are kept, from which any
repainting follows exactly.
"""

import zlib
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from marquery.arrays import BoolArray, Float64Array, Int32Array, Int64Array, UInt8Array
from marquery.datasets.openlogos.truth import (
    SAME_PAINT,
    can_be_told,
    true_regions,
)

Beneath = Literal["backdrop", "paint", "unknown"]

# A shape lies on the backdrop if more than this share of its outer outline does: a few stray pixels
# do not count.
_STRAY_SHARE = 0.05
# A shape lies on another if that one has this share of its outer outline.
_MAIN_SHARE = 0.95
# Cut up by the reduction, a shape's largest piece must hold this share of it to be one segment
# still.
_WHOLE_SHARE = 0.95
# A region with this share of the canvas's border is itself the background.
_GROUND_SHARE = 0.5


@dataclass(frozen=True)
class TrueShape:
    """One true segment of a reduced drawing: how much of each pixel it covers, and with what paint.

    Attributes:
        box: top, left, bottom, right of the pixels it shows in.
        cover: int64 (h, w): crisp pixels of the shape in each cell of the box.
        paint: int64 (h, w, 3): sum of their RGB.
        beneath: what lies under it: the backdrop, another flat paint, or what cannot be told (a
            gradient, several paints, an outline nowhere two pixels wide, which is as much a part of
            the shape).
        below: uint8 (3,): RGB of what lies beneath; meaningless if that is unknown.
        is_gradient, is_hole: as in ``SegmentTruth``.
    """

    box: tuple[int, int, int, int]
    cover: Int64Array
    paint: Int64Array
    beneath: Beneath
    below: UInt8Array
    is_gradient: bool
    is_hole: bool


@dataclass(frozen=True)
class EditTruth:
    """A reduced drawing and some of its true segments.

    Attributes:
        sums: int64 (H, W, 3): RGB summed over the ``factor`` x ``factor`` crisp pixels of each
            cell.
        factor: crisp pixels a side of a cell.
        shapes: segments drawn at random among the fit ones.
        fit: number of fit segments.
        unfit: number of segments that are the background of a full-bleed drawing, or fall apart
            at this size.
    """

    sums: Int64Array
    factor: int
    shapes: tuple[TrueShape, ...]
    fit: int
    unfit: int

    @property
    def pixels(self) -> UInt8Array:
        """uint8 (H, W, 3): the drawing."""
        return self._rounded(self.sums)

    def mask(self, shape: TrueShape) -> BoolArray:
        """bool (H, W): the pixels that a shape covers by half or more."""
        dense = np.zeros(self.sums.shape[:2], dtype=np.bool_)
        dense[_window(shape)] = shape.cover * 2 >= self.factor**2
        return dense

    def footprint(self, shape: TrueShape) -> BoolArray:
        """bool (H, W): the pixels that show anything of a shape."""
        dense = np.zeros(self.sums.shape[:2], dtype=np.bool_)
        dense[_window(shape)] = shape.cover > 0
        return dense

    def repainted(self, shape: TrueShape, color: npt.ArrayLike) -> UInt8Array:
        """uint8 (H, W, 3): the drawing with one shape in a flat colour (RGB, 0..255)."""
        sums = self.sums.copy()
        sums[_window(shape)] += shape.cover[..., None] * np.asarray(color, np.int64) - shape.paint
        return self._rounded(sums)

    def reshaded(self, shape: TrueShape, color: npt.ArrayLike) -> UInt8Array:
        """uint8 (H, W, 3): one shape in a new mean colour, each of its pixels as much lighter or
        darker than it was.

        Exact where no level leaves 0..255 for that.
        """
        mean = shape.paint.sum(axis=(0, 1)) / shape.cover.sum()
        lightness = shape.paint.mean(axis=2) - shape.cover * mean.mean()
        new = shape.cover[..., None] * np.asarray(color, np.float64) + lightness[..., None]
        sums = self.sums.astype(np.float64)
        sums[_window(shape)] += new - shape.paint
        return self._rounded(sums)

    def _rounded(self, sums: Int64Array | Float64Array) -> UInt8Array:
        return np.clip(np.floor(sums / self.factor**2 + 0.5), 0, 255).astype(np.uint8)


def edit_truth(
    svg: str,
    size: int,
    backdrop: tuple[int, int, int],
    *,
    most: int = 4,
    factor: int = 8,
    min_area: int = 12,
) -> EditTruth | None:
    """References for editing true segments of an SVG drawn with the longest side ``size`` pixels on
    a backdrop.

    Args:
        svg: the drawing; the same text gives the same shapes.
        size: pixels of the longest side.
        backdrop: RGB.
        most: shapes drawn at random.
        factor: crisp pixels a side of each pixel.
        min_area: shapes that cover fewer pixels by half or more are no segments.

    Returns:
        ``None`` for drawings whose segments cannot be told from the SVG.

    Raises:
        ValueError: the text is not SVG that can be drawn.
    """
    if not can_be_told(svg):
        return None
    crisp = true_regions(svg, size, backdrop, factor)
    pixels, regions, paints = crisp.pixels, crisp.regions, crisp.paints
    sums = _cell_sums(pixels, factor)
    count = int(regions.max()) + 1
    area = np.bincount(regions.reshape(-1), minlength=count)
    rim = np.concatenate([regions[0], regions[-1], regions[1:-1, 0], regions[1:-1, -1]])
    on_rim = np.bincount(rim, minlength=count)
    alike = np.abs(paints - np.array(backdrop)).max(axis=1) <= SAME_PAINT
    is_background = alike & (on_rim > 0) & _fills_a_cell(regions, alike, factor)

    rng = np.random.default_rng(zlib.crc32(svg.encode()))
    fit: list[int] = []
    unfit = 0
    for region in np.flatnonzero((area >= min_area * factor**2) & ~is_background):
        box = _box(regions, int(region), factor)
        cover = _cell_sums((_cut(regions, box, factor) == region)[..., None], factor)[..., 0]
        mask = (cover * 2 >= factor**2).astype(np.uint8)
        if mask.sum() < min_area:
            continue
        pieces = cv2.connectedComponentsWithStats(mask, connectivity=8)[2][1:, cv2.CC_STAT_AREA]
        whole = pieces.max() >= _WHOLE_SHARE * mask.sum()
        if whole and on_rim[region] <= _GROUND_SHARE * rim.size:
            fit.append(int(region))
        else:
            unfit += 1
    shapes = []
    for region in rng.permutation(fit)[:most]:
        box = _box(regions, int(region), factor)
        own = _cut(regions, box, factor) == region
        colored = _cut(pixels, box, factor) * own[..., None]
        beneath, below = _beneath(regions, int(region), box, factor, is_background, crisp.varies)
        shapes.append(
            TrueShape(
                box,
                _cell_sums(own[..., None], factor)[..., 0],
                _cell_sums(colored, factor),
                beneath,
                np.array(backdrop if below < 0 else paints[below], dtype=np.uint8),
                bool(crisp.is_gradient[region]),
                bool(alike[region]),
            )
        )
    return EditTruth(sums, factor, tuple(shapes), len(fit), unfit)


def _window(shape: TrueShape) -> tuple[slice, slice]:
    top, left, bottom, right = shape.box
    return slice(top, bottom), slice(left, right)


def _cell_sums(values: npt.NDArray[np.generic], factor: int) -> Int64Array:
    """int64 (H, W, C): sums over factor x factor cells."""
    height, width, channels = values.shape
    cells = values.reshape(height // factor, factor, width // factor, factor, channels)
    rows = cells.sum(axis=1, dtype=np.uint16)  # 16 bits hold the sum of 257 levels
    sums: Int64Array = rows.sum(axis=2, dtype=np.int64)
    return sums


def _fills_a_cell(regions: Int32Array, wanted: BoolArray, factor: int) -> BoolArray:
    """bool (R,): the wanted regions that fill a whole cell: not the slivers that a frame of whole
    pixels adds.
    """
    full = _cell_sums(wanted[regions][..., None], factor)[..., 0] == factor**2
    filling = np.zeros(wanted.shape, dtype=np.bool_)
    filling[regions[::factor, ::factor][full]] = True
    return filling


def _box(regions: Int32Array, region: int, factor: int) -> tuple[int, int, int, int]:
    """Top, left, bottom, right of a region in cells."""
    own = regions == region
    rows, columns = np.flatnonzero(own.any(axis=1)), np.flatnonzero(own.any(axis=0))
    return (
        int(rows[0]) // factor,
        int(columns[0]) // factor,
        int(rows[-1]) // factor + 1,
        int(columns[-1]) // factor + 1,
    )


def _cut(
    values: npt.NDArray[np.generic], box: tuple[int, int, int, int], factor: int
) -> npt.NDArray[np.generic]:
    top, left, bottom, right = (v * factor for v in box)
    return values[top:bottom, left:right]


def _beneath(
    regions: Int32Array,
    region: int,
    box: tuple[int, int, int, int],
    factor: int,
    is_background: BoolArray,
    varies: BoolArray,
) -> tuple[Beneath, int]:
    """What touches a region's outer outline: the kind, and the region (-1 for the backdrop)."""
    own = (_cut(regions, box, factor) == region).astype(np.uint8)
    around = cv2.copyMakeBorder(own, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    outlines = cv2.findContours(around, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    filled = cv2.drawContours(np.zeros_like(around), outlines, -1, 1, cv2.FILLED)
    rim = cv2.dilate(filled, np.ones((3, 3), np.uint8)) > filled
    top, left, bottom, right = (v * factor for v in box)
    wide = np.pad(regions, 1, constant_values=-1)[top : bottom + 2, left : right + 2]
    names, counts = np.unique(wide[rim & (wide >= 0)], return_counts=True)
    if counts.sum() == 0:
        return "unknown", -1
    if counts[is_background[names]].sum() > _STRAY_SHARE * counts.sum():
        return "backdrop", -1
    main = int(names[counts.argmax()])
    if counts.max() < _MAIN_SHARE * counts.sum() or varies[main]:
        return "unknown", -1
    depth = cv2.distanceTransform((regions == main).astype(np.uint8), cv2.DIST_L2, 5)
    if depth.max() < factor:
        return "unknown", -1
    return "paint", main
