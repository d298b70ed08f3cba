"""``marquery evaluate``: the figures of an encoder, or of embeddings made elsewhere."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from marquery.cli.options import check_ending
from marquery.console import say_skipped, tell
from marquery.errors import UsageError


class Protocol(StrEnum):
    """Ways of computing the figures; docs/protocols.md tells them apart."""

    standard = "standard"
    metu = "metu"
    upstream = "upstream"


class Ties(StrEnum):
    """Rules for tied items."""

    best = "best"
    mean = "mean"
    worst = "worst"


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
            "embeddings (.parquet, .npy, .npz).",
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
    conditions: Annotated[
        bool,
        typer.Option(
            "--conditions",
            help="Queries are logos as they arrive (scanned, photographed, rearranged, …), each to "
            "be found again.",
        ),
    ] = False,
    strata: Annotated[
        bool,
        typer.Option("--strata", help="Also by what sets query and answer apart: colour, badge, …"),
    ] = False,
    alike: Annotated[
        bool,
        typer.Option(
            "--alike",
            help="Also on 200 brands of openlogos' test split that were looked at: all pairs, and "
            "those called alike.",
        ),
    ] = False,
    ideas: Annotated[
        bool,
        typer.Option(
            "--ideas",
            help="Also on logos of openlogos' test split that show one idea (clouds, eyes, …): the "
            "other brands' are to be found.",
        ),
    ] = False,
    edition: Annotated[
        int | None,
        typer.Option(
            "--edition", min=1, help="Rank this edition of openlogos; the build may be of a later."
        ),
    ] = None,
    distractors: Annotated[
        int,
        typer.Option("--distractors", min=0, help="Logos of the other splits added, unlabelled."),
    ] = 0,
    queries_from: Annotated[
        str | None,
        typer.Option("--queries-from", help="Only this collection's logos are queries."),
    ] = None,
    ties: Annotated[
        Ties | None,
        typer.Option("--ties", help="Rank of tied items; default as the protocol has it."),
    ] = None,
    clusters: Annotated[
        bool, typer.Option("--clusters", help="Also the distance ratio and NMI; takes a while.")
    ] = False,
    curve: Annotated[
        Path | None, typer.Option("--curve", help="Picture of precision over recall to write.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="JSON file for all figures.")] = None,
) -> None:
    """Rank every logo of a split among the others; print NAR, mAP, recall with 95 % intervals."""
    from marquery.cli.ranking import draw_curve, print_methods
    from marquery.comparison import EvaluationOptions
    from marquery.evaluation.sources import SUFFIXES

    options = EvaluationOptions(
        protocol=protocol.value,
        split=split.value,
        ties=None if ties is None else ties.value,
        strata=strata,
        distractors=distractors,
        queries_from=queries_from,
        clusters=clusters,
        alike=alike,
        edits=edits,
        conditions=conditions,
        edition=edition,
        ideas=ideas,
    )
    check_ending(out, ".json")
    if curve is not None:
        from marquery.visualization.canvas import check_picture

        check_picture(curve, "curve")
    if Path(model).suffix in SUFFIXES:
        if options.made is not None:
            raise UsageError(
                options.made,
                f"its queries are embedded by a model, and {model} is none",
                "name one",
            )
        from marquery.cli.evaluate_file import evaluate_file

        evaluate_file(Path(model), data, gallery, options, curve, out)
        return
    if gallery is not None:
        raise UsageError(
            "gallery", f"goes with a file of embeddings, and {model} is a model", "leave it out"
        )
    if data is None:
        raise UsageError("data", "there is nothing to rank", "name the folder of the data set")

    from marquery.comparison import evaluate_model

    found = evaluate_model(model, data, **asdict(options), baselines=baselines)
    say_skipped(found.skipped)
    print_methods(found.methods, options)
    if curve is not None:
        draw_curve(found.methods, curve)
    if out is not None:
        found.to_json(out)
        tell(out)
