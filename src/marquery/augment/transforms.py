"""The four segment operations of the paper as torchvision v2 transforms, and one that mixes them."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from marquery.augment import functional as F
from marquery.augment._base import (
    SegmentTransform,
    UInt8Array,
    interval,
    probability,
)
from marquery.augment._draws import (
    Range,
    color_away_from,
    outline_left,
    pick,
    pick_one,
    shuffled,
    uniform,
    wanted_count,
)
from marquery.errors import UsageError
from marquery.segments import Segmentation

# Draws tried before a move that breaks a limit is given up.
_TRIES = 8


class SegmentColor(SegmentTransform):
    """Give several segments a random colour each ("segment colour change", ICPR 2022).

    Args:
        share: least and most share of the segments to change; at least one is.
        style: ``"flat"``: a flat colour, as in the paper; ``"shade"``: light and dark are kept.
        contrast: levels of 255 by which a new colour differs from what lies around it in some channel,
            so that no segment melts into the background.
        p: probability that an image is changed.

    Raises:
        UsageError: an option is out of range.
    """

    def __init__(
        self,
        share: Range = (0.2, 1.0),
        style: F.Style = "flat",
        contrast: int = 48,
        p: float = 1.0,
    ) -> None:
        super().__init__(p)
        if style not in ("flat", "shade"):
            raise UsageError(f"style must be 'flat' or 'shade', not {style!r}")
        if not 0 <= contrast <= 127:
            raise UsageError(f"contrast must be between 0 and 127 levels, not {contrast!r}")
        self.share = interval("share", share, 0, 1)
        self.style = style
        self.contrast = contrast

    def draw(self, segmentation: Segmentation) -> dict[str, Any]:
        """Labels and their colours."""
        ground = segmentation.background.astype(int)
        colors = {}
        for label in pick(segmentation, self.share):
            around = ground
            if segmentation.is_hole[label - 1]:  # it lies in a part, whose colour it must not take
                below = int(segmentation.parent[label - 1])
                around = segmentation.colors[below - 1].astype(int) if below else ground
            colors[label] = color_away_from((ground, around), self.contrast)
        return {"colors": colors}

    def apply(
        self, image: UInt8Array, segmentation: Segmentation, params: dict[str, Any]
    ) -> UInt8Array:
        """Recolour."""
        return F.recolor(image, segmentation, params["colors"], self.style)


class SegmentRemove(SegmentTransform):
    """Take several segments away ("segment removal", ICPR 2022).

    What stays is measured in two ways, and both must hold: the ink (area of all segments but holes), so that
    no logo is emptied, and the outlines, so that no badge loses the white figure that makes it a logo.

    Args:
        share: least and most share of the segments to remove; at least one is, if ``keep`` allows.
        keep: share of the ink and of the length of all outlines that always stays, 0..1.
        p: probability that an image is changed.

    Raises:
        UsageError: an option is out of range.
    """

    def __init__(self, share: Range = (0.1, 0.5), keep: float = 0.5, p: float = 1.0) -> None:
        super().__init__(p)
        self.share = interval("share", share, 0, 1)
        self.keep = probability("keep", keep)

    def draw(self, segmentation: Segmentation) -> dict[str, Any]:
        """Labels to remove; none if every segment holds too much of the logo."""
        wanted = wanted_count(segmentation.count, self.share)
        ink = np.where(segmentation.is_hole, 0, segmentation.area)
        outline = outline_left(segmentation, [])
        gone: list[int] = []
        for label in shuffled(segmentation.count):
            if len(gone) == wanted:
                break
            tried = [*gone, label]
            if ink.sum() - ink[np.array(tried) - 1].sum() >= max(
                1, self.keep * ink.sum()
            ) and outline_left(segmentation, tried) >= max(1, self.keep * outline):
                gone = tried
        return {"labels": gone}

    def apply(
        self, image: UInt8Array, segmentation: Segmentation, params: dict[str, Any]
    ) -> UInt8Array:
        """Remove."""
        return F.remove(image, segmentation, params["labels"])


class SegmentRotate(SegmentTransform):
    """Turn one segment about its own centroid, above the rest ("segment rotation", ICPR 2022).

    Segments are drawn with weights by the square root of their area.

    Args:
        degrees: least and most angle, counter-clockwise; one number d stands for (-d, d).
        max_outside: share of the segment that may leave the canvas, 0..1; other angles are drawn, and
            the image is left as it is if none will do.
        with_enclosed: segments that lie on it turn with it.
        p: probability that an image is changed.

    Raises:
        UsageError: an option is out of range.
    """

    def __init__(
        self,
        degrees: float | Range = 180.0,
        max_outside: float = 0.25,
        with_enclosed: bool = True,
        p: float = 1.0,
    ) -> None:
        super().__init__(p)
        if isinstance(degrees, int | float):
            degrees = (-abs(degrees), abs(degrees))
        self.degrees = interval("degrees", degrees, -360, 360)
        self.max_outside = probability("max_outside", max_outside)
        self.with_enclosed = with_enclosed

    def draw(self, segmentation: Segmentation) -> dict[str, Any]:
        """Label and angle."""
        for _ in range(_TRIES if segmentation.count else 0):
            label = pick_one(segmentation)
            degrees = uniform(*self.degrees)
            turn = math.radians(degrees)
            matrix = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
            if F.share_outside(segmentation, label, matrix, self.with_enclosed) <= self.max_outside:
                return {"label": label, "degrees": degrees}
        return {"label": None, "degrees": 0.0}

    def apply(
        self, image: UInt8Array, segmentation: Segmentation, params: dict[str, Any]
    ) -> UInt8Array:
        """Rotate."""
        if params["label"] is None:
            return image
        return F.rotate(
            image,
            segmentation,
            params["label"],
            params["degrees"],
            with_enclosed=self.with_enclosed,
        )


class SegmentScale(SegmentTransform):
    """Make one segment larger or smaller about its own centroid, above the rest (ICPR 2022, abstract).

    Holes are only made smaller: a growing hole would wipe out the part around it.

    Args:
        scale: least and most factor, drawn uniformly in its logarithm.
        max_outside: share of the segment that may leave the canvas, 0..1; other factors are drawn, and
            the image is left as it is if none will do.
        with_enclosed: segments that lie on it are scaled with it.
        p: probability that an image is changed.

    Raises:
        UsageError: an option is out of range.
    """

    def __init__(
        self,
        scale: Range = (0.5, 1.6),
        max_outside: float = 0.25,
        with_enclosed: bool = True,
        p: float = 1.0,
    ) -> None:
        super().__init__(p)
        self.scale = interval("scale", scale, 0.05, 20)
        self.max_outside = probability("max_outside", max_outside)
        self.with_enclosed = with_enclosed

    def draw(self, segmentation: Segmentation) -> dict[str, Any]:
        """Label and factor."""
        low, high = (math.log(v) for v in self.scale)
        for _ in range(_TRIES if segmentation.count else 0):
            label = pick_one(segmentation)
            factor = math.exp(uniform(low, high))
            if segmentation.is_hole[label - 1]:
                factor = min(factor, 1 / factor)
            matrix = np.eye(2) * factor
            if F.share_outside(segmentation, label, matrix, self.with_enclosed) <= self.max_outside:
                return {"label": label, "factor": factor}
        return {"label": None, "factor": 1.0}

    def apply(
        self, image: UInt8Array, segmentation: Segmentation, params: dict[str, Any]
    ) -> UInt8Array:
        """Scale."""
        if params["label"] is None:
            return image
        return F.scale(
            image,
            segmentation,
            params["label"],
            params["factor"],
            with_enclosed=self.with_enclosed,
        )


class RandomSegmentOp(SegmentTransform):
    """Apply one of several segment transforms, chosen at random.

    Args:
        ops: segment transforms; by default the four of the paper with their defaults.
        weights: relative frequency of each, all >= 0; equal by default.
        p: probability that an image is changed.

    Raises:
        UsageError: an op is not a segment transform, or the weights do not fit the ops.
    """

    def __init__(
        self,
        ops: Sequence[SegmentTransform] | None = None,
        weights: Sequence[float] | None = None,
        p: float = 1.0,
    ) -> None:
        super().__init__(p)
        chosen = (
            [SegmentColor(), SegmentRemove(), SegmentRotate(), SegmentScale()]
            if ops is None
            else list(ops)
        )
        if not chosen or not all(isinstance(op, SegmentTransform) for op in chosen):
            raise UsageError("ops must be one or more segment transforms, such as SegmentColor()")
        self.ops = chosen
        self.weights = [1.0] * len(chosen) if weights is None else [float(w) for w in weights]
        if len(self.weights) != len(chosen) or min(self.weights) < 0 or sum(self.weights) <= 0:
            raise UsageError(
                f"weights must be {len(chosen)} numbers of 0 or more, one for each op, not {weights!r}"
            )

    def draw(self, segmentation: Segmentation) -> dict[str, Any]:
        """Which op, and its parameters (None: the op's own p decided against it)."""
        mark = uniform(0, sum(self.weights))
        index = 0
        while index + 1 < len(self.ops) and mark >= self.weights[index]:
            mark -= self.weights[index]
            index += 1
        op = self.ops[index]
        params = None if op.p < 1 and uniform() >= op.p else op.draw(segmentation)
        return {"index": index, "params": params}

    def apply(
        self, image: UInt8Array, segmentation: Segmentation, params: dict[str, Any]
    ) -> UInt8Array:
        """Apply the drawn op."""
        if params["params"] is None:
            return image
        op: SegmentTransform = self.ops[params["index"]]
        return op.apply(image, segmentation, params["params"])

    def extra_repr(self) -> str:
        """Ops, weights and p."""
        return f"ops={self.ops}, weights={self.weights}, p={self.p}"
