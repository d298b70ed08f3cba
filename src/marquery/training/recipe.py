"""A recipe says all that a training run depends on; unknown keys are errors."""

import contextlib
import difflib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, Field, ValidationError, model_validator

from marquery.errors import UsageError
from marquery.kinds import Pooling
from marquery.training.augment_steps import STEPS, AugmentPart, RecipePart


class ModelPart(RecipePart):
    """The encoder to train."""

    start: str | Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """An encoder to go on from: what ``LogoEncoder.load`` takes. Backbone, dim, pooling are its own then. Several,
    trained from one start: the mean of their weights."""
    backbone: str = "tf_efficientnet_lite0"
    dim: int = Field(512, ge=2)
    pooling: Pooling = "avg"
    image_size: int = Field(224, ge=32, le=1024)
    stack_lockups: bool | None = None
    """Set a figure beside words above them before all else; ``null``: as ``start`` does, else no."""
    pretrained: bool = True
    freeze_batchnorm: bool = True

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        fields = type(self).model_fields
        own = ("backbone", "dim", "pooling", "pretrained")
        changed = [name for name in own if getattr(self, name) != fields[name].default]
        if self.start is not None and changed:
            raise ValueError(f"{changed[0]} does not go with start, whose encoder has its own")
        return self


class NeighboursPart(RecipePart):
    """Batches of logos that the network confuses."""

    every: int = Field(100, ge=1)
    """Steps between searches of the training set in itself; the first comes before step 0."""
    cluster: int = Field(8, ge=2)
    """Classes that are put together: one whose turn it is and others near it."""
    pool: int = Field(32, ge=1)
    """The others are drawn at random from the classes of so many nearest logos."""

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.pool < self.cluster - 1:
            raise ValueError(
                f"pool: {self.pool} nearest logos cannot give {self.cluster - 1} neighbours; use more"
            )
        return self


class BatchPart(RecipePart):
    """Which logos meet in a batch."""

    kind: Literal["views", "groups", "paper"] = "views"
    size: int = Field(96, ge=4)
    """Images a batch."""
    per_class: int = Field(4, ge=2)
    """Views of a logo, logos of a group, or positives of the paper's batch."""
    least_group: int = Field(2, ge=1)
    """``groups``: size from which a group takes part (1: single logos by their views alone)."""
    namespaces: tuple[str, ...] | None = Field(None, min_length=1)
    """``groups``: only groups of these namespaces take part, such as ``[brand]``; ``null``: all."""
    unlabelled: Literal["out", "views"] = "out"
    """``groups``: logos without a group stay out, or each is a class of its own, by its views."""
    compositions: int = Field(0, ge=0)
    """Images a batch, beside ``size``: a logo of it with a part of one of another class, ranked as a negative
    only; where no part fits, more often than not, one more view of its class."""
    micro: Literal["auto"] | Annotated[int, Field(ge=1)] = "auto"
    """Images of which a graph is kept at a time; a larger batch goes by gradient caching. ``auto``: 32 at 224
    pixels, more of smaller ones."""
    neighbours: NeighboursPart | None = None
    """``groups``, ``views``: hard-neighbour batches."""

    @property
    def images(self) -> int:
        """All images of a batch."""
        return self.size + self.compositions

    @model_validator(mode="after")
    def _neighbours_fit(self) -> Self:
        if self.neighbours is not None and self.kind == "paper":
            raise ValueError(
                "neighbours: the paper's batches hold one group and have no neighbours; use kind groups or views"
            )
        return self


class MemoryPart(RecipePart):
    """Embeddings of past steps, ranked together with the batch."""

    size: int = Field(ge=1)
    """Embeddings kept."""
    after: int = Field(0, ge=0)
    """Step from which they are used."""
    max_age: int | None = Field(None, ge=1)
    """Greatest age in steps; ``null``: as long as they are kept."""


