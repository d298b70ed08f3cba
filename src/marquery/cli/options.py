"""Options and messages that several commands share."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from marquery.errors import ImageError

Model = Annotated[
    str,
    typer.Option(
        "--model",
        help="default (in the package), a training run, a saved encoder, or timm:NAME for ImageNet features.",
    ),
]
Images = Annotated[list[Path], typer.Argument(help="Image files.", show_default=False)]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of what is drawn at random.")]


def say(message: str) -> None:
    """One line to stderr, where logs go; of several processes under torchrun the first one speaks."""
    if is_first_process():
        typer.echo(message, err=True)


def is_first_process() -> bool:
    """Whether this is the only process of a job, or the first that torchrun started."""
    return os.environ.get("RANK", "0") == "0"


def say_skipped(skipped: Sequence[ImageError]) -> None:
    """Name the files that were left out, and why."""
    for error in skipped[:10]:
        say(f"  {error}")
    if len(skipped) > 10:
        say(f"  … and {len(skipped) - 10} more")
    if skipped:
        say(f"skipped {len(skipped)}")
