"""A part of another logo in the place of a part."""

import numpy as np

from marquery.arrays import UInt8Array
from marquery.augment.functional._kernels import paste
from marquery.augment.functional._paint import remove
from marquery.augment.functional._parts import check, cut_out, members, middle, resampled
from marquery.segments import Segmentation

__all__ = ["swap"]


def swap(
    image: UInt8Array,
    segmentation: Segmentation,
    label: int,
    donor: UInt8Array,
    donor_segmentation: Segmentation,
    donor_label: int,
    *,
    with_enclosed: bool = True,
) -> UInt8Array:
    """Put a part of another logo in the place of a part.

    The donor's part is scaled, its proportions kept, until it just fits into the box of the part
    that it replaces, and laid on its middle. It brings its own paints and its soft edge; of the
    donor's background it brings nothing.

    Args:
        image: uint8 (H, W, 3).
        segmentation: of this image.
        label: the part to replace.
        donor: uint8 (h, w, 3), the other logo; of any size.
        donor_segmentation: of the donor.
        donor_label: the part to take from it.
        with_enclosed: segments that lie on the replaced part go with it, and those that lie on the
            donor's part come with it.

    Raises:
        UsageError: a segmentation is of another size than its image, or has no such label.
    """
    check(image, segmentation, [label])
    check(donor, donor_segmentation, [donor_label])
    labels = members(segmentation, label, with_enclosed)
    old, top, left = cut_out(image, segmentation, labels)
    new, _, _ = cut_out(
        donor, donor_segmentation, members(donor_segmentation, donor_label, with_enclosed)
    )
    target = middle(old) + np.array([left, top])
    factor = min(old.shape[0] / new.shape[0], old.shape[1] / new.shape[1])
    warped, top, left = resampled(new, np.eye(2) * factor, middle(new), target, segmentation.shape)
    out = remove(image, segmentation, labels)
    paste(out, warped, top, left)
    return out
