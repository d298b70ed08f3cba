"""``marquery evaluate``: the figures of an encoder, or of embeddings made elsewhere."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from marquery.cli.options import say, say_skipped
from marquery.errors import UsageError

if TYPE_CHECKING:
    from marquery.datasets import LogoSet


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
            help="A training run, a saved encoder, timm:NAME for untrained features, or a file of "
            "embeddings (.parquet, .npy).",
            show_default=False,
        ),
    ],
    data: Annotated[
        Path | None,
        typer.Option("--data", help="A data set's folder; a file of embeddings may do without."),
    ] = None,
    gallery: Annotated[
        Path | None,
        typer.Option("--gallery", help="Embeddings ranked beside those of the first file."),
    ] = None,
    protocol: Annotated[
        Protocol, typer.Option("--protocol", help="How ranks and means are taken.")
    ] = Protocol.standard,
    split: Annotated[
        Split, typer.Option("--split", help="Split to rank, where the data set has splits.")
    ] = Split.test,
    baselines: Annotated[
        bool, typer.Option("--baselines/--no-baselines", help="Show the simple rivals too.")
    ] = True,
    edits: Annotated[
        bool, typer.Option("--edits", help="Queries are edited logos, each to be found again.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", help="JSON file for all figures.")] = None,
) -> None:
    """Rank every logo of a split among the others; print NAR, mAP, recall with 95 % intervals."""
    from marquery.evaluation.sources import SUFFIXES

    if Path(model).suffix in SUFFIXES:
        if edits:
            raise UsageError("--edits: edited logos are embedded by a model; name one")
        from marquery.cli.evaluate_file import evaluate_file

        evaluate_file(Path(model), data, gallery, protocol.value, split.value, out)
        return
    if gallery is not None:
        raise UsageError(f"--gallery: {model} is a model; --gallery goes with a file of embeddings")
    if data is None:
        raise UsageError("--data: name the folder of the data set to rank")
    if edits and protocol is not Protocol.standard:
        raise UsageError(
            f"--protocol {protocol.value}: edits are ranked by the protocol standard alone"
        )

    import torch

    from marquery.datasets import LogoSet
    from marquery.datasets.edit_set import EditSet
    from marquery.datasets.readable import readable
    from marquery.encoder import LogoEncoder
    from marquery.reporting.comparison import (
        compare,
        compare_edits,
        print_edits,
        print_table,
        write_results,
    )
    from marquery.training.split import unseen_by

    found = LogoSet.open(data)
    encoder = LogoEncoder.load(model)
    if torch.cuda.is_available():
        encoder.network.to("cuda")
    logos, skipped = readable(found)
    say_skipped(skipped)
    if logos.has_splits:
        logos = logos.split(split.value)
        say_trained_groups(logos)
    else:
        unseen = unseen_by(Path(model), logos)
        if unseen is not None:
            say(
                f"{model} was trained on this folder: only the groups set aside for validation are ranked"
            )
            logos = unseen
    if edits:
        queries = EditSet.open(logos, split.value)
        say(f"{len(queries.files):,} edited logos among {len(logos):,}, protocol standard")
        rows = compare_edits({model: encoder}, logos, queries, baselines)
        print_edits(rows)
    else:
        say(f"{len(logos):,} logos, protocol {protocol.value}")
        rows = compare({model: encoder}, logos, protocol=protocol.value, baselines=baselines)
        print_table(rows)
    if out is not None:
        write_results(rows, logos, protocol.value, out)
        typer.echo(out)


def say_trained_groups(logos: "LogoSet") -> None:
    """Warn where the groups of some test queries are among those that training learns from (METU)."""
    from marquery.datasets.metu import TRAINED, UNSEEN

    seen = int((logos.namespaces == TRAINED).sum())
    if seen:
        queries = seen + int((logos.namespaces == UNSEEN).sum())
        say(
            f"{seen} of {queries} queries are of groups that training on this folder learns from: for a model "
            f"trained here read the figures of the {UNSEEN}"
        )
