"""Recipes as files: where they are, what they begin from, keys that are set from outside."""

import contextlib
import difflib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from marquery.errors import UsageError

Raw = dict[str, Any]
#: Sections whose keys depend on their ``kind``.
_UNIONS = ("loss",)
#: Before the name of a recipe of the package, where a file has its absolute path.
_PACKAGED = "marquery:"


def recipe_names() -> list[str]:
    """Names of the recipes in the package."""
    folder = resources.files("marquery") / "recipes"
    return sorted(
        f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")
    )


def read_recipe(path_or_name: str | Path) -> tuple[Raw, str]:
    """A recipe with all that it takes from its bases, not validated yet, and what to call it in an
    error.

    Args:
        path_or_name: a YAML file, or the name of a recipe in the package.

    Raises:
        UsageError: no such recipe, not YAML, or bases that lead back to themselves.
    """
    raw, where = _merged(path_or_name, None, ())
    raw.setdefault("name", Path(where).stem)
    return raw, where


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> Raw:
    """A mapping over another: mappings are merged key by key, all else is replaced.

    A loss of another ``kind`` than the one below it is replaced whole, since its keys are others.

    Args:
        base: what is kept where nothing else is said.
        over: what is said.
    """
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            other_kind = key in _UNIONS and value.get("kind", below.get("kind")) != below.get(
                "kind"
            )
            merged[key] = dict(value) if other_kind else merge(below, value)
        else:
            merged[key] = value
    return merged


def override_key(raw: Raw, override: str) -> None:
    """Set a key of a recipe that is not validated yet, in place.

    Another kind of loss drops the other keys of the loss, which belonged to the kind before.

    Args:
        raw: the recipe as YAML gives it.
        override: ``key=value`` with a dotted key and a value in YAML.

    Raises:
        UsageError: not of that form.
    """
    key, sign, value = override.partition("=")
    if not sign or not key:
        raise UsageError(
            "overrides",
            f"{override!r} sets nothing",
            "write key=value, for instance optimizer.lr=1e-3",
        )
    *parents, last = key.split(".")
    target = raw
    for parent in parents:
        target = target.setdefault(parent, {})
        if not isinstance(target, dict):
            raise UsageError(
                "overrides", f"{override!r}: {parent} has no keys below it", f"set {parent} itself"
            )
    try:
        parsed = yaml.safe_load(value)
    except (yaml.YAMLError, RecursionError) as error:
        raise UsageError(
            "overrides", f"{override!r}: the value is not YAML", "close brackets and quotes"
        ) from error
    # YAML 1.1 takes 1e-3 for a string; a number is always meant.
    if isinstance(parsed, str):
        with contextlib.suppress(ValueError):
            parsed = float(parsed)
    if last == "kind" and parents and parents[0] in _UNIONS and target.get("kind") != parsed:
        target.clear()
    target[last] = parsed


class _CircleError(UsageError):
    """Bases that lead back to a recipe that begins from them."""


def _merged(
    path_or_name: str | Path, beside: Path | None, seen: tuple[str, ...]
) -> tuple[Raw, str]:
    """A recipe over its bases, and what to call it; ``seen`` are the recipes that begin from it."""
    text, where, key = _read(path_or_name, beside)
    if key in seen:
        raise _CircleError("recipe", f"its bases lead back to {where}", "leave one of them out")
    try:
        raw = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise UsageError("recipe", f"{where}: not YAML ({reason})", "mend it there") from error
    if not isinstance(raw, dict):
        raise UsageError(
            "recipe", f"{where}: is no mapping of keys to values", "write KEY: VALUE lines"
        )
    base = raw.pop("base", None)
    if base is None:
        return raw, where
    if not isinstance(base, str):
        raise UsageError("recipe", f"{where}: base is {base!r}", "name one recipe, or a file")
    folder = None if key.startswith(_PACKAGED) else Path(where).parent
    try:
        below, _ = _merged(base, folder, (*seen, key))
    except UsageError as error:
        if seen:
            raise
        raise type(error)("recipe", f"{where}: base: {error.problem}", error.remedy) from error
    # A name and a description are of one recipe, not of those that begin from it.
    own = {name: value for name, value in below.items() if name not in ("name", "about")}
    return merge(own, raw), where


def _read(path_or_name: str | Path, beside: Path | None) -> tuple[str, str, str]:
    """Text of a recipe, what to call it, and a key that no other recipe has.

    Args:
        path_or_name: a file, or a name in the package, which comes before a file of that name.
        beside: of a base, the folder of the recipe that names it, where its file is looked for.
    """
    names = recipe_names()
    path = Path(path_or_name) if beside is None else beside / path_or_name
    if path.is_file() and str(path_or_name) not in names:
        try:
            return path.read_text(encoding="utf-8"), str(path), str(path.resolve())
        except UnicodeDecodeError as error:
            raise UsageError(
                "recipe", f"{path}: is not text in UTF-8", "name a YAML file"
            ) from error
    given = Path(path_or_name)
    name = given.name.removesuffix(".yaml")
    if str(path_or_name) in {name, f"recipes/{given.name}"} and name in names:
        source = resources.files("marquery") / "recipes" / f"{name}.yaml"
        return source.read_text(encoding="utf-8"), f"{name}.yaml", _PACKAGED + name
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    raise UsageError(
        "recipe",
        f"{path_or_name}: no such recipe",
        f"{hint}name a YAML file or one of {', '.join(names)}",
    )
