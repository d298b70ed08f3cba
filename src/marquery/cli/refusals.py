"""What Typer refuses before a command runs, as an error of ours: one line that names the option."""

import re
from typing import Any

import typer
from pydantic import ValidationError

from marquery.errors import UsageError, refused_value

#: All that Typer refuses: it exports one kind of it alone.
TyperRefusal: type[Exception] = typer.BadParameter.__mro__[1]
#: What other programs call an option -> what it is called here; a command has it or has it not.
_ELSEWHERE: dict[tuple[str, ...], tuple[str, ...]] = {
    ("-k",): (
        *("topk", "top-k", "top", "k", "n", "num", "limit", "count", "hits", "results"),
        *("max-results", "num-results", "max"),
    ),
    ("--out",): ("output", "o", "out-dir", "output-dir", "outdir", "dest", "save-to"),
    ("--in", "--index", "--data"): ("dir", "folder", "gallery-dir", "images", "dataset", "input"),
    ("--model",): ("arch", "backbone", "encoder", "checkpoint", "weights", "m"),
    ("--where",): ("filter", "query", "w"),
    ("--set",): ("override", "config", "lr", "epochs", "steps", "batch-size"),
}
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
            near = ", ".join(_meant(str(option), refusal) or sorted(refusal.possibilities or ()))
            return UsageError(option, "no such option", f"use {near}" if near else help_text)
        problem = refusal.message.rstrip(".").removeprefix(f"Option {option!r} ")
        return UsageError(option, problem, help_text)
    if not refusal.message:
        return UsageError(parameter.name, "is missing", "give it")
    return _of_value(parameter.name, refusal)


def _meant(option: str, refusal: Any) -> list[str]:
    """The options of this command that do what one of that name does in other programs."""
    word = option.lstrip("-").replace("_", "-").lower()
    command = getattr(refusal.ctx, "command", None)
    has = {name for parameter in getattr(command, "params", ()) for name in parameter.opts}
    meant = next((names for names, words in _ELSEWHERE.items() if word in words), ())
    return [name for name in meant if name in has]


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
