"""The pages of the reference, written from what the code says of itself."""

import importlib
import inspect
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer
from marking import cell, plain

import marquery as mq


def python_names() -> str:
    """The public names, to be filled by mkdocstrings."""
    from marquery import _HOME

    parts = [
        "# Python\n\nThe public names. `import marquery as mq` loads none of them before it is "
        "used.\n\n| `mq.` | what it is |\n| --- | --- |",
        *(
            f"| [{name}][{_defined_in(*home)}] | {plain(_first_sentence(*home))} |"
            for name, home in _HOME.items()
            if home[1] is not None
        ),
        "| [losses](#losses), [augment](#augmentation) | losses, and operations on segments and "
        "logos |\n",
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
    value = getattr(importlib.import_module(module), attribute)
    return f"{value.__module__}.{attribute}"


def _first_sentence(module: str, attribute: str) -> str:
    text = inspect.getdoc(getattr(importlib.import_module(module), attribute)) or ""
    said = cell(text.partition("\n\n")[0].replace("``", "`"))
    return re.sub(r":\w+:`~?([\w.]+)`", r"`\1`", said)


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
        yield f"{plain(inspect.cleandoc(inner.help or ''))}\n"
        context = inner.make_context(path, [], resilient_parsing=True)
        arguments = [p for p in inner.params if p.param_type_name == "argument"]
        usage = " ".join([path, *(p.metavar or p.name.upper() for p in arguments), "[OPTIONS]"])
        yield f"```text\n{usage}\n```\n"
        rows = [(p, p.get_help_record(context)) for p in inner.params if p.name != "help"]
        rows = [(p, record) for p, record in rows if record is not None]
        if rows:
            yield "| option | what it is |\n| --- | --- |"
            yield from (f"| {_option(r[0])} | {plain(cell(r[1]))} |" for _, r in rows)
            yield ""


def _option(record: str) -> str:
    """An option as code. A bar is written as HTML, since Markdown shows the stroke before it."""
    said = re.sub(r"<list\[(\w+)\]>", lambda found: f"<{found[1].lower()}>...", record)
    escaped = " ".join(said.split()).replace("<", "&lt;").replace("|", "&#124;")
    return f"<code>{escaped}</code>"


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
    parts += [f"- {code}: {plain(cell(refusals[code]['description']))}" for code in sorted(common)]
    parts.append("")
    for path, methods in schema["paths"].items():
        if not path.startswith("/api"):
            continue
        for method, operation in methods.items():
            parts.append(f"## {method.upper()} {path}\n")
            parts.append(f"{plain(operation.get('description') or operation['summary'])}\n")
            rows = [
                f"| `{p['name']}` | {p['in']} | {plain(cell(p.get('description', '')))} |"
                for p in operation.get("parameters", ())
            ]
            for kind, body in operation.get("requestBody", {}).get("content", {}).items():
                fields = _resolved(schema, body["schema"]).get("properties", {})
                rows += [
                    f"| `{name}` | {_BODIES.get(kind, kind)} | "
                    f"{plain(cell(field.get('description', '')))} |"
                    for name, field in fields.items()
                ]
            if rows:
                parts += ["| name | in | what it is |\n| --- | --- | --- |", *rows, ""]
            own = {c: a for c, a in operation["responses"].items() if c not in common}
            said = (f"{code}: {_answer(schema, answer)}" for code, answer in own.items())
            parts.append(f"Answers {'; '.join(said)}.\n")
    return "\n".join(parts)


#: Kinds of bodies -> what the column "in" calls them.
_BODIES = {"application/json": "JSON body", "multipart/form-data": "form"}


def _answer(schema: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """What an answer holds: its fields, or what it says of itself."""
    for kind, body in answer.get("content", {}).items():
        one = body.get("schema", {})
        each = "a list, each with " if one.get("type") == "array" else ""
        fields = _resolved(schema, one.get("items", one)).get("properties", {})
        if fields:
            return each + ", ".join(f"`{name}`" for name in fields)
        if kind != "application/json":
            return kind
    return plain(cell(answer["description"])).replace("Successful Response", "done")


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
