"""``marquery evaluate``: an encoder's figures on a data set."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from marquery.cli.options import say, say_skipped


class Protocol(StrEnum):
    """Ways of computing the figures; docs/protocols.md tells them apart."""

    standard = "standard"
    metu = "metu"
    upstream = "upstream"


class Split(StrEnum):
    """Splits of a benchmark."""

    train = "train"
    val = "val"
    test = "test"


def evaluate(
    model: Annotated[
        str,
        typer.Argument(
            help="A training run, a saved encoder, or timm:NAME for untrained features.",
            show_default=False,
        ),
    ],
    data: Annotated[Path, typer.Option("--data", help="A data set's folder.")],
    protocol: Annotated[
        Protocol, typer.Option("--protocol", help="How ranks and means are taken.")
    ] = Protocol.standard,
    split: Annotated[
        Split, typer.Option("--split", help="Split to rank, where the data set has splits.")
    ] = Split.test,
    baselines: Annotated[
        bool, typer.Option("--baselines/--no-baselines", help="Show the simple rivals too.")
    ] = True,
    out: Annotated[Path | None, typer.Option("--out", help="JSON file for all figures.")] = None,
) -> None:
    """Rank every logo of a split among the others; print NAR, mAP, recall with 95 % intervals."""
    from marquery.datasets import LogoSet
    from marquery.datasets.readable import readable
    from marquery.encoder import LogoEncoder
    from marquery.reporting.comparison import compare, print_table, write_results
    from marquery.training.split import unseen_by

    found = LogoSet.open(data)
    encoder = LogoEncoder.load(model)
    logos, skipped = readable(found)
    say_skipped(skipped)
    if logos.has_splits:
        logos = logos.split(split.value)
    else:
        unseen = unseen_by(Path(model), logos)
        if unseen is not None:
            say(
                f"{model} was trained on this folder: only the groups set aside for validation are ranked"
            )
            logos = unseen
    say(f"{len(logos):,} logos, protocol {protocol.value}")
    rows = compare({str(model): encoder}, logos, protocol=protocol.value, baselines=baselines)
    print_table(rows)
    if out is not None:
        write_results(rows, logos, protocol.value, out)
        typer.echo(out)
