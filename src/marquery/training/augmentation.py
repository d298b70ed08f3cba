"""From the steps of a recipe to a function on one logo."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from PIL import Image
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as TF

from marquery.arrays import UInt8Array
from marquery.augment import Subject
from marquery.augment._base import LogoTransform
from marquery.images import border_color
from marquery.training.augment_steps import (
    OperationStep,
    PhotometricStep,
    RandAugmentStep,
    SegmentStep,
    ShiftScaleStep,
    StepPart,
)

Step = Callable[[Subject], UInt8Array]


class Augmentation:
    """The steps of a recipe in order; draws from torch's global generator.

    Called with a subject and a size it gives uint8 (size, size, 3). No steps: the logo as it is.
    """

    def __init__(self, steps: Sequence[StepPart]) -> None:
        self.plans = tuple(steps)
        self._steps: list[Step] | None = None
        self._size = 0

    def __call__(self, subject: Subject, size: int) -> UInt8Array:
        """One random view."""
        if self._steps is None or self._size != size:
            self._steps, self._size = [_build(plan, size) for plan in self.plans], size
        for step in self._steps:
            pixels = step(subject)
            # The segmentation of a logo that no step has changed serves its next view too.
            subject = subject if pixels is subject.pixels else Subject(pixels)
        return np.array(subject.pixels)  # a copy: what PIL gives cannot be written to


def _build(plan: StepPart, size: int) -> Step:
    if isinstance(plan, SegmentStep):
        return plan.build().transform_logo
    if isinstance(plan, RandAugmentStep):
        return lambda s: _rand_augment(s.pixels, plan)
    if isinstance(plan, ShiftScaleStep):
        return lambda s: _shift_scale(s.pixels, plan)
    if isinstance(plan, PhotometricStep):
        return _whole(_sometimes(plan.build(), plan.p))
    assert isinstance(plan, OperationStep)
    if plan.op == "image_level":
        return _whole(plan.build(size=size))
    operation: LogoTransform = plan.build()
    return operation.transform_logo


def _sometimes(transform: v2.Transform, p: float) -> v2.Transform:
    return transform if p == 1 else v2.RandomApply([transform], p=p)


def _whole(transform: v2.Transform) -> Step:
    return lambda s: np.asarray(transform(Image.fromarray(s.pixels)))


def _rand_augment(pixels: UInt8Array, plan: RandAugmentStep) -> UInt8Array:
    """Random operations of one magnitude; what they uncover shows the logo's background."""
    if float(torch.rand(())) >= plan.p:
        return pixels
    operations = v2.RandAugment(plan.operations, plan.magnitude, fill=list(border_color(pixels)))
    return np.asarray(operations(Image.fromarray(pixels)))


def _shift_scale(pixels: UInt8Array, plan: ShiftScaleStep) -> UInt8Array:
    """Shift, scale and turn the whole logo a little on its own background."""
    draws = torch.rand(5).tolist()
    if draws[0] >= plan.p:
        return pixels
    side = pixels.shape[0]
    low, high = plan.scale
    moved = TF.affine(
        Image.fromarray(pixels),
        angle=(2 * draws[1] - 1) * plan.rotate,
        translate=[round((2 * d - 1) * plan.shift * side) for d in draws[2:4]],
        scale=low + (high - low) * draws[4],
        shear=[0.0, 0.0],
        interpolation=v2.InterpolationMode.BILINEAR,
        fill=list(border_color(pixels)),
    )
    return np.asarray(moved)
