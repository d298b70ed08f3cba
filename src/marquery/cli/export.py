"""``marquery export``: the encoder as a file that other programs can run."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from marquery.cli.options import check_ending
from marquery.console import say, tell
from marquery.errors import UsageError


class Format(StrEnum):
    """File formats."""

    onnx = "onnx"


def export(
    model: Annotated[
        str,
        typer.Argument(
            help="A training run, a saved encoder, or timm:NAME for untrained features.",
            show_default=False,
        ),
    ],
    format: Annotated[Format, typer.Option("--format", help="File format.")] = Format.onnx,
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write; default: NAME.onnx here.")
    ] = None,
) -> None:
    """Write the encoder as ONNX, once ONNX Runtime has given the same vectors from it.

    Input pixels: uint8 (N, S, S, 3) RGB, squares as LogoEncoder.square makes them; output
    embedding: float32 (N, dim), rows of length 1.
    """
    name = Path(model).name.removeprefix("timm:") or "encoder"
    target = out or Path(f"{name}.{format.value}")
    if target.is_dir():
        raise UsageError("out", f"{target} is a folder", "name a file")
    check_ending(target, f".{format.value}")

    from marquery.encoder import LogoEncoder

    encoder = LogoEncoder.load(model)
    difference = encoder.export_onnx(target)
    side = encoder.image_size
    say(
        f"pixels uint8 (N, {side}, {side}, 3) -> embedding float32 (N, {encoder.dim}); "
        f"largest difference from PyTorch {difference:.0e}"
    )
    if encoder.spec.stack_lockups:
        say("this encoder sees figures above their words: make the squares with LogoEncoder.square")
    tell(target)
