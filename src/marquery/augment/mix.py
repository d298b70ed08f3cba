"""One of several segment transforms, chosen at random."""

from collections.abc import Sequence
from typing import Any

from marquery.arrays import UInt8Array
from marquery.augment._base import SegmentTransform
from marquery.augment._draws import uniform
from marquery.augment.move import SegmentRotate, SegmentScale
from marquery.augment.paint import SegmentColor, SegmentRemove
from marquery.errors import UsageError
from marquery.segments import Group, Segmentation


class RandomSegmentOp(SegmentTransform):
    """Apply one of several segment transforms, chosen at random.

    Args:
        ops: segment transforms; by default the four of the paper with their defaults.
        weights: relative frequency of each, all >= 0; equal by default.
        p: probability that an image is changed.
        group: see :class:`SegmentTransform`, for all ops; None: each groups as it was told itself.

    Raises:
        UsageError: an op is not a segment transform, the weights do not fit the ops, or both the mix and one of
            its ops have a group.
    """

    def __init__(
        self,
        ops: Sequence[SegmentTransform] | None = None,
        weights: Sequence[float] | None = None,
        p: float = 1.0,
        group: Group | None = None,
    ) -> None:
        super().__init__(p, group)
        chosen = (
            [SegmentColor(), SegmentRemove(), SegmentRotate(), SegmentScale()]
            if ops is None
            else list(ops)
        )
        if not chosen:
            raise UsageError("ops", "the list is empty", "give one or more, such as SegmentColor()")
        for op in chosen:
            if not isinstance(op, SegmentTransform):
                raise UsageError(
                    "ops",
                    f"{op!r} is not an operation on segments",
                    "give segment transforms, such as SegmentColor(), and use others as steps of their own",
                )
        if group is not None and any(op.group is not None for op in chosen):
            raise UsageError(
                "group",
                f"{group!r} is set for the mix, and one of its ops has a group too",
                "give group to RandomSegmentOp or to its ops, not to both",
            )
        self.ops = chosen
        self.weights = [1.0] * len(chosen) if weights is None else [float(w) for w in weights]
        if len(self.weights) != len(chosen) or min(self.weights) < 0 or sum(self.weights) <= 0:
            raise UsageError(
                "weights",
                f"{weights!r} does not fit {len(chosen)} ops",
                f"give {len(chosen)} numbers of 0 or more, one for each op and not all 0",
            )

    def draw(self, segmentation: Segmentation) -> dict[str, Any]:
        """Which op, and its parameters (None: the op's own p decided against it)."""
        mark = uniform(0, sum(self.weights))
        index = 0
        while index + 1 < len(self.ops) and mark >= self.weights[index]:
            mark -= self.weights[index]
            index += 1
        op = self.ops[index]
        if op.p < 1 and uniform() >= op.p:
            return {"index": index, "params": None}
        parts = op.parts(segmentation)
        return {"index": index, "parts": parts, "params": op.draw(parts)}

    def apply(
        self, image: UInt8Array, segmentation: Segmentation, params: dict[str, Any]
    ) -> UInt8Array:
        """Apply the drawn op."""
        if params["params"] is None:
            return image
        op: SegmentTransform = self.ops[params["index"]]
        return op.apply(image, params["parts"], params["params"])
