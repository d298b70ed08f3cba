"""From the steps of a recipe to a function on one logo."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from PIL import Image
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as TF

from marquery.arrays import UInt8Array
from marquery.augment import (
    LOGO_OPERATIONS,
    SEGMENT_OPERATIONS,
    ImageLevel,
    Photometric,
    RandomSegmentOp,
    SegmentTransform,
)
from marquery.images import border_color
from marquery.segments import Segmentation, segment
from marquery.training.augment_steps import (
    AugmentStep,
    GeometricStep,
    ImageLevelStep,
    PhotometricStep,
    RandAugmentStep,
    SegmentStep,
)
from marquery.training.logo_steps import LogoStep


class Subject:
    """A logo on its way through the steps; it is segmented once, and only when a step asks."""

    def __init__(self, pixels: UInt8Array) -> None:
        self.pixels = pixels

    @cached_property
    def segmentation(self) -> Segmentation:
        """Segments of :attr:`pixels`."""
        return segment(self.pixels)


Step = Callable[[Subject], UInt8Array]


class Augmentation:
    """The steps of a recipe in order; draws from torch's global generator.

    Called with a subject and a size it gives uint8 (size, size, 3). No steps: the logo as it is.
    """

    def __init__(self, steps: Sequence[AugmentStep]) -> None:
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


def _build(plan: AugmentStep, size: int) -> Step:
    if isinstance(plan, SegmentStep):
        op = segment_op(plan)
        return lambda s: op.transform_segmented(s.pixels, s.segmentation)
    if isinstance(plan, LogoStep):
        return _logo_step(plan)
    if isinstance(plan, ImageLevelStep):
        return _whole(ImageLevel(size))
    if isinstance(plan, PhotometricStep):
        photometric = Photometric(plan.strength, plan.shuffle, plan.grayscale, plan.invert)
        return _whole(_sometimes(photometric, plan.p))
    if isinstance(plan, RandAugmentStep):
        return lambda s: _rand_augment(s.pixels, plan)
    return lambda s: _shift_scale(s.pixels, plan)


def _logo_step(plan: LogoStep) -> Step:
    op = LOGO_OPERATIONS[plan.op](**plan.model_dump(exclude={"op", "p"}))

    def step(subject: Subject) -> UInt8Array:
        # Drawn here, not by the transform: a logo that is left alone need not be segmented.
        if plan.p < 1 and float(torch.rand(())) >= plan.p:
            return subject.pixels
        if isinstance(op, SegmentTransform):
            return op.transform_segmented(subject.pixels, subject.segmentation)
        return op.transform_image(subject.pixels)

    return step


def segment_op(plan: SegmentStep) -> RandomSegmentOp:
    """The mix of segment operations that a recipe's step describes."""
    wanted = [name for name, weight in plan.weights.items() if weight > 0]
    options: dict[str, Any] = {"remove": {"keep": plan.kept}}
    return RandomSegmentOp(
        [SEGMENT_OPERATIONS[name](**options.get(name, {})) for name in wanted],
        [plan.weights[name] for name in wanted],
        p=plan.p,
    )


def _sometimes(transform: v2.Transform, p: float) -> v2.Transform:
    return transform if p == 1 else v2.RandomApply([transform], p=p)


def _whole(transform: v2.Transform) -> Step:
    return lambda s: np.asarray(transform(Image.fromarray(s.pixels)))


def _rand_augment(pixels: UInt8Array, plan: RandAugmentStep) -> UInt8Array:
    """Random operations of one magnitude; what they uncover shows the logo's own ground."""
    if float(torch.rand(())) >= plan.p:
        return pixels
    operations = v2.RandAugment(plan.operations, plan.magnitude, fill=list(border_color(pixels)))
    return np.asarray(operations(Image.fromarray(pixels)))


def _shift_scale(pixels: UInt8Array, plan: GeometricStep) -> UInt8Array:
    """Shift, scale and turn the whole logo a little on its own ground."""
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
