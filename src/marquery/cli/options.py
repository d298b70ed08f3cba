"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Model = Annotated[
    str,
    typer.Option(
        "--model",
        help="default (in the package), a training run, a saved encoder, or timm:NAME for ImageNet features.",
    ),
]
Images = Annotated[list[Path], typer.Argument(help="Image files.", show_default=False)]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of what is drawn at random.")]
