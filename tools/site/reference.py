"""The pages of the reference, written from what the code says of itself."""

import inspect
import re
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import typer
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

import marquery as mq


def python_names() -> str:
    """The public names, to be filled by mkdocstrings."""
    from marquery import _HOME

    parts = [
        "# Python\n\nThe public names. `import marquery as mq` loads none of them before it is "
        "used.\n"
    ]
    for name, (module, attribute) in _HOME.items():
        if attribute is None:
            continue
        members = "" if name != "Recipe" else "\n    options: {members: false}"
        parts.append(f"::: {_defined_in(module, attribute)}{members}\n")
    parts.append("## Losses\n\nNames of `mq.losses`.\n")
    parts += [_nested(mq.losses, name) for name in _shown(mq.losses)]
    parts.append("## Augmentation\n\nNames of `mq.augment`.\n")
    parts += [_nested(mq.augment, name) for name in _shown(mq.augment)]
    return "\n".join(parts)


def _defined_in(module: str, attribute: str) -> str:
    import importlib

    value = getattr(importlib.import_module(module), attribute)
    return f"{value.__module__}.{attribute}"


def _shown(package: Any) -> list[str]:
    names = sorted(name for name in package.__all__ if name[0].isupper() and not name.isupper())
    return [name for name in names if inspect.isclass(getattr(package, name))]


def _nested(package: Any, name: str) -> str:
    value = getattr(package, name)
    options = "options: {heading_level: 3, members: false, inherited_members: false}"
    return f"::: {value.__module__}.{value.__name__}\n    {options}\n"


def command_line() -> str:
    """Every command with its arguments and options."""
    from marquery.cli.app import app

    parts = [
        "# Command line\n",
        "Results go to stdout, what a long job says to stderr. Exit codes: 0 done, 1 the job "
        "failed, 2 wrong use. `--debug`, anywhere, shows the traceback of an error.\n",
    ]
    parts += _commands(typer.main.get_command(app), "marquery")
    return "\n".join(parts)


def _commands(command: Any, name: str) -> Iterator[str]:
    for key, inner in getattr(command, "commands", {}).items():
        path = f"{name} {key}"
        if hasattr(inner, "commands"):
            yield from _commands(inner, path)
            continue
        yield f"## {path}\n"
        yield f"{_plain(inspect.cleandoc(inner.help or ''))}\n"
        context = inner.make_context(path, [], resilient_parsing=True)
        arguments = [p for p in inner.params if p.param_type_name == "argument"]
        usage = " ".join([path, *(p.metavar or p.name.upper() for p in arguments), "[OPTIONS]"])
        yield f"```text\n{usage}\n```\n"
        rows = [(p, p.get_help_record(context)) for p in inner.params if p.name != "help"]
        rows = [(p, record) for p, record in rows if record is not None]
        if rows:
            yield "| | |\n| --- | --- |"
            yield from (f"| `{_cell(r[0])}` | {_plain(_cell(r[1]))} |" for _, r in rows)
            yield ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _plain(text: str) -> str:
    """Text in which nothing is taken for Markdown or HTML."""
    return re.sub(r"([<*_\[\]])", r"\\\1", text.replace("\b", ""))


def recipes() -> str:
    """Every key of a recipe, by section."""
    from marquery.training import Recipe

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
    return _plain(text.replace("``", "`"))


def _fields(model: type[BaseModel]) -> Iterator[str]:
    said = _attribute_docs(model)
    yield "| key | value | default | |\n| --- | --- | --- | --- |"
    for name, field in model.model_fields.items():
        default = "required" if field.is_required() else f"`{_cell(_default(field))}`"
        kind = _cell(_type_name(field.annotation, field.metadata))
        yield f"| `{name}` | {_plain(kind)} | {default} | {_plain(said.get(name, ''))} |"
    yield ""


def _default(field: Any) -> str:
    if field.default is PydanticUndefined:
        return "…"
    if isinstance(field.default, BaseModel):
        return "its own"
    return "null" if field.default is None else str(field.default)


def _type_name(annotation: Any, metadata: list[Any]) -> str:
    if any(_models(annotation)):
        return "a section"
    name = getattr(annotation, "__name__", None)
    text = name if name and not get_args(annotation) else str(annotation)
    text = re.sub(r"typing\.|marquery\.[\w.]*\.|annotated_types\.", "", text)
    text = re.sub(r"Annotated\[(\w+), .*?\)\]+", r"\1", text)
    limits = [str(m) for m in metadata if re.match(r"(Ge|Gt|Le|Lt)\(", str(m))]
    signs = {"Ge": "≥", "Gt": ">", "Le": "≤", "Lt": "<"}
    told = [re.sub(r"(\w\w)\(\w+=(.*)\)", lambda f: f"{signs[f[1]]} {f[2]}", m) for m in limits]
    return ", ".join([text, *told])


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
                found[field.target.id] = _cell(str(text.value.value).replace("``", "`"))
    return found


def json_api() -> str:
    """Every address of the JSON API, from the description that the server gives of itself."""
    schema = _openapi()
    parts = [
        "# JSON API\n",
        "What `marquery serve` answers to programs; the server describes it at "
        "`/api/openapi.json`. With a token, send `Authorization: Bearer TOKEN`. "
        "[Examine a mark on the page](../web.md) shows it at work.\n",
    ]
    operations = [o for path, ms in schema["paths"].items() for o in ms.values() if "/api" in path]
    common = set.intersection(*(set(o["responses"]) for o in operations)) - {"200"}
    refusals = operations[0]["responses"]
    parts += ["Any request may be refused, with `detail: {message, option}`:\n"]
    parts += [
        f"- {code}: {_plain(_cell(refusals[code]['description']))}" for code in sorted(common)
    ]
    parts.append("")
    for path, methods in schema["paths"].items():
        if not path.startswith("/api"):
            continue
        for method, operation in methods.items():
            parts.append(f"## {method.upper()} {path}\n")
            parts.append(f"{_plain(operation.get('description') or operation['summary'])}\n")
            rows = [
                f"| `{p['name']}` | {p['in']} | {_plain(_cell(p.get('description', '')))} |"
                for p in operation.get("parameters", ())
            ]
            for kind, body in operation.get("requestBody", {}).get("content", {}).items():
                fields = _resolved(schema, body["schema"]).get("properties", {})
                rows += [
                    f"| `{name}` | {kind} | {_plain(_cell(field.get('description', '')))} |"
                    for name, field in fields.items()
                ]
            if rows:
                parts += ["| name | in | |\n| --- | --- | --- |", *rows, ""]
            own = {c: a for c, a in operation["responses"].items() if c not in common}
            said = (f"{code}: {_plain(_cell(own[code]['description']))}" for code in own)
            parts.append(f"Answers {'; '.join(said)}.\n")
    return "\n".join(parts)


def _resolved(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in part:
        return part
    found: Mapping[str, Any] = schema["components"]["schemas"][part["$ref"].rpartition("/")[2]]
    return found


def _openapi() -> Mapping[str, Any]:
    """The description; it is the same for every index, so one without logos will do."""
    from marquery.web.app import create_app
    from marquery.web.security import Access

    with tempfile.TemporaryDirectory() as folder:
        index = mq.LogoIndex.create(Path(folder) / "idx", encoder="default", words=False)
        web = create_app(index, Access("127.0.0.1"), Path(folder) / "cases")
        schema: Mapping[str, Any] = web.openapi()
    return schema
