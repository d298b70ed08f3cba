"""What a recipe says of augmentation: its steps, each with its options; unknown keys are errors."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from marquery.recipe_part import RecipePart
from marquery.training.logo_steps import (
    LOGO_STEPS,
    BadgeStep,
    DegradeStep,
    FrameStep,
    GroundStep,
    InvertStep,
    OutlineStep,
    WarpStep,
    WordmarkStep,
)


class SegmentStep(RecipePart):
    """A segment-level operation on the logo, one of eight by weight (0 leaves it out)."""

    op: Literal["segment"]
    color: float = Field(0, ge=0)
    remove: float = Field(0, ge=0)
    rotate: float = Field(0, ge=0)
    scale: float = Field(0, ge=0)
    translate: float = Field(0, ge=0)
    mirror: float = Field(0, ge=0)
    duplicate: float = Field(0, ge=0)
    exchange: float = Field(0, ge=0)
    kept: float = Field(0.5, ge=0, le=1)
    """``remove``: share of the ink and of all outlines that always stays."""
    p: float = Field(1, ge=0, le=1)

    @property
    def weights(self) -> dict[str, float]:
        """Weight of each operation."""
        beside = ("op", "kept", "p")
        return {name: getattr(self, name) for name in type(self).model_fields if name not in beside}

    @model_validator(mode="after")
    def _some_operation(self) -> Self:
        if not any(self.weights.values()):
            raise ValueError(f"give at least one of {', '.join(self.weights)} a weight above 0")
        return self


class ImageLevelStep(RecipePart):
    """The paper's image-level augmentation: random resized crop and flips."""

    op: Literal["image_level"]


class PhotometricStep(RecipePart):
    """Strong colour jitter at image level: the rival that needs no segments.

    The rest as :class:`~marquery.augment.Photometric`; 0 leaves that part out.
    """

    op: Literal["photometric"]
    p: float = Field(1, ge=0, le=1)
    strength: float = Field(1, ge=0, le=1)
    shuffle: float = Field(0.5, ge=0, le=1)
    grayscale: float = Field(0.1, ge=0, le=1)
    invert: float = Field(0.1, ge=0, le=1)


class RandAugmentStep(RecipePart):
    """RandAugment (Cubuk et al. 2020) of the whole logo, its ground filled in."""

    op: Literal["randaugment"]
    operations: int = Field(2, ge=1)
    magnitude: int = Field(9, ge=0, le=30)
    p: float = Field(1, ge=0, le=1)


class GeometricStep(RecipePart):
    """Small shift and scale of the whole logo, its ground filled in."""

    op: Literal["shift_scale"]
    shift: float = Field(0.1, ge=0, le=0.5)
    scale: tuple[float, float] = (0.8, 1.1)
    rotate: float = Field(0, ge=0, le=180)
    p: float = Field(1, ge=0, le=1)

    @model_validator(mode="after")
    def _ordered_scale(self) -> Self:
        if not 0 < self.scale[0] <= self.scale[1]:
            raise ValueError("scale is two factors above 0, the smaller one first")
        return self


#: All that have options of their own.
STEPS = (*LOGO_STEPS, SegmentStep, PhotometricStep, RandAugmentStep, GeometricStep)

AugmentStep = Annotated[
    SegmentStep
    | ImageLevelStep
    | PhotometricStep
    | RandAugmentStep
    | GeometricStep
    | BadgeStep
    | GroundStep
    | InvertStep
    | OutlineStep
    | WordmarkStep
    | WarpStep
    | DegradeStep
    | FrameStep,
    Field(discriminator="op"),
]


class AugmentPart(RecipePart):
    """Steps in order; the paper's batches treat positives and negatives differently."""

    positive: tuple[AugmentStep, ...] = ()
    negative: tuple[AugmentStep, ...] = ()
