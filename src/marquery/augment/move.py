"""Transforms that move one part: rotate, scale, translate, mirror, duplicate."""

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from marquery.arrays import Int64Array, UInt8Array
from marquery.augment import functional as F
from marquery.augment._base import SegmentTransform, interval, probability
from marquery.augment._random import TRIES, Range, pick_one, uniform
from marquery.augment.functional._kernels import SEEN_LEVELS
from marquery.augment.subject import Subject
from marquery.errors import UsageError
from marquery.segments import Group, Segmentation

# A part is taken for symmetric if no more of it differs from its mirror image.
_SAME_SHARE = 0.05


class PartMove(SegmentTransform):
    """Base of the transforms that move one part, drawn by the square root of its area.

    A subclass names its function in ``functional`` and the argument that tells it the move.

    Args:
        max_outside: share of the part that may be lost, 0..1: what leaves the canvas, and of a hole
            what leaves the logo. Other moves are drawn, and the image is left as it is if none will
            do.
        with_enclosed: segments that lie on the part move with it.
        p, group: see :class:`SegmentTransform`.
    """

    function: Callable[..., UInt8Array]
    moved_by: str

    def __init__(
        self, max_outside: float, with_enclosed: bool, p: float, group: Group | None
    ) -> None:
        super().__init__(p, group)
        self.max_outside = probability("max_outside", max_outside)
        self.with_enclosed = with_enclosed

    def propose(self, segmentation: Segmentation, label: int) -> tuple[Any, float]:
        """Draw a move for a part: what the function takes, and the share that is lost."""
        raise NotImplementedError

    def make_params(self, flat_inputs: list[Subject]) -> dict[str, Any]:
        """Label, and the move; the label is None if no move that was tried is allowed."""
        segmentation = flat_inputs[0].parts(self.group)
        for _ in range(TRIES if segmentation.count else 0):
            label = pick_one(segmentation)
            move, lost = self.propose(segmentation, label)
            if lost <= self.max_outside:
                return {"label": label, self.moved_by: move}
        return {"label": None, self.moved_by: None}

    def transform(self, inpt: Subject, params: dict[str, Any]) -> UInt8Array:
        """Move the part."""
        image, segmentation = inpt.pixels, inpt.parts(self.group)
        if params["label"] is None:
            return image
        function, move = type(self).function, params[self.moved_by]
        return function(
            image, segmentation, params["label"], move, with_enclosed=self.with_enclosed
        )

    def _lost(
        self, segmentation: Segmentation, label: int, matrix: Any = None, shift: Any = (0, 0)
    ) -> float:
        return F.share_outside(segmentation, label, matrix, self.with_enclosed, shift)


class SegmentRotate(PartMove):
    """Turn one segment about its own centroid, above the rest ("segment rotation", ICPR 2022).

    Args:
        degrees: least and most angle, counter-clockwise; one number d stands for (-d, d).
        max_outside, with_enclosed: see :class:`PartMove`.
        p, group: see :class:`SegmentTransform`.

    Raises:
        UsageError: an option is out of range.
    """

    function = F.rotate
    moved_by = "degrees"

    def __init__(
        self,
        degrees: float | Range = 180.0,
        max_outside: float = 0.25,
        with_enclosed: bool = True,
        p: float = 1.0,
        group: Group | None = None,
    ) -> None:
        super().__init__(max_outside, with_enclosed, p, group)
        if isinstance(degrees, int | float):
            degrees = (-abs(degrees), abs(degrees))
        self.degrees = interval("degrees", degrees, -360, 360)

    def propose(self, segmentation: Segmentation, label: int) -> tuple[float, float]:
        """An angle."""
        degrees = uniform(*self.degrees)
        return degrees, self._lost(segmentation, label, F.rotation(degrees))


class SegmentScale(PartMove):
    """Make one segment larger or smaller about its centroid, above the rest (ICPR 2022).

    Holes are only made smaller: a growing hole would wipe out the part around it.

    Args:
        scale: least and most factor, drawn uniformly in its logarithm.
        max_outside, with_enclosed: see :class:`PartMove`.
        p, group: see :class:`SegmentTransform`.

    Raises:
        UsageError: an option is out of range.
    """

    function = F.scale
    moved_by = "factor"

    def __init__(
        self,
        scale: Range = (0.5, 1.6),
        max_outside: float = 0.25,
        with_enclosed: bool = True,
        p: float = 1.0,
        group: Group | None = None,
    ) -> None:
        super().__init__(max_outside, with_enclosed, p, group)
        self.scale = interval("scale", scale, 0.05, 20)

    def propose(self, segmentation: Segmentation, label: int) -> tuple[float, float]:
        """A factor."""
        low, high = (math.log(v) for v in self.scale)
        factor = math.exp(uniform(low, high))
        if segmentation.is_hole[label - 1]:
            factor = min(factor, 1 / factor)
        return factor, self._lost(segmentation, label, np.eye(2) * factor)


