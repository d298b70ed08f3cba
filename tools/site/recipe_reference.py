"""The page of the reference that tells every key of a recipe."""

import inspect
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from marking import cell, plain, sentence
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

import marquery as mq


def recipes() -> str:
    """Every key of a recipe, by section."""
    from marquery.training import Recipe
    from marquery.training.augment_steps import step_models

    parts = [
        "# Recipes\n",
        "A recipe is a YAML file; unknown keys are errors. `--set section.key=value` changes one "
        "key. [Train an encoder](../training.md) tells how recipes are written.\n",
        "## The recipe\n",
        *_fields(Recipe),
    ]
    seen: set[type[BaseModel]] = {Recipe}
    for key, field in Recipe.model_fields.items():
        for model in _models(field.annotation):
            if model not in seen:
                seen.add(model)
                parts += [f"## {key}: {_title(model)}\n", f"{_doc(model)}\n", *_fields(model)]
                for name, inner in model.model_fields.items():
                    for below in _models(inner.annotation):
                        if below not in seen:
                            seen.add(below)
                            parts += [f"### {key}.{name}: {_title(below)}\n", f"{_doc(below)}\n"]
                            parts += _fields(below)
    parts.append(
        "## Steps of augment\n\nEach item of `positive` and `negative` is one of these, named by "
        "its `op`. [Segment augmentation](../augmentation.md) shows them.\n"
    )
    for name, model in step_models().items():
        parts += [f"### op: {name}\n", f"{_doc(model)}\n", *_fields(model)]
    return "\n".join(parts)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _title(model: type[BaseModel]) -> str:
    kind = model.model_fields.get("kind") or model.model_fields.get("op")
    values = get_args(kind.annotation) if kind is not None else ()
    return str(values[0]) if len(values) == 1 else model.__name__.removesuffix("Part")


def _doc(model: type[BaseModel]) -> str:
    text = inspect.cleandoc(model.__doc__ or "").split("\n\n")[0]
    text = re.sub(r":class:`[\w.]*?(\w+)`", r"[`\1`](python.md#losses)", text.replace("``", "`"))
    return text if "](python.md" in text else plain(text)


def _fields(model: type[BaseModel]) -> Iterator[str]:
    said = {"op": "Names the step.", "kind": "Names the loss."}
    said = {**said, **_arguments_of_loss(model), **_attribute_docs(model)}
    yield "| key | value | default | what it is |\n| --- | --- | --- | --- |"
    for name, field in model.model_fields.items():
        kind = _type_name(field.annotation, field.metadata)
        text = said.get(name) or sentence(field.description or "")
        for part in _models(field.annotation):
            text = text or _doc(part)
            if "weight" in part.model_fields and "op" in model.model_fields:
                kind, text = "weight, or a mapping of `weight` and options", _doc(part)
        yield f"| `{name}` | {kind} | {_default(field)} | {plain(text)} |"
    yield ""


def _default(field: Any) -> str:
    if field.is_required():
        return "required"
    if field.default is PydanticUndefined:
        return "…"
    if isinstance(field.default, BaseModel):
        weight = getattr(field.default, "weight", None)
        return "see its section" if weight is None else f"`{_yaml(weight)}`"
    return "empty" if field.default == "" else f"`{cell(_yaml(field.default))}`"


def _yaml(value: Any) -> str:
    """A value as a recipe has it."""
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_yaml, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


#: Types of Python -> what a recipe calls their values.
_VALUES = {str: "text", int: "whole number", float: "number", bool: "`true` or `false`"}
_SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}


def _type_name(annotation: Any, metadata: Iterable[Any] = ()) -> str:
    """A type in words, with its bounds."""
    if get_origin(annotation) is tuple and any(_models(annotation)):
        return "list of steps"
    if any(_models(annotation)):
        return "a section" if type(None) not in get_args(annotation) else "a section or `null`"
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type_name(inner[0], inner[1:])
    if origin is Literal:
        text = _either([f"`{value}`" for value in inner])
    elif origin in (Union, UnionType):
        text = _either(["`null`" if i is type(None) else _type_name(i) for i in inner])
    elif origin is tuple:
        names = [_type_name(i) for i in inner if i is not Ellipsis]
        text = f"list of {names[0]}" if Ellipsis in inner else f"[{', '.join(names)}]"
    else:
        text = _VALUES.get(annotation) or str(getattr(annotation, "__name__", annotation))
    told = [
        f"{sign} {getattr(limit, name)}"
        for given in metadata
        for limit in (given, *getattr(given, "metadata", ()))
        for name, sign in _SIGNS.items()
        if getattr(limit, name, None) is not None
    ]
    return ", ".join([text, *told])


def _either(words: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _attribute_docs(model: type[BaseModel]) -> Mapping[str, str]:
    """The strings that stand below the fields in the source."""
    import ast

    found: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        if not cls.__module__.startswith("marquery"):
            continue
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
        except (OSError, TypeError):  # a model that is made while the program runs
            continue
        body = tree.body[0].body  # type: ignore[attr-defined]
        for field, text in pairwise(body):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(text, ast.Expr)
                and isinstance(text.value, ast.Constant)
            ):
                found[field.target.id] = sentence(str(text.value.value))
    return found


def _arguments_of_loss(model: type[BaseModel]) -> dict[str, str]:
    """What the loss that a section names says of its arguments."""
    named = re.search(r"`marquery\.losses\.(\w+)`", model.__doc__ or "")
    if named is None:
        return {}
    text = inspect.getdoc(getattr(mq.losses, named[1])) or ""
    found = re.search(r"^Args:\n(.*?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    items = re.findall(
        r"^ {4}(\w[\w, ]*): (.*?)(?=^ {4}\S|\Z)", found[1] if found else "", re.M | re.S
    )
    told = {name.strip(): text for names, text in items for name in names.split(",")}
    return {name: sentence(text) for name, text in told.items() if "as for" not in text}
