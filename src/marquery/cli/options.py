"""Options that several commands share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from marquery.segments import Group

Model = Annotated[
    str,
    typer.Option(
        "--model",
        help="default (in the package), a training run, a saved encoder, or timm:NAME for ImageNet "
        "features.",
    ),
]
Images = Annotated[list[Path], typer.Argument(help="Image files.", show_default=False)]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of what is drawn at random.")]
Grouping = Literal["none", "glyphs", "proximity"]

GroupOption = Annotated[
    Grouping,
    typer.Option(
        "--group",
        help="Make parts of several segments: glyphs (words), proximity (words and what is near).",
    ),
]


def grouping(name: Grouping) -> "Group | None":
    """What ``--group`` says, as the library has it."""
    return None if name == "none" else name
