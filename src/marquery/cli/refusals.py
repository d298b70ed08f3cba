"""What Typer refuses before a command runs, as an error of ours: one line that names the option."""

import re
from typing import Any

import typer
from pydantic import ValidationError

from marquery.errors import UsageError, refused_value

#: All that Typer refuses: it exports one kind of it alone.
TyperRefusal: type[Exception] = typer.BadParameter.__mro__[1]
_CHOICES = re.compile(r"is not one of (.+)\Z")


def as_usage_error(refusal: Any) -> UsageError:
    """The option to blame, what is wrong with it, and what to do.

    Args:
        refusal: a :data:`TyperRefusal`.
    """
    option = getattr(refusal, "option_name", None)
    parameter = getattr(refusal, "param", None)
    help_text = f"see {_command(refusal)} --help"
    if parameter is None and option is None:
        return UsageError(None, refusal.message.rstrip("."), help_text)
    if parameter is None:
        if hasattr(refusal, "possibilities"):
            near = ", ".join(sorted(refusal.possibilities or ()))
            return UsageError(option, "no such option", f"use {near}" if near else help_text)
        problem = refusal.message.rstrip(".").removeprefix(f"Option {option!r} ")
        return UsageError(option, problem, help_text)
    if not refusal.message:
        return UsageError(parameter.name, "is missing", "give it")
    return _of_value(parameter.name, refusal)


def is_help(refusal: Any) -> bool:
    """Whether it is no refusal: a command without arguments shows its help."""
    return "\n" in refusal.message


def _of_value(name: str, refusal: Any) -> UsageError:
    problem, advice = refusal.message, ""
    cause = refusal.__cause__
    if isinstance(cause, ValidationError):
        first = cause.errors()[0]
        problem, advice = refused_value(first)
        if choices := _CHOICES.search(problem):
            problem = f"{first['input']!r} cannot be used"
            advice = f"choose one of {choices[1].replace(chr(39), '')}"
    return UsageError(name, problem, advice)


def _command(refusal: Any) -> str:
    return str(refusal.ctx.command_path) if refusal.ctx is not None else "marquery"
