"""Options that several commands share."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from marquery.errors import UsageError
from marquery.names import is_elsewhere

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


def place_of(text: str) -> "Path | str":
    """A folder or file as it is named on the command line, or the address."""
    return text if is_elsewhere(text) else Path(text)


def grouping(name: Grouping) -> "Group | None":
    """What ``--group`` says, as the library has it."""
    return None if name == "none" else name


def check_encoder_out(out: Path) -> None:
    """Refuse a place that an encoder cannot be written to, or not without mixing with other files.

    Raises:
        UsageError: it is a file, or a folder that holds something else than an encoder.
    """
    from marquery.encoder.spec import SPEC_FILE

    if out.exists() and not out.is_dir():
        raise UsageError("out", f"{out} is a file", "name a folder")
    if out.is_dir() and any(out.iterdir()) and not (out / SPEC_FILE).is_file():
        raise UsageError("out", f"{out} holds other files", "name a new folder")


def check_ending(out: Path | None, ending: str, option: str = "out") -> None:
    """Refuse a file whose name says that it holds something else than what is written.

    Args:
        out: the file; None: none is written.
        ending: what its name has to end in, such as ``.json``.
        option: the parameter that names it.

    Raises:
        UsageError: it has another ending.
    """
    if out is not None and out.suffix.lower() != ending:
        raise UsageError(
            option, f"{out} does not end in {ending}", f"name a file that ends in {ending}"
        )


def check_data(folder: Path) -> None:
    """Refuse a data set's folder that is not there, before PyTorch is loaded.

    Raises:
        MarqueryError: there is none, it was not finished, or it holds no file.
    """
    from marquery.datasets import LogoSet

    LogoSet.check(folder)


def check_models(names: Sequence[str]) -> None:
    """Refuse encoders that are not there, before PyTorch is loaded.

    Raises:
        MarqueryError: there is none of that name.
    """
    from marquery.encoder.spec import TIMM_PREFIX, find_encoder

    for name in names:
        if not name.startswith(TIMM_PREFIX):
            find_encoder(name)