class SegmentTranslate(PartMove):
    """Move one segment to another place, above the rest. Beyond the paper.

    Args:
        distance: least and most way, as a share of the image's longer side; any direction. Whole
            pixels, so that nothing is resampled.
        max_outside, with_enclosed: see :class:`PartMove`.
        p, group: see :class:`SegmentTransform`.

    Raises:
        UsageError: an option is out of range.
    """

    function = F.translate
    moved_by = "shift"

    def __init__(
        self,
        distance: Range = (0.05, 0.3),
        max_outside: float = 0.25,
        with_enclosed: bool = True,
        p: float = 1.0,
        group: Group | None = None,
    ) -> None:
        super().__init__(max_outside, with_enclosed, p, group)
        self.distance = interval("distance", distance, 0, 1)

    def propose(self, segmentation: Segmentation, label: int) -> tuple[tuple[int, int], float]:
        """A shift to the right and down."""
        length = uniform(*self.distance) * max(segmentation.shape)
        angle = uniform(0, 2 * math.pi)
        shift = round(length * math.cos(angle)), round(length * math.sin(angle))
        return shift, self._lost(segmentation, label, shift=shift)


class SegmentDuplicate(SegmentTranslate):
    """Lay a copy of one segment beside it, above the rest. Beyond the paper.

    Args:
        distance: least and most way from the segment to its copy, as a share of the image's longer
            side; any direction. Whole pixels, so that nothing is resampled.
        max_outside, with_enclosed: see :class:`PartMove`.
        p, group: see :class:`SegmentTransform`.

    Raises:
        UsageError: an option is out of range.
    """

    function = F.duplicate
    moved_by = "shift"

    def __init__(
        self,
        distance: Range = (0.1, 0.4),
        max_outside: float = 0.25,
        with_enclosed: bool = True,
        p: float = 1.0,
        group: Group | None = None,
    ) -> None:
        super().__init__(distance, max_outside, with_enclosed, p, group)


class SegmentMirror(PartMove):
    """Turn one segment over within its own box, above the rest. Beyond the paper.

    A part that looks the same afterwards is passed over while others may be drawn.

    Args:
        direction: ``"horizontal"`` exchanges left and right, ``"vertical"`` top and bottom,
            ``"any"`` is one of them at random.
        with_enclosed: see :class:`PartMove`.
        p, group: see :class:`SegmentTransform`.

    Raises:
        UsageError: an option is out of range.
    """

    function = F.mirror
    moved_by = "direction"

    def __init__(
        self,
        direction: F.Direction | Literal["any"] = "any",
        with_enclosed: bool = True,
        p: float = 1.0,
        group: Group | None = None,
    ) -> None:
        # What `propose` gives as lost is 1 for a part that looks the same, and 0 for others.
        super().__init__(0.0, with_enclosed, p, group)
        if direction not in ("horizontal", "vertical", "any"):
            raise UsageError(
                "direction", f"{direction!r} is unknown", "give 'horizontal', 'vertical' or 'any'"
            )
        self.direction = direction

    def propose(self, segmentation: Segmentation, label: int) -> tuple[F.Direction, float]:
        """A direction."""
        direction = self.direction
        if direction == "any":
            direction = "horizontal" if uniform() < 0.5 else "vertical"
        return direction, float(not self._shows(segmentation, label, direction))

    def _shows(self, segmentation: Segmentation, label: int, direction: F.Direction) -> bool:
        """Whether a part differs from its mirror image in more than the odd pixel of its edge."""
        labels = segmentation.enclosed(label) if self.with_enclosed else (label,)
        boxes = segmentation.boxes[np.array(labels) - 1]
        (top, left), (bottom, right) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
        rows, columns = _symmetric_steps(bottom - top), _symmetric_steps(right - left)
        paint = np.zeros((segmentation.count + 1, 3), dtype=np.int16)
        paint[list(labels)] = segmentation.colors[np.array(labels) - 1] + np.int16(256)
        window = paint[segmentation.labels[np.ix_(top + rows, left + columns)]]
        over = window[:, ::-1] if direction == "horizontal" else window[::-1]
        differ = np.abs(window - over).max(axis=2) > SEEN_LEVELS
        return bool(differ.sum() > _SAME_SHARE * (window[..., 0] > 0).sum())


def _symmetric_steps(length: int) -> Int64Array:
    """Some hundred places, or all of fewer, in 0..length - 1, the same from either end."""
    steps = np.arange(0, length, max(1, length // 128))
    return np.union1d(steps, length - 1 - steps)
