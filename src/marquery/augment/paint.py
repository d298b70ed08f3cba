"""Transforms that give segments another paint: SegmentColor, SegmentExchange, SegmentRemove."""

from typing import Any

import numpy as np

from marquery.arrays import UInt8Array
from marquery.augment import functional as F
from marquery.augment._base import SegmentTransform, interval, probability
from marquery.augment._outlines import outline, paints_of, removable, same_paint
from marquery.augment._random import (
    TRIES,
    Range,
    color_away_from,
    pick,
    shuffled,
    wanted_count,
)
from marquery.augment.functional._kernels import SEEN_LEVELS
from marquery.augment.subject import Subject
from marquery.errors import UsageError
from marquery.segments import Group
from marquery.segments.stats import contact_pairs

# Levels that still show where a paint is the mean of a gradient.
_CONTRAST = 48


def known_style(style: F.Style) -> F.Style:
    """Check a style of recolouring.

    Raises:
        UsageError: there is no such style.
    """
    if style not in ("flat", "shade"):
        raise UsageError("style", f"{style!r} is unknown", "give 'flat' or 'shade'")
    return style


class SegmentColor(SegmentTransform):
    """Give several segments a random colour each ("segment colour change", ICPR 2022).

    Args:
        share: least and most share of the segments to change; at least one is.
        style: ``"flat"``: a flat colour, as in the paper; ``"shade"``: light and dark are kept.
        contrast: levels of 255 by which a new colour differs from what lies around it in some
            channel, so that no segment melts into the background.
        p, group: see :class:`SegmentTransform`.

    Raises:
        UsageError: an option is out of range.
    """

    def __init__(
        self,
        share: Range = (0.2, 1.0),
        style: F.Style = "flat",
        contrast: int = 48,
        p: float = 1.0,
        group: Group | None = None,
    ) -> None:
        super().__init__(p, group)
        self.style = known_style(style)
        if not 0 <= contrast <= 127:
            raise UsageError("contrast", f"{contrast!r} is out of range", "give 0 to 127 levels")
        self.share = interval("share", share, 0, 1)
        self.contrast = contrast

    def make_params(self, flat_inputs: list[Subject]) -> dict[str, Any]:
        """Labels and their colours."""
        segmentation = flat_inputs[0].parts(self.group)
        background = segmentation.background.tolist()
        colors = {}
        for label in pick(segmentation, self.share):
            around = background
            if segmentation.is_hole[label - 1]:  # it lies in a part, whose colour it must not take
                below = int(segmentation.parent[label - 1])
                around = segmentation.colors[below - 1].tolist() if below else background
            colors[label] = color_away_from((background, around), self.contrast)
        return {"colors": colors}

    def transform(self, inpt: Subject, params: dict[str, Any]) -> UInt8Array:
        """Recolour."""
        image, segmentation = inpt.pixels, inpt.parts(self.group)
        return F.recolor(image, segmentation, params["colors"], self.style)


class SegmentRemove(SegmentTransform):
    """Take several segments away ("segment removal", ICPR 2022).

    What stays is measured in two ways, and both must hold: the ink (area of all segments but
    holes), so that no logo is emptied, and the outlines, so that no badge loses the white figure
    that makes it a logo.

    Args:
        share: least and most share of the segments to remove; at least one is, if ``keep`` allows.
        keep: share of the ink and of the length of all outlines that always stays, 0..1.
        p, group: see :class:`SegmentTransform`.

    Raises:
        UsageError: an option is out of range.
    """

    def __init__(
        self,
        share: Range = (0.1, 0.5),
        keep: float = 0.5,
        p: float = 1.0,
        group: Group | None = None,
    ) -> None:
        super().__init__(p, group)
        self.share = interval("share", share, 0, 1)
        self.keep = probability("keep", keep)

    def make_params(self, flat_inputs: list[Subject]) -> dict[str, Any]:
        """Labels to remove; none if every segment holds too much of the logo."""
        segmentation = flat_inputs[0].parts(self.group)
        wanted = wanted_count(segmentation.count, self.share)
        order = shuffled(segmentation.count)
        return {"labels": removable(segmentation, order, wanted, self.keep)}

    def transform(self, inpt: Subject, params: dict[str, Any]) -> UInt8Array:
        """Remove."""
        image, segmentation = inpt.pixels, inpt.parts(self.group)
        return F.remove(image, segmentation, params["labels"])


class SegmentExchange(SegmentTransform):
    """Exchange the colours of two segments, or of all segments of two colours. Beyond the paper.

    Args:
        all_of_color: every segment of the two colours changes, so red and blue change places all
            over the logo; if False, one segment of each changes.
        style: as in :class:`SegmentColor`.
        keep: share of the length of all outlines that stays, 0..1: exchanging the white figure of a
            badge with the badge on white background would lose the badge's.
        p, group: see :class:`SegmentTransform`.

    Raises:
        UsageError: an option is out of range.
    """

    def __init__(
        self,
        all_of_color: bool = True,
        style: F.Style = "flat",
        keep: float = 0.9,
        p: float = 1.0,
        group: Group | None = None,
    ) -> None:
        super().__init__(p, group)
        self.all_of_color = all_of_color
        self.style = known_style(style)
        self.keep = probability("keep", keep)

    def make_params(self, flat_inputs: list[Subject]) -> dict[str, Any]:
        """Labels of both sides; none if no exchange keeps the outlines."""
        segmentation = flat_inputs[0].parts(self.group)
        paints = paints_of(segmentation)
        pairs = contact_pairs(segmentation.labels, segmentation.count)
        least = self.keep * outline(pairs, paints, _CONTRAST)
        sides = same_paint(segmentation)
        for _ in range(TRIES if len(sides) > 1 else 0):
            first, second = (sides[i - 1] for i in shuffled(len(sides))[:2])
            if not self.all_of_color:
                first, second = ([side[shuffled(len(side))[0] - 1]] for side in (first, second))
            one, two = (paints[side].mean(axis=0) for side in (first, second))
            changed = paints.astype(np.float64)
            changed[first], changed[second] = two, one
            apart = np.abs(one - two).max() > SEEN_LEVELS
            if apart and outline(pairs, changed, _CONTRAST) >= least:
                return {"first": first, "second": second}
        return {"first": [], "second": []}

    def transform(self, inpt: Subject, params: dict[str, Any]) -> UInt8Array:
        """Exchange."""
        image, segmentation = inpt.pixels, inpt.parts(self.group)
        if not params["first"]:
            return image
        return F.exchange(image, segmentation, params["first"], params["second"], self.style)