class LossPart(RecipePart):
    """What is minimised."""

    kind: Literal["smoothap", "supap", "recall", "triplet"] = "smoothap"
    temperature: float = Field(0.01, gt=0)
    margin: float = Field(0.2, ge=0)
    mining: Literal["distance", "semihard", "random"] = "distance"
    calibration: float = Field(0, ge=0, le=1)
    """``supap``: weight of the calibration (0.5 is ROADMAP)."""
    k: tuple[Annotated[int, Field(ge=1)], ...] = Field((1, 2, 4, 8, 16), min_length=1)
    """``recall``: the K of Recall@K that are averaged."""

    @model_validator(mode="after")
    def _keys_of_the_kind(self) -> Self:
        if self.calibration and self.kind != "supap":
            raise ValueError(f"calibration belongs to kind supap, not to {self.kind}")
        if self.kind != "recall" and self.k != type(self).model_fields["k"].default:
            raise ValueError(f"k belongs to kind recall, not to {self.kind}")
        return self


class TeacherPart(RecipePart):
    """An encoder whose neighbourhoods are to be kept, beside the loss."""

    encoder: str
    """What ``LogoEncoder.load`` takes; ``timm:NAME`` for ImageNet features."""
    weight: float = Field(0.1, gt=0)
    temperature: float = Field(0.05, gt=0)


class OptimizerPart(RecipePart):
    """How it is minimised."""

    kind: Literal["adam", "adamw"] = "adamw"
    lr: float = Field(3e-4, gt=0)
    head_lr_factor: float = Field(5, gt=0)
    weight_decay: float = Field(4e-4, ge=0)
    schedule: Literal["cosine", "step", "constant"] = "cosine"
    warmup: int = Field(20, ge=0)
    """Steps over which the rate rises from nothing."""
    milestones: tuple[int, ...] = ()
    """``step``: the steps at which the rate is multiplied by ``gamma``."""
    gamma: float = Field(0.3, gt=0, le=1)


class ValidationPart(RecipePart):
    """Which weights are kept."""

    every: int = Field(100, ge=1)
    """Steps between validations; the last step is validated too."""
    metric: Literal["map", "nar"] = "map"
    views: int = Field(0, ge=0)
    """Augmented views that stand beside each logo, in its group: so logos without labels can be validated on."""


class Recipe(RecipePart):
    """Everything that decides a training run, but the data."""

    name: str = Field(pattern=r"^[\w.-]+$")
    about: str = ""
    seed: int = Field(1, ge=0)
    steps: int = Field(ge=1)
    labels: Literal["folders", "file"] = "folders"
    """Of a plain folder: names of sub-folders are groups, or ``labels.csv`` alone says what is alike."""
    workers: int = Field(1, ge=0)
    precision: Literal["auto", "32-true", "bf16-mixed"] = "auto"
    model: ModelPart = ModelPart()
    batch: BatchPart = BatchPart()
    augment: AugmentPart = AugmentPart()
    loss: LossPart = LossPart()
    memory: MemoryPart | None = None
    teacher: TeacherPart | None = None
    optimizer: OptimizerPart = OptimizerPart()
    validation: ValidationPart = ValidationPart()

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        micro, memory = self.batch.micro, self.memory
        if isinstance(micro, int) and micro < self.batch.images and not self.model.freeze_batchnorm:
            raise ValueError(
                f"batch.micro: {micro} needs model.freeze_batchnorm: true; BatchNorm on the statistics of "
                "micro-batches would not give the batch's gradient"
            )
        if memory is not None and memory.size < self.batch.images:
            raise ValueError(
                f"memory.size: {memory.size} does not hold one batch of {self.batch.images}; use more"
            )
        if memory is not None and memory.after >= self.steps:
            raise ValueError(
                f"memory.after: {memory.after} comes after the last of {self.steps} steps; use less"
            )
        return self


