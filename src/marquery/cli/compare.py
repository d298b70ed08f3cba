"""``marquery compare``: whether one model is better than another, and on which logos."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from marquery.cli.evaluate import Protocol, Split, Ties
from marquery.cli.options import check_ending
from marquery.console import say, say_skipped, tell
from marquery.errors import UsageError

if TYPE_CHECKING:
    from marquery.comparison import EvaluationOptions
    from marquery.comparison.paired import Scored


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
    from marquery.comparison import EvaluationOptions

    files = [Path(name).suffix == ".json" for name in (one, two)]
    for is_file, method, option in zip(
        files, (method_a, method_b), ("method_a", "method_b"), strict=True
    ):
        if method is not None and not is_file:
            raise UsageError(
                option, "goes with a file of results, not with a model", "leave it out"
            )
    if files[0] != files[1]:
        raise UsageError(
            "two",
            "one of the two is a file of results and the other a model",
            "give two files or two models; marquery evaluate --out writes such a file",
        )
    if data is None and picture is not None:
        raise UsageError("picture", "shows logos of a data set", "name its folder with --data")
    if picture is not None:
        from marquery.visualization.canvas import check_picture

        check_picture(picture, "picture")
    check_ending(out, ".json")
    if strata and protocol is Protocol.upstream:
        strata = False
    options = EvaluationOptions(
        protocol.value, split.value, None if ties is None else ties.value, strata=strata
    )

    from marquery.comparison.paired import compare_scored, read_results, write_sections
    from marquery.reporting.paired import draw_changes, print_sections
    from marquery.visualization.canvas import save_picture

    if all(files):
        a, b = (
            read_results(Path(file), method, option)
            for file, method, option in ((one, method_a, "method_a"), (two, method_b, "method_b"))
        )
    else:
        if data is None:
            raise UsageError("data", "there is nothing to rank", "name the folder of the data set")
        a, b = _rank((one, two), data, options)
    sections = compare_scored(a, b, samples=samples, seed=seed)
    print_sections(a, b, sections)
    if picture is not None and data is not None:
        save_picture(draw_changes(a, b, data, count), picture)
        tell(picture)
    if out is not None:
        write_sections(a, b, sections, out)
        tell(out)


def _rank(
    models: tuple[str, str], data: Path, options: "EvaluationOptions"
) -> "tuple[Scored, Scored]":
    """Both models on the same logos."""
    import numpy as np

    from marquery.comparison.methods import compare as rank
    from marquery.comparison.model import load_for_evaluation, ranked_logos
    from marquery.comparison.paired import conditions_of, scored_row

    if models[0] == models[1]:
        raise UsageError("two", f"{models[0]} is named twice", "name two models")
    encoders = {name: load_for_evaluation(name) for name in models}
    # Of a folder that one of them was trained on, only what it set aside is ranked.
    (logos, skipped), (other, _) = (ranked_logos(data, options, name) for name in models)
    say_skipped(skipped)
    also = set(other.paths)
    logos = logos.subset(np.array([path in also for path in logos.paths]))
    if not len(logos):
        raise UsageError(
            "data",
            f"every logo of {data} was learned from by one of the two",
            "name logos that neither has seen",
        )
    say(f"{len(logos):,} logos, protocol {options.protocol}")
    plan = options.plan(logos)
    methods = rank(encoders, logos, baselines=False, plan=plan)
    conditions: dict[str, Any] = conditions_of(
        options.protocol, options.settings(plan), logos.fingerprint()
    )
    a, b = (scored_row(method, logos, conditions) for method in methods)
    return a, b
