"""What the command line calls an option that the library names as a Python parameter."""

from collections.abc import Sequence
from typing import Any

import typer

from marquery.errors import Naming

#: Parameters of the library that a command has under another name, if it has them.
_COMMAND_PARAMETER = {
    "embeddings": "data",
    "encoder": "model",
    "encoders": "models",
    "folder": "data",
    "gallery_embeddings": "gallery",
    "image": "images",
    "index_path": "index",
    "overrides": "settings",
    "query_embeddings": "model",
    "version": "at",
}


def option_naming(app: typer.Typer, arguments: Sequence[str]) -> Naming:
    """How the command that these arguments start calls its options.

    Args:
        app: the whole command line.
        arguments: as they were given, the program's name left out.

    Returns:
        A function from a parameter's name to ``--where``, to ``FOLDER`` for an argument without
        dashes, or to the name as it is where the command has no such option, as with a recipe's
        key.
    """
    names = _spellings(typer.main.get_command(app), arguments)

    def name(option: str) -> str:
        return names.get(option) or names.get(_COMMAND_PARAMETER.get(option, "")) or option

    return name


def _spellings(command: Any, arguments: Sequence[str]) -> dict[str, str]:
    # Typer brings its own copy of click, whose classes cannot be named here.
    for argument in arguments:
        command = getattr(command, "commands", {}).get(argument, command)
    return {parameter.name: _spelling(parameter) for parameter in command.params}


def _spelling(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    return str(max(parameter.opts, key=len))
