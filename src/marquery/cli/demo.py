"""``marquery demo``: the whole story on real logos."""

from pathlib import Path
from typing import Annotated

import typer

from marquery.console import say, tell


def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for run and report.")] = Path(
        "runs/demo"
    ),
    data: Annotated[
        Path, typer.Option("--data", help="Folder of the benchmark; built if missing.")
    ] = Path("data/openlogos"),
    source: Annotated[
        Path | None,
        typer.Option("--from", help="Folder of tarballs fetched before; no network is used."),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Change a key of the demo's recipe.")
    ] = None,
) -> None:
    """Build data, augment, train, evaluate, search; ends in OUT/report.html. Minutes on a
    laptop.
    """
    from marquery.training.recipe import load_recipe

    recipe = load_recipe("demo", settings or ())

    from marquery.demo import run_demo

    report, lines = run_demo(recipe, data, out, source, say)
    for line in lines:
        tell(line)
    tell(f"report    {report.resolve().as_uri()}")
