"""Errors of the library have an option and a problem each, and no front end's words."""

import ast
import re
from functools import cache

import pytest
import typer

from marquery.cli.app import app

from .walk import calls, error_classes

#: Front ends that speak of their own options.
COMMAND_LINES = ("cli/", "paper/standard_training/")


@cache
def constructions():
    """Each construction of an error of the library: (place, call)."""
    return [(f"{found.file}:{found.line}", call) for found, call in calls("MarqueryError")]


def texts(call):
    """All words in a call, whether an argument has a name or not."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    parts = [n for a in given for n in ast.walk(a) if isinstance(n, ast.Constant)]
    return " ".join(p.value for p in parts if isinstance(p.value, str))


def below_the_command_lines():
    return [
        (place, texts(call))
        for place, call in constructions()
        if not place.startswith(COMMAND_LINES)
    ]


def command_names():
    """All words that may follow ``marquery`` on the command line."""
    names, groups = set(), [typer.main.get_command(app)]
    while groups:
        for name, command in groups.pop().commands.items():
            names.add(name)
            if hasattr(command, "commands"):
                groups.append(command)
    return names


def test_errors_that_inherit_are_looked_at_too():
    assert {"UsageError", "ImageError", "NoSuchLogo", "WeightsUnavailable"} <= error_classes(
        "MarqueryError"
    )


def test_a_usage_error_has_an_option_or_none_and_a_problem():
    kinds = error_classes("UsageError")
    found = [(p, call) for p, call in constructions() if getattr(call.func, "id", "") in kinds]
    assert len(found) > 200
    wrong = [
        place
        for place, call in found
        if len(call.args) + len(call.keywords) < 2
        and not any(isinstance(argument, ast.Starred) for argument in call.args)
    ]
    assert wrong == []


def test_no_option_is_spelled_with_dashes_below_the_command_lines():
    wrong = [
        f"{place}: {text}"
        for place, text in below_the_command_lines()
        if re.search(r"(?<!\w)--\w", re.sub(r"npm pack --\S+", "", text))
    ]
    assert wrong == []


def test_no_command_is_named_below_the_command_lines():
    names = command_names()
    assert {"segment", "augment", "average", "whiten", "reproduce", "demo", "index"} <= names
    pattern = re.compile(rf"\bmarquery ({'|'.join(sorted(names))})\b")
    wrong = [
        f"{place}: {text}" for place, text in below_the_command_lines() if pattern.search(text)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "source",
    ['UsageError("k", problem="see marquery whiten")', 'UsageError("k", f"{x} marquery whiten")'],
)
def test_words_of_named_and_composed_arguments_are_read(source):
    call = ast.parse(source).body[0].value
    assert "marquery whiten" in texts(call)
