"""A recipe says all that a training run depends on; unknown keys are errors."""

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from marquery.errors import UsageError
from marquery.losses.parts import LossPart, SmoothAPPart
from marquery.recipe_part import RecipePart
from marquery.training.augment_steps import AugmentPart
from marquery.training.recipe_errors import explain
from marquery.training.recipe_files import override_key, read_recipe
from marquery.training.recipe_parts import (
    BatchPart,
    MemoryPart,
    ModelPart,
    OptimizerPart,
    TeacherPart,
    ValidationPart,
)


class Recipe(RecipePart):
    """Everything that decides a training run, but the data."""

    name: str = Field(pattern=r"^[\w.-]+$")
    """What the run is called."""
    about: str = ""
    """What the recipe is for; nothing depends on it."""
    seed: int = Field(1, ge=0)
    """Seed of all that is drawn at random."""
    steps: int = Field(ge=1)
    """Batches that the network is trained on."""
    labels: Literal["folders", "file"] = "folders"
    """Of a plain folder: names of sub-folders are groups, or ``labels.csv`` alone says what is
    alike.
    """
    workers: int = Field(1, ge=0)
    """Processes that read and augment; 0: the training process does."""
    precision: Literal["auto", "32-true", "bf16-mixed"] = "auto"
    """``auto``: ``bf16-mixed`` on a GPU, ``32-true`` on a CPU."""
    model: ModelPart = ModelPart()
    batch: BatchPart = BatchPart()
    augment: AugmentPart = AugmentPart()
    loss: LossPart = SmoothAPPart()
    """What is minimised; its ``kind`` names it."""
    memory: MemoryPart | None = None
    teacher: TeacherPart | None = None
    optimizer: OptimizerPart = OptimizerPart()
    validation: ValidationPart = ValidationPart()

    @field_validator("loss", mode="before")
    @classmethod
    def _default_kind(cls, loss: Any) -> Any:
        return {"kind": "smoothap", **loss} if isinstance(loss, dict) else loss

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        micro, memory = self.batch.micro, self.memory
        if isinstance(micro, int) and micro < self.batch.images and not self.model.freeze_batchnorm:
            raise ValueError(
                f"batch.micro: {micro} needs model.freeze_batchnorm: true; BatchNorm on the "
                "statistics of "
                "micro-batches would not give the batch's gradient"
            )
        if memory is not None and memory.size < self.batch.images:
            raise ValueError(
                f"memory.size: {memory.size} does not hold one batch of {self.batch.images}; use "
                "more"
            )
        if memory is not None and memory.after >= self.steps:
            raise ValueError(
                f"memory.after: {memory.after} comes after the last of {self.steps} steps; use less"
            )
        return self

    def changed(self, overrides: Sequence[str]) -> "Recipe":
        """The recipe with some keys set, see :func:`load_recipe`."""
        return _validated(self.model_dump(mode="json"), overrides, self.name)


def load_recipe(path_or_name: str | Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read a recipe.

    A recipe may begin from another, ``base: NAME``: sections are merged key by key, lists are
    replaced, and a section of another ``kind`` is replaced whole. What a run stores is the recipe
    in full.

    Args:
        path_or_name: a YAML file, or the name of a recipe in the package (``demo``).
        overrides: ``key=value`` with dotted keys, values in YAML: ``optimizer.lr=1e-3``.

    Raises:
        UsageError: no such file, not YAML, an unknown key or a value out of range; the key is
            named.
    """
    raw, where = read_recipe(path_or_name)
    return _validated(raw, overrides, where)


def _validated(raw: dict[str, Any], overrides: Sequence[str], where: str) -> Recipe:
    written = deepcopy(raw)
    # Kinds first: they decide which other keys there are.
    for override in sorted(overrides, key=lambda o: not o.partition("=")[0].endswith(".kind")):
        override_key(raw, override)
    try:
        return Recipe.model_validate(raw)
    except ValidationError as error:
        option = "overrides" if overrides and _is_valid(written) else "recipe"
        problem, remedy = explain(error, Recipe)
        raise UsageError(option, f"{where}: {problem}", remedy) from error


def _is_valid(raw: dict[str, Any]) -> bool:
    """Whether a recipe is right as it is written, so that an override is to blame."""
    try:
        Recipe.model_validate(raw)
    except ValidationError:
        return False
    return True
