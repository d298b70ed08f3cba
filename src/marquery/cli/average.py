"""``marquery average``: one encoder from several runs."""

from pathlib import Path
from typing import Annotated

import typer

from marquery.cli.options import check_encoder_out, check_models
from marquery.console import tell
from marquery.extras import need


def average(
    models: Annotated[
        list[str],
        typer.Argument(help="Training runs or saved encoders, trained from one start."),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder to write.")],
    half: Annotated[
        bool, typer.Option("--half", help="Matrices in 16 bits: half the size on disk.")
    ] = False,
) -> None:
    """Write the encoder whose weights are the mean of several (a model soup).

    Runs that went on from one start in different ways are often better together than each alone.
    """
    check_encoder_out(out)
    need("averaging", "torch", "timm")
    check_models(models)

    from marquery.encoder import LogoEncoder
    from marquery.encoder.averaging import averaged

    averaged([LogoEncoder.load(name) for name in models]).save(out, half=half)
    tell(out)
