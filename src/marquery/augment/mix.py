"""One of several segment transforms, chosen at random."""

from collections.abc import Sequence
from typing import Any

from marquery.arrays import UInt8Array
from marquery.augment._base import SegmentTransform
from marquery.augment._random import uniform
from marquery.augment.move import SegmentRotate, SegmentScale
from marquery.augment.paint import SegmentColor, SegmentRemove
from marquery.augment.subject import Subject
from marquery.errors import UsageError
from marquery.segments import Group


class RandomSegmentOp(SegmentTransform):
    """Apply one of several segment transforms, chosen at random.

    Args:
        ops: segment transforms; by default the four of the paper with their defaults.
        weights: relative frequency of each, all >= 0; equal by default.
        p: probability that an image is changed.
        group: see :class:`SegmentTransform`, for all ops; None: each groups as it was told itself.

    Raises:
        UsageError: an op is not a segment transform, the weights do not fit the ops, or both the
            mix and one of its ops have a group.
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
                    "give segment transforms, such as SegmentColor(); use others on their own",
                )
        if group is not None and any(op.group is not None for op in chosen):
            raise UsageError(
                "group",
                f"{group!r} is set for the mix, and one of its ops has a group too",
                "give group to RandomSegmentOp or to its ops, not to both",
            )
        self.ops: list[SegmentTransform] = chosen
        self.weights = [1.0] * len(chosen) if weights is None else [float(w) for w in weights]
        if len(self.weights) != len(chosen) or min(self.weights) < 0 or sum(self.weights) <= 0:
            raise UsageError(
                "weights",
                f"{weights!r} does not fit {len(chosen)} ops",
                f"give {len(chosen)} numbers of 0 or more, one for each op and not all 0",
            )

    def make_params(self, flat_inputs: list[Subject]) -> dict[str, Any]:
        """Which op, and its parameters (None: the op's own p decided against it)."""
        mark = uniform(0, sum(self.weights))
        index = 0
        while index + 1 < len(self.ops) and mark >= self.weights[index]:
            mark -= self.weights[index]
            index += 1
        op = self.ops[index]
        if op.p < 1 and uniform() >= op.p:
            return {"index": index, "params": None}
        return {"index": index, "params": op.make_params([self._grouped(flat_inputs[0])])}

    def transform(self, inpt: Subject, params: dict[str, Any]) -> UInt8Array:
        """Apply the drawn op."""
        if params["params"] is None:
            return inpt.pixels
        op: SegmentTransform = self.ops[params["index"]]
        return op.transform(self._grouped(inpt), params["params"])

    def _grouped(self, logo: Subject) -> Subject:
        """What the ops are given: the logo, its parts taken for segments if the mix has a group."""
        return logo if self.group is None else Subject(logo.pixels, logo.parts(self.group))
