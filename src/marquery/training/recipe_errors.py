"""What is wrong with a recipe, as one sentence."""

import difflib

from pydantic import BaseModel, ValidationError

from marquery.errors import refused_value
from marquery.losses.parts import loss_parts
from marquery.training.augment_steps import AugmentPart, step_keys
from marquery.training.recipe_parts import (
    BatchPart,
    MemoryPart,
    ModelPart,
    NeighboursPart,
    OptimizerPart,
    TeacherPart,
    ValidationPart,
)


def explain(error: ValidationError, recipe: type[BaseModel]) -> tuple[str, str]:
    """The first mistake that pydantic found, and what to do.

    Args:
        error: of validating a recipe.
        recipe: the class of recipes, whose keys are suggested.
    """
    first = error.errors()[0]
    # Names of union members stand in the location too; only keys and places are of use to the
    # reader.
    keys = [str(part) for part in first["loc"]]
    if len(keys) > 1 and keys[0] == "loss" and keys[1] in loss_parts():
        kind = keys.pop(1)
        if first["type"] == "extra_forbidden":
            return _not_of_the_kind(kind, keys[-1])
    if keys == ["loss"] and first["type"] == "union_tag_invalid":
        kind = first["ctx"]["tag"]
        return f"loss.kind: {kind!r} is no loss", f"choose one of {', '.join(loss_parts())}"
    where = ".".join(keys)
    if first["type"] == "extra_forbidden":
        known = _known_keys(recipe)
        near = difflib.get_close_matches(keys[-1], known, n=1)
        hint = f"did you mean {known[near[0]]!r}?" if near else "leave it out"
        return f"unknown key {where!r}", hint
    problem, remedy = refused_value(first)
    return f"{where}: {problem}" if where else problem, remedy


def _not_of_the_kind(kind: str, key: str) -> tuple[str, str]:
    own = [name for name in loss_parts()[kind].model_fields if name != "kind"]
    near = difflib.get_close_matches(key, own, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(own)}"
    return f"loss.{key}: a loss of kind {kind} has no such option", hint


def _known_keys(recipe: type[BaseModel]) -> dict[str, str]:
    """Every key's last part -> the key in full, steps of an augmentation by their own names."""
    parts: dict[str, type[BaseModel]] = {
        # Of names that occur twice the last one is suggested.
        "batch.neighbours.": NeighboursPart,
        "memory.": MemoryPart,
        "teacher.": TeacherPart,
        "model.": ModelPart,
        "batch.": BatchPart,
        "augment.": AugmentPart,
        "optimizer.": OptimizerPart,
        "validation.": ValidationPart,
    }
    known = {name: name for name in step_keys()}
    known |= {n: f"loss.{n}" for part in loss_parts().values() for n in part.model_fields}
    known |= {name: prefix + name for prefix, part in parts.items() for name in part.model_fields}
    return known | {name: name for name in recipe.model_fields}
