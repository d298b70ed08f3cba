"""``marquery compare``: whether one model is better than another, and on which logos."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from marquery.cli.evaluate import Protocol, Split, Ties
from marquery.console import say
from marquery.errors import UsageError

if TYPE_CHECKING:
    from marquery.cli.ranking import Wanted
    from marquery.reporting.paired import Scored


def compare(
    one: Annotated[
        str,
        typer.Argument(help="A: a file of results (.json), a run or a model.", show_default=False),
    ],
    two: Annotated[str, typer.Argument(help="B: likewise.", show_default=False)],
    data: Annotated[
        Path | None,
        typer.Option("--data", help="The data's folder; for models, and for the picture."),
    ] = None,
    method_a: Annotated[
        str | None, typer.Option("--method-a", help="Method in A's file; default the last.")
    ] = None,
    method_b: Annotated[
        str | None, typer.Option("--method-b", help="Method in B's file; default the last.")
    ] = None,
    protocol: Annotated[
        Protocol, typer.Option("--protocol", help="For models: how ranks and means are taken.")
    ] = Protocol.standard,
    split: Annotated[
        Split, typer.Option("--split", help="For models: split to rank.")
    ] = Split.test,
    ties: Annotated[
        Ties | None, typer.Option("--ties", help="For models: rank of tied items.")
    ] = None,
    strata: Annotated[
        bool, typer.Option("--strata/--no-strata", help="For models: also by strata of the pairs.")
    ] = True,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", help="Picture to write of the queries that changed most."),
    ] = None,
    count: Annotated[
        int, typer.Option("--count", min=1, max=50, help="Queries in the picture.")
    ] = 8,
    samples: Annotated[int, typer.Option("--samples", min=100, help="Bootstrap samples.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the bootstrap.")] = 0,
    out: Annotated[Path | None, typer.Option("--out", help="JSON file for all figures.")] = None,
) -> None:
    """Print the difference B − A of NAR, mAP and recall with 95 % intervals, by stratum."""
    from marquery.cli.ranking import Wanted

    files = [Path(name).suffix == ".json" for name in (one, two)]
    for is_file, method, option in zip(
        files, (method_a, method_b), ("--method-a", "--method-b"), strict=True
    ):
        if method is not None and not is_file:
            raise UsageError(f"{option}: goes with a file of results, not with a model")
    if files[0] != files[1]:
        raise UsageError(
            "give two files of results or two models; marquery evaluate --out writes such a file"
        )
    if data is None and picture is not None:
        raise UsageError("--picture: name the data's folder with --data")
    if strata and protocol is Protocol.upstream:
        strata = False
    wanted = Wanted(
        protocol.value, split.value, None if ties is None else ties.value, strata=strata
    )
    wanted.check(edits=False)

    from marquery.reporting.paired import (
        compare_scored,
        draw_changes,
        print_sections,
        read_results,
        write_sections,
    )
    from marquery.visualization.canvas import save_picture

    if all(files):
        a, b = read_results(Path(one), method_a), read_results(Path(two), method_b)
    else:
        if data is None:
            raise UsageError("--data: name the folder of the data set to rank")
        a, b = _rank((one, two), data, wanted)
    sections = compare_scored(a, b, samples=samples, seed=seed)
    print_sections(a, b, sections)
    if picture is not None and data is not None:
        save_picture(draw_changes(a, b, data, count), picture)
        typer.echo(picture)
    if out is not None:
        write_sections(a, b, sections, out)
        typer.echo(out)


def _rank(models: tuple[str, str], data: Path, wanted: "Wanted") -> "tuple[Scored, Scored]":
    """Both models on the same logos."""
    import numpy as np
    import torch

    from marquery.encoder import LogoEncoder
    from marquery.reporting.comparison import compare as rank
    from marquery.reporting.paired import conditions_of, scored_row

    if models[0] == models[1]:
        raise UsageError(f"{models[0]}: named twice; name two models")
    encoders = {name: LogoEncoder.load(name) for name in models}
    if torch.cuda.is_available():
        for encoder in encoders.values():
            encoder.network.to("cuda")
    # Of a folder that one of them was trained on, only what it set aside is ranked.
    logos, other = (wanted.open(data, name) for name in models)
    also = set(other.paths)
    logos = logos.subset(np.array([path in also for path in logos.paths]))
    if not len(logos):
        raise UsageError(
            f"{data}: every logo was learnt from by one of the two; name logos that neither has seen"
        )
    say(f"{len(logos):,} logos, protocol {wanted.protocol}")
    how = wanted.how(logos)
    rows = rank(encoders, logos, baselines=False, how=how)
    conditions: dict[str, Any] = conditions_of(
        wanted.protocol, wanted.settings(how), logos.fingerprint()
    )
    a, b = (scored_row(row, logos, conditions) for row in rows)
    return a, b
