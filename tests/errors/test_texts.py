"""Errors of the library have an option and a problem each, and no front end's words."""

import ast
import re
from pathlib import Path

import marquery

ROOT = Path(marquery.__file__).parent
#: Front ends that speak of their own options.
COMMAND_LINES = ("cli/", "paper/standard_training/")
ERRORS = {"UsageError", "MarqueryError", "NotBuiltError", "ImageError"}


def raised():
    """Each construction of an error: (file:line, name, call)."""
    for path in sorted(ROOT.rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in ERRORS:
                    yield f"{place}:{node.lineno}", name, node


def texts(call):
    parts = [n for a in call.args for n in ast.walk(a) if isinstance(n, ast.Constant)]
    return " ".join(p.value for p in parts if isinstance(p.value, str))


def test_a_usage_error_has_an_option_or_none_and_a_problem():
    found = [(place, call) for place, name, call in raised() if name == "UsageError"]
    assert len(found) > 200
    assert [p for p, call in found if len(call.args) + len(call.keywords) < 2] == []


def test_no_option_is_spelled_with_dashes_below_the_command_lines():
    wrong = [
        f"{place}: {texts(call)}"
        for place, _, call in raised()
        if not place.startswith(COMMAND_LINES)
        and re.search(r"(?<!\w)--\w", re.sub(r"npm pack --\S+", "", texts(call)))
    ]
    assert wrong == []


def test_no_command_is_named_below_the_command_lines():
    names = "index|search|serve|train|data|evaluate|embed|compare|watch|rerun|export|calibrate"
    wrong = [
        f"{place}: {texts(call)}"
        for place, _, call in raised()
        if not place.startswith(COMMAND_LINES)
        and re.search(rf"\bmarquery ({names})\b", texts(call))
    ]
    assert wrong == []
