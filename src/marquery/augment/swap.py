"""SegmentSwap: a part of another logo in the place of a part."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from marquery.arrays import UInt8Array
from marquery.augment import functional as F
from marquery.augment._base import SegmentTransform, is_image_array, probability, to_pixels
from marquery.augment._random import TRIES, pick_one, uniform
from marquery.augment.subject import Subject
from marquery.errors import UsageError
from marquery.images import load_image
from marquery.segments import Group, Segmentation, group_segments, segment

# Donors are kept segmented up to this many pixels of them: some 150 MB.
_MOST_PIXELS = 10_000_000
# Enlarged more, a part shows its pixels.
_MOST_ENLARGED = 3
# Levels by which the donor's part must differ from what lies beneath, in some channel.
_CONTRAST = 48
# Share of the replaced part's box that the donor's must fill: a dot for a wordmark is no swap.
_LEAST_FILLED = 0.3


class SegmentSwap(SegmentTransform):
    """Put a part of another logo in the place of one segment. Beyond the paper.

    The donor and its part are drawn anew each time. The part comes in its own paints, as large as
    fits; it is one that can be told from what lies beneath.

    Args:
        donors: the other logos: paths, PIL images, uint8 (H, W, 3) arrays or uint8 (3, H, W)
            tensors, in a list or any other sequence. They are read and segmented when they are
            first drawn; of those drawn last the segments are kept, in each worker for itself.
        keep: share of the logo's ink (area of all segments but holes) that always stays, 0..1; of a
            logo of one segment all would go, so it is left as it is unless ``keep`` is 0.
        with_enclosed: segments that lie on the replaced part go with it, and those on the donor's
            part come with it.
        p, group: see :class:`SegmentTransform`; donors are grouped in the same way.

    Raises:
        UsageError: there are no donors, or an option is out of range.
    """

    def __init__(
        self,
        donors: Sequence[Any],
        keep: float = 0.3,
        with_enclosed: bool = True,
        p: float = 1.0,
        group: Group | None = None,
    ) -> None:
        super().__init__(p, group)
        self.donors = donors
        self.keep = probability("keep", keep)
        self.with_enclosed = with_enclosed
        self._pool = DonorPool(donors, group)

    def make_params(self, flat_inputs: list[Subject]) -> dict[str, Any]:
        """Label, donor and the donor's label; the label is None if nothing that was tried fits."""
        segmentation = flat_inputs[0].parts(self.group)
        ink = segmentation.ink
        for _ in range(TRIES if segmentation.count else 0):
            label = pick_one(segmentation)
            donor = min(int(uniform(0, len(self._pool))), len(self._pool) - 1)
            other = self._pool[donor][1]
            if other.count == 0:
                continue
            donor_label = pick_one(other)
            gone = segmentation.enclosed(label) if self.with_enclosed else (label,)
            if ink.sum() - ink[np.array(gone) - 1].sum() < self.keep * ink.sum():
                continue
            if self._fits(segmentation, label, other, donor_label):
                return {"label": label, "donor": donor, "donor_label": donor_label}
        return {"label": None, "donor": 0, "donor_label": 0}

    def donor(self, index: int) -> tuple[UInt8Array, Segmentation]:
        """Pixels and segments of the donor that a draw names."""
        return self._pool[index]

    def _fits(
        self, segmentation: Segmentation, label: int, other: Segmentation, donor_label: int
    ) -> bool:
        if other.is_hole[donor_label - 1]:
            return False
        below = int(segmentation.parent[label - 1])
        background = segmentation.colors[below - 1] if below else segmentation.background
        contrast = np.abs(other.colors[donor_label - 1].astype(int) - background.astype(int)).max()
        height, width = np.diff(segmentation.boxes[label - 1].reshape(2, 2), axis=0)[0]
        donor_height, donor_width = np.diff(other.boxes[donor_label - 1].reshape(2, 2), axis=0)[0]
        factor = min(height / donor_height, width / donor_width)
        filled = factor**2 * donor_height * donor_width / (height * width)
        return bool(contrast >= _CONTRAST and factor <= _MOST_ENLARGED and filled >= _LEAST_FILLED)

    def transform(self, inpt: Subject, params: dict[str, Any]) -> UInt8Array:
        """Swap."""
        image, segmentation = inpt.pixels, inpt.parts(self.group)
        if params["label"] is None:
            return image
        donor, other = self._pool[params["donor"]]
        return F.swap(
            image,
            segmentation,
            params["label"],
            donor,
            other,
            params["donor_label"],
            with_enclosed=self.with_enclosed,
        )

    def extra_repr(self) -> str:
        """All parameters; of the donors their number."""
        number = f"donors={len(self.donors)} {'logo' if len(self.donors) == 1 else 'logos'}"
        rest = {k: getattr(self, k) for k in ("keep", "with_enclosed", "p", "group")}
        return ", ".join([number, *(f"{name}={value}" for name, value in rest.items())])


class DonorPool:
    """Logos with their segments, read and segmented when first asked for; the last used are kept.

    Pickled without what it keeps, so each worker fills its own.

    Args:
        donors: see :class:`SegmentSwap`.
        group: see :class:`SegmentTransform`.

    Raises:
        UsageError: no donors, or not a sequence of images. Donors in a list or tuple are looked at
            now, those of other sequences when they are drawn.
    """

    def __init__(self, donors: Sequence[Any], group: Group | None) -> None:
        sized = hasattr(donors, "__len__") and hasattr(donors, "__getitem__")
        if not sized or isinstance(donors, str) or len(donors) == 0:
            raise UsageError(
                "donors",
                f"{donors!r:.80} is no list of logos",
                "give one or more logos to take parts from",
            )
        if isinstance(donors, list | tuple):
            for donor in donors:
                _check_kind(donor)
        self.donors = donors
        self.group = group
        self._kept: dict[int, tuple[UInt8Array, Segmentation]] = {}

    def __len__(self) -> int:
        return len(self.donors)

    def __getitem__(self, index: int) -> tuple[UInt8Array, Segmentation]:
        """Pixels and segments of a donor."""
        found = self._kept.pop(index, None)
        if found is None:
            donor = self.donors[index]
            _check_kind(donor)
            tensor = isinstance(donor, torch.Tensor)
            pixels = to_pixels(donor) if tensor else np.asarray(load_image(donor))
            found = pixels, group_segments(segment(pixels), self.group)
        self._kept[index] = found  # at the end: the first are those not used for longest
        sizes = {i: kept[1].labels.size for i, kept in self._kept.items()}
        while len(self._kept) > 1 and sum(sizes.values()) > _MOST_PIXELS:
            oldest = next(iter(self._kept))
            del self._kept[oldest], sizes[oldest]
        return found

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_kept": {}}


def _check_kind(donor: Any) -> None:
    if isinstance(donor, torch.Tensor):
        good = donor.dtype == torch.uint8 and donor.ndim == 3 and donor.shape[0] == 3
    else:
        good = isinstance(donor, str | Path | Image.Image) or is_image_array(donor)
    if not good:
        raise UsageError(
            "donors",
            f"a donor is a {type(donor).__name__} of another kind than can be read",
            "give paths, PIL images, uint8 (H, W, 3) arrays or uint8 (3, H, W) tensors",
        )
