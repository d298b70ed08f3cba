"""What a recipe says of augmentation: its steps, each with its options; unknown keys are errors.

The steps that are operations of :mod:`marquery.augment` have all options of the constructors, made
from their signatures when a recipe with steps is read; importing this loads neither torch nor
torchvision.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    SerializeAsAny,
    SerializerFunctionWrapHandler,
    create_model,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from marquery.augment.registry import LOGO_OPERATIONS, SEGMENT_OPERATIONS
from marquery.recipe_part import RecipePart
from marquery.training.signatures import OptionsPart, options_part

if TYPE_CHECKING:
    from marquery.augment.mix import RandomSegmentOp


class StepPart(RecipePart):
    """Any step."""

    op: str

    def __reduce__(self) -> tuple[Callable[[Any], "StepPart"], tuple[dict[str, Any]]]:
        # Classes made from signatures are not found by name.
        return read_step, (self.model_dump(exclude_unset=True),)


class OperationStep(OptionsPart, StepPart):
    """A step that is one class of :mod:`marquery.augment`, with the options of its constructor."""

    beside: ClassVar[frozenset[str]] = frozenset({"op"})


class WeighedOptions(OptionsPart):
    """An operation in a mix: its weight, or a mapping of ``weight`` and its options."""

    beside: ClassVar[frozenset[str]] = frozenset({"weight"})
    weight: float = Field(1, ge=0)
    """Relative frequency; 0 leaves the operation out."""

    @model_validator(mode="before")
    @classmethod
    def _weight_alone(cls, value: Any) -> Any:
        return value if isinstance(value, Mapping | WeighedOptions) else {"weight": value}

    @model_serializer(mode="wrap")
    def _as_written(self, handler: SerializerFunctionWrapHandler) -> Any:
        return handler(self) if self.model_fields_set - {"weight"} else self.weight


class SegmentStep(StepPart):
    """A segment-level operation on the logo, one of several by weight.

    Each operation of the registry is a key: its weight, or ``{weight: 2, share: [0.2, 0.6]}`` with
    options.
    """

    kept: float = Field(0.5, ge=0, le=1)
    """``remove``: share of ink and outlines that always stays, unless ``keep`` is given."""
    p: float = Field(1, ge=0, le=1)
    """Probability that a logo is changed."""

    @property
    def weights(self) -> dict[str, float]:
        """Weight of each operation."""
        return {name: getattr(self, name).weight for name in SEGMENT_OPERATIONS}

    def build(self) -> "RandomSegmentOp":
        """The mix of the operations that have a weight."""
        from marquery.augment.mix import RandomSegmentOp

        weights = {name: weight for name, weight in self.weights.items() if weight > 0}
        return RandomSegmentOp(
            [self._operation(name) for name in weights], [*weights.values()], self.p
        )

    def _operation(self, name: str) -> Any:
        part: WeighedOptions = getattr(self, name)
        options = part.options()
        if name == "remove" and "keep" not in part.model_fields_set:
            options["keep"] = self.kept
        return SEGMENT_OPERATIONS[name](**options)

    @model_validator(mode="after")
    def _some_operation(self) -> Self:
        if not any(self.weights.values()):
            raise ValueError(f"give at least one of {', '.join(self.weights)} a weight above 0")
        return self


class RandAugmentStep(StepPart):
    """RandAugment (Cubuk et al. 2020) of the whole logo; what it uncovers shows the background."""

    op: Literal["randaugment"]
    operations: int = Field(2, ge=1)
    """Operations in a row."""
    magnitude: int = Field(9, ge=0, le=30)
    """How strong they are."""
    p: float = Field(1, ge=0, le=1)
    """Probability that a logo is changed."""


class ShiftScaleStep(StepPart):
    """Small shift and scale of the whole logo; what it uncovers shows the background."""

    op: Literal["shift_scale"]
    shift: float = Field(0.1, ge=0, le=0.5)
    """Most shift, as a share of the side."""
    scale: tuple[float, float] = (0.8, 1.1)
    """Least and most scale."""
    rotate: float = Field(0, ge=0, le=180)
    """Most turn in degrees either way."""
    p: float = Field(1, ge=0, le=1)
    """Probability that a logo is changed."""

    @model_validator(mode="after")
    def _ordered_scale(self) -> Self:
        if not 0 < self.scale[0] <= self.scale[1]:
            raise ValueError("scale is two factors above 0, the smaller one first")
        return self


class PhotometricStep(OperationStep):
    """Base of the step ``photometric``, whose ``p`` is not the constructor's."""

    beside: ClassVar[frozenset[str]] = frozenset({"op", "p"})
    p: float = Field(1, ge=0, le=1)
    """Probability that a logo is changed."""


@cache
def step_models() -> dict[str, type[StepPart]]:
    """Name of each step -> what a recipe says of it."""
    from marquery.augment.image_level import ImageLevel, Photometric

    models: dict[str, type[StepPart]] = {
        "segment": _segment_step(),
        "image_level": options_part(
            "ImageLevelStep", OperationStep, ImageLevel, _named("image_level"), {"size"}
        ),
        "photometric": options_part(
            "PhotometricStep",
            PhotometricStep,
            Photometric,
            _named("photometric"),
        ),
        "randaugment": RandAugmentStep,
        "shift_scale": ShiftScaleStep,
    }
    for name, operation in LOGO_OPERATIONS.items():
        title = f"{operation.__name__}Step"
        models[name] = options_part(title, OperationStep, operation, _named(name))
    return models


def _named(op: str) -> dict[str, Any]:
    return {"op": (Literal[op], ...)}


def _segment_step() -> type[SegmentStep]:
    fields: dict[str, Any] = _named("segment")
    for name, operation in SEGMENT_OPERATIONS.items():
        part = options_part(f"{operation.__name__}Options", WeighedOptions, operation)
        fields[name] = (part, part(weight=0))
    model: type[SegmentStep] = create_model(
        "SegmentStep", __base__=SegmentStep, __doc__=SegmentStep.__doc__, **fields
    )
    return model


def step_keys() -> set[str]:
    """Every key of every step, those of the weighed operations included."""
    keys = {name for step in step_models().values() for name in step.model_fields}
    mixed = (step_models()["segment"].model_fields[name] for name in SEGMENT_OPERATIONS)
    return keys | {name for field in mixed for name in type(field.default).model_fields}


def read_step(value: Any) -> Any:
    """The step that a mapping names by its key ``op``; other values are left to pydantic."""
    if not isinstance(value, Mapping):
        return value
    op, models = value.get("op"), step_models()
    if not isinstance(op, str) or op not in models:
        told = {"problem": f"op is {op!r}, which is no step", "remedy": f"use {', '.join(models)}"}
        raise PydanticCustomError("unknown_step", "{problem}; {remedy}", told)
    return models[op].model_validate(value)


AugmentStep = Annotated[SerializeAsAny[StepPart], BeforeValidator(read_step)]


class AugmentPart(RecipePart):
    """Steps in order; the paper's batches treat positives and negatives differently."""

    positive: tuple[AugmentStep, ...] = ()
    negative: tuple[AugmentStep, ...] = ()
