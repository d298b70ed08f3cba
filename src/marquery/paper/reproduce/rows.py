"""The rows of the table and the scales they run at, as the package's YAML files describe them."""

import copy
from collections.abc import Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from marquery.errors import UsageError
from marquery.losses.parts import LossPart, SmoothAPPart
from marquery.training.augment_steps import AugmentPart
from marquery.training.recipe import Recipe
from marquery.training.recipe_errors import explain
from marquery.training.recipe_files import override_key

Untrained = Literal["pixels", "hash", "imagenet"]
Part = Literal["reference", "paper", "operation", "pair", "rival"]


class Row(BaseModel):
    """One method of the table: what it learns by, or what it is without learning."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    title: str
    about: str = ""
    part: Part
    order: int
    """Place in the table, and in the queue."""
    paper_nar: float | None = None
    """NAR on METU that the paper reports."""
    untrained: Untrained | None = None
    loss: LossPart | None = None
    augment: AugmentPart = AugmentPart()

    @model_validator(mode="after")
    def _one_method(self) -> Self:
        if (self.untrained is None) == (self.loss is None):
            raise ValueError("give either a loss or untrained")
        return self


class Scale(BaseModel):
    """What all rows have in common: network, batches, optimiser, length."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    about: str
    steps: int | None = Field(None, ge=1)
    epochs: int | None = Field(None, ge=1)
    """In place of ``steps``: passes over as many images as the training set has, each validated."""
    squares: bool = False
    """Keep every logo at the network's size, so that no run reads the large pictures again."""
    settings: dict[str, Any]
    """Keys of a recipe."""

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if (self.steps is None) == (self.epochs is None):
            raise ValueError("give either steps or epochs")
        return self


def all_rows() -> list[Row]:
    """Every row in the table's order."""
    rows = [Row.model_validate({"key": _stem(f), **_read(f)}) for f in _yaml_files(_folder())]
    return sorted(rows, key=lambda row: row.order)


def choose_rows(keys: Sequence[str]) -> list[Row]:
    """The rows of these keys in the table's order; no keys: all of them.

    Raises:
        UsageError: there is no row of that name.
    """
    rows = all_rows()
    known = [row.key for row in rows]
    wrong = [key for key in keys if key not in known]
    if wrong:
        raise UsageError("rows", f"{wrong[0]}: no such row", f"use {', '.join(known)}")
    return [row for row in rows if row.key in keys] if keys else rows


def load_scale(name: str) -> Scale:
    """A scale by name.

    Raises:
        UsageError: there is none of that name.
    """
    files = {_stem(f): f for f in _yaml_files(_folder() / "scales")}
    if name not in files:
        raise UsageError("scale", f"{name}: no such scale", f"use {' or '.join(sorted(files))}")
    return Scale.model_validate({"name": name, **_read(files[name])})


def recipe_of(
    row: Row, scale: Scale, seed: int, training_logos: int, overrides: Sequence[str] = ()
) -> Recipe:
    """The recipe that trains a row; two rows differ in loss and augmentation alone.

    Of runs counted in steps the last weights are kept, so that nothing is chosen; of runs counted
    in epochs those of the best epoch on the validation split.

    Args:
        row: of one without training only the recipe's ``model`` means something.
        scale: what the rows have in common.
        seed: of weights, batches and augmentation; the same seed gives every row the same batches.
        training_logos: size of the training set, for epochs.
        overrides: ``key=value`` with dotted keys, see :func:`marquery.training.load_recipe`.

    Raises:
        UsageError: a key or value that recipes do not have.
    """
    raw: dict[str, Any] = {
        **copy.deepcopy(scale.settings),
        "name": row.key,
        "about": row.about or row.title,
        "seed": seed,
        "loss": (row.loss or SmoothAPPart()).model_dump(mode="json"),
        "augment": row.augment.model_dump(mode="json"),
    }
    for override in overrides:
        override_key(raw, override)
    if "steps" not in raw:
        if scale.steps is not None:
            raw["steps"] = scale.steps
        else:
            each = max(1, training_logos // int(raw["batch"]["size"]))
            raw["steps"] = each * (scale.epochs or 1)
            raw.setdefault("validation", {"every": each})
    raw.setdefault("validation", {"every": raw["steps"]})
    try:
        return Recipe.model_validate(raw)
    except ValidationError as error:
        raise UsageError("overrides", *explain(error, Recipe)) from error


def _folder() -> Traversable:
    return resources.files("marquery") / "recipes" / "reproduce"


def _yaml_files(folder: Traversable) -> list[Traversable]:
    return [f for f in folder.iterdir() if f.name.endswith(".yaml")]


def _stem(file: Traversable) -> str:
    return file.name.removesuffix(".yaml")


def _read(file: Traversable) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return content
