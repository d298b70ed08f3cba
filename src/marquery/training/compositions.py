"""A logo with a part of another in the place of one of its own: near to both, and neither."""

from collections.abc import Sequence

import numpy as np

from marquery.arrays import AnyArray, BoolArray, UInt8Array
from marquery.augment import Subject
from marquery.augment.swap import SegmentSwap
from marquery.images import border_color
from marquery.segments import Segmentation

# Share of the ink that must change: with less of it another, it is still the logo. And of the
# donor's ink that may be taken: with more of it, it is the donor on another background.
_LEAST_CHANGED, _MOST_TAKEN = 0.3, 0.8
# Levels by which ink differs from the background, and a changed pixel from what it was.
_LEVELS = 24
_TRIES = 8


def composition(logo: Subject, donors: Sequence[UInt8Array]) -> UInt8Array | None:
    """A part of one logo in the place of a part of another; draws from torch's global generator.

    Args:
        logo: gives most of the picture.
        donors: uint8 (h, w, 3), of which one, drawn at random, gives the part.

    Returns:
        uint8 (H, W, 3); ``None`` where no part fits, or those that do change too little of the logo
        or are about all of the donor.
    """
    swap = SegmentSwap(donors)
    for _ in range(_TRIES):
        chosen = swap.make_params([logo])
        if chosen["label"] is None:
            return None
        _, donor = swap.donor(chosen["donor"])
        if share_of(donor, chosen["donor_label"]) > _MOST_TAKEN:
            continue
        pixels = swap.transform(logo, chosen)
        if changed_share(logo.pixels, pixels) >= _LEAST_CHANGED:
            return pixels
    return None


def share_of(segmentation: Segmentation, label: int) -> float:
    """Ink of a segment and of those that lie on it, for all ink, 0..1."""
    ink = segmentation.ink
    return float(ink[np.array(segmentation.enclosed(label)) - 1].sum() / max(ink.sum(), 1))


def changed_share(before: UInt8Array, after: UInt8Array) -> float:
    """Pixels that changed, for those that are ink before or after, 0..1; both uint8 (H, W, 3)."""
    background = np.array(border_color(before), np.int16)
    ink = _apart(before, background) | _apart(after, background)
    return float((_apart(before, after) & ink).sum() / max(ink.sum(), 1))


def _apart(image: UInt8Array, other: AnyArray) -> BoolArray:
    """bool (H, W): where an image differs visibly from another, or from one colour."""
    apart: BoolArray = np.asarray((np.abs(image.astype(np.int16) - other) > _LEVELS).any(axis=2))
    return apart
