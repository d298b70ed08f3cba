"""``marquery whiten``: an encoder whose head is whitened by the logos of a data set."""

from pathlib import Path
from typing import Annotated

import typer

from marquery.cli.options import check_data, check_encoder_out, check_models
from marquery.console import say, say_skipped, tell
from marquery.extras import need
from marquery.progress import progress_bar


def whiten(
    model: Annotated[str, typer.Argument(help="A training run or a saved encoder.")],
    data: Annotated[
        Path, typer.Option("--data", help="A data set; its train split is used, if it has one.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder to write.")],
    power: Annotated[
        float, typer.Option("--power", min=0, max=0.5, help="0: nothing changes; 0.5: in full.")
    ] = 0.3,
    labels: Annotated[
        bool,
        typer.Option(
            help="Take what varies within brands, if the data has brands; else all that varies."
        ),
    ] = True,
    size: Annotated[
        int | None,
        typer.Option(
            "--size", min=32, max=1024, help="Side of the input in pixels, if another one."
        ),
    ] = None,
    half: Annotated[
        bool, typer.Option("--half", help="Matrices in 16 bits: half the size on disk.")
    ] = False,
) -> None:
    """Write an encoder in whose embeddings directions of little variance count for more.

    Fine differences of shape weigh more then, at no cost in time. Choose --power on validation
    logos. Probabilities and what is known of bfloat16 do not carry over: marquery calibrate finds
    them anew.
    """
    check_encoder_out(out)
    need("whitening", "torch", "timm")
    check_data(data)
    check_models([model])

    from marquery.datasets import LogoSet
    from marquery.datasets.readable import readable
    from marquery.encoder import LogoEncoder
    from marquery.encoder.whitening import repeats, whitened

    logos, skipped = readable(LogoSet.open(data))
    say_skipped(skipped)
    if logos.has_splits:
        logos = logos.split("train")
    encoder = LogoEncoder.load(model)
    if size is not None:
        encoder = encoder.resized(size)
    with progress_bar("embedding", len(logos)) as advance:
        vectors = encoder.embed(logos.files(), progress=advance)
    groups = logos.groups if labels and repeats(logos.groups) else None
    whitened(encoder, vectors, power, groups).save(out, half=half)
    by = "what varies" if groups is None else "what varies within brands"
    say(f"whitened to the power of {power} by {by} among {len(logos):,} logos")
    tell(out)