def load_recipe(path_or_name: str | Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read a recipe.

    Args:
        path_or_name: a YAML file, or the name of a recipe in the package (``demo``).
        overrides: ``key=value`` with dotted keys, values in YAML: ``optimizer.lr=1e-3``.

    Raises:
        UsageError: no such file, not YAML, an unknown key or a value out of range; the key is named.
    """
    text, where = _read(path_or_name)
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UsageError(f"{where}: not YAML ({' '.join(str(error).split())})") from error
    if not isinstance(raw, dict):
        raise UsageError(f"{where}: a recipe is a mapping of keys to values")
    raw.setdefault("name", Path(where).stem)
    for override in overrides:
        override_key(raw, override)
    try:
        return Recipe.model_validate(raw)
    except ValidationError as error:
        raise UsageError(f"{where}: {_explain(error)}") from error


def recipe_names() -> list[str]:
    """Names of the recipes in the package."""
    folder = resources.files("marquery") / "recipes"
    return sorted(
        f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")
    )


def _read(path_or_name: str | Path) -> tuple[str, str]:
    path = Path(path_or_name)
    # A bare name means the package's recipe, whatever lies in the working folder.
    if path.is_file() and str(path_or_name) not in recipe_names():
        try:
            return path.read_text(encoding="utf-8"), str(path)
        except UnicodeDecodeError as error:
            raise UsageError(f"{path}: a recipe is a YAML text, this is not text") from error
    name = path.name.removesuffix(".yaml")
    if str(path_or_name) in {name, f"recipes/{path.name}"} and name in recipe_names():
        source = resources.files("marquery") / "recipes" / f"{name}.yaml"
        return source.read_text(encoding="utf-8"), f"{name}.yaml"
    raise UsageError(
        f"{path_or_name}: no such recipe; name a YAML file or one of {', '.join(recipe_names())}"
    )


def override_key(raw: dict[str, Any], override: str) -> None:
    """Set a key of a recipe that is not validated yet, in place.

    Args:
        raw: the recipe as YAML gives it.
        override: ``key=value`` with a dotted key and a value in YAML.

    Raises:
        UsageError: not of that form.
    """
    key, sign, value = override.partition("=")
    if not sign or not key:
        raise UsageError(f"--set {override}: write key=value, for instance optimizer.lr=1e-3")
    *parents, last = key.split(".")
    target = raw
    for parent in parents:
        target = target.setdefault(parent, {})
        if not isinstance(target, dict):
            raise UsageError(f"--set {override}: {parent} has no keys below it")
    try:
        parsed = yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise UsageError(f"--set {override}: the value is not YAML") from error
    # YAML 1.1 takes 1e-3 for a string; a number is always meant.
    if isinstance(parsed, str):
        with contextlib.suppress(ValueError):
            parsed = float(parsed)
    target[last] = parsed


def _explain(error: ValidationError) -> str:
    first = error.errors()[0]
    # Names of union members stand in the location too; only keys and places are of use to the reader.
    keys = [str(part) for part in first["loc"]]
    where = ".".join(keys)
    if first["type"] == "extra_forbidden":
        known = _known_keys()
        near = difflib.get_close_matches(keys[-1], known, n=1)
        hint = f"; did you mean {known[near[0]]!r}?" if near else ""
        return f"unknown key {where!r}{hint}"
    message = first["msg"].removeprefix("Value error, ")
    return f"{where}: {message}" if where else message


def _known_keys() -> dict[str, str]:
    """Every key's last part -> the key in full, steps of an augmentation by their own names."""
    parts: dict[str, type[BaseModel]] = {
        # Of names that occur twice the last one is suggested.
        "batch.neighbours.": NeighboursPart,
        "memory.": MemoryPart,
        "teacher.": TeacherPart,
        "model.": ModelPart,
        "batch.": BatchPart,
        "augment.": AugmentPart,
        "loss.": LossPart,
        "optimizer.": OptimizerPart,
        "validation.": ValidationPart,
    }
    known = {name: name for step in STEPS for name in step.model_fields}
    known |= {name: prefix + name for prefix, part in parts.items() for name in part.model_fields}
    return known | {name: name for name in Recipe.model_fields}
