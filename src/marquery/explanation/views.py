"""What of a logo is compared: the whole, a rectangle of it, or the part of it that a search
found.
"""

from dataclasses import dataclass

import numpy as np

from marquery.arrays import BoolArray, Float32Array, UInt8Array
from marquery.augment.functional import cut_out
from marquery.boxes import Box, check_box
from marquery.explanation.picture_encoder import PictureEncoder
from marquery.images import ImageSource, load_image
from marquery.index.strategies.cutting import cut_part
from marquery.index.strategies.parts import find_parts, segments_in, shrink
from marquery.segments import Segmentation, segment


@dataclass(frozen=True)
class View:
    """A picture that is compared, taken apart, and where in its logo it lies."""

    full: ImageSource
    """What the score is of."""
    picture: UInt8Array
    """The same, as it was segmented: (h, w, 3)."""
    found: Segmentation
    whole: UInt8Array
    """The whole logo, at most 384 px, (H, W, 3)."""
    scale: float
    """Pixels of ``whole`` for one of the logo."""
    top: int = 0
    left: int = 0
    """Where in ``whole`` the picture's first pixel lies; below 0 where the picture has a margin."""

    def mask(self, labels: tuple[int, ...]) -> BoolArray:
        """bool (H, W): where in the whole logo some segments lie."""
        height, width = self.whole.shape[:2]
        out = np.zeros((height, width), np.bool_)
        own = np.isin(self.found.labels, labels)
        rows = slice(max(0, self.top), min(height, self.top + own.shape[0]))
        columns = slice(max(0, self.left), min(width, self.left + own.shape[1]))
        inner = own[
            rows.start - self.top : rows.stop - self.top,
            columns.start - self.left : columns.stop - self.left,
        ]
        out[rows, columns] = inner
        return out

    def box(self, mask: BoolArray) -> Box:
        """x, y, width, height around a mask, in pixels of the logo."""
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if not len(rows):
            return 0, 0, 0, 0
        left, top = int(columns[0] / self.scale), int(rows[0] / self.scale)
        right = int(np.ceil((columns[-1] + 1) / self.scale))
        bottom = int(np.ceil((rows[-1] + 1) / self.scale))
        return left, top, right - left, bottom - top


def whole_view(source: ImageSource) -> View:
    """The whole of a logo.

    Raises:
        ImageError: it cannot be read.
    """
    image = load_image(source)
    pixels, scale = shrink(np.asarray(image))
    return View(image, pixels, segment(pixels), pixels, scale)


def rectangle_view(whole: View, box: Box) -> View:
    """What a rectangle of a logo holds, cut out as a search by parts does.

    Args:
        whole: of the logo.
        box: x, y, width, height in pixels of the logo.

    Raises:
        UsageError: the rectangle is not within the logo.
    """
    full = np.asarray(whole.full)
    x, y, width, height = box
    check_box(box, "part", (full.shape[1], full.shape[0]))
    left, top, right, bottom = (round(v * whole.scale) for v in (x, y, x + width, y + height))
    inside = segments_in(whole.found, left, top, right, bottom)
    if inside:
        return _cut_view(whole, inside)
    crop = np.ascontiguousarray(full[y : y + height, x : x + width])  # a piece of a segment
    small = np.ascontiguousarray(
        whole.picture[top : max(bottom, top + 1), left : max(right, left + 1)]
    )
    return View(crop, small, segment(small), whole.whole, whole.scale, top, left)


def nearest_view(whole: View, query: Float32Array, encoder: PictureEncoder) -> View:
    """The part of a logo, or its whole cut out, that is nearest to a query vector of shape (D,).

    Args:
        whole: the logo.
        query: float32 (D,), of length 1.
        encoder: what embeds the parts.
    """
    found = whole.found
    if not found.count:
        return whole
    choices = [tuple(range(1, found.count + 1)), *(part.labels for part in find_parts(found))]
    views = [_cut_view(whole, labels) for labels in choices]
    scores = encoder.embed([view.picture for view in views]) @ query
    return views[int(scores.argmax())]


def _cut_view(whole: View, labels: tuple[int, ...]) -> View:
    cut = cut_part(whole.picture, whole.found, labels)
    part, top, left = cut_out(whole.picture, whole.found, labels)
    side = cut.shape[0]
    return View(
        cut,
        cut,
        segment(cut),
        whole.whole,
        whole.scale,
        top - (side - part.shape[0]) // 2,
        left - (side - part.shape[1]) // 2,
    )
