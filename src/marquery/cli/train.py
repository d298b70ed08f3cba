"""``marquery train``: an encoder by a recipe."""

from pathlib import Path
from typing import Annotated

import typer

from marquery.console import is_first_process, say, say_skipped


def train(
    recipe: Annotated[
        str,
        typer.Argument(help="A YAML file, or a recipe's name: demo, …", show_default=False),
    ],
    data: Annotated[Path, typer.Option("--data", help="A data set's folder.")] = Path(
        "data/openlogos"
    ),
    out: Annotated[
        Path | None, typer.Option("--out", help="The run's folder; default runs/NAME.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change a key of the recipe, e.g. optimizer.lr=1e-3."),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without",
            help="Leave a collection's logos out; then: evaluate --queries-from the same collection.",
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on after a kill.")] = False,
) -> None:
    """Train an encoder; the weights that do best on the validation split are kept."""
    from marquery.training.recipe import load_recipe

    plan = load_recipe(recipe, settings or ())
    run = out or Path("runs") / plan.name

    from marquery.datasets import LogoSet
    from marquery.datasets.readable import readable
    from marquery.datasets.selection import of_collection
    from marquery.training.loop import train as run_training
    from marquery.training.split import training_and_validation

    logos = LogoSet.open(data, subfolders=plan.labels == "folders")
    for name in without or ():
        logos = logos.subset(~of_collection(logos, name))
    logos, skipped = readable(logos)
    say_skipped(skipped)
    training, validation = training_and_validation(
        logos, plan.seed, views=plan.validation.views > 0
    )
    say(f"{plan.name}: {len(training):,} logos to learn from, {len(validation):,} to choose by")
    summary = run_training(plan, training, validation, run, resume)
    say(summary.bottleneck)
    if not is_first_process():
        return
    typer.echo(
        f"{run}: {summary.steps} steps in {summary.seconds:.0f} s "
        f"({summary.images_per_second:.0f} images/s); kept step {summary.best_step + 1}: "
        f"validation mAP {summary.best['map']:.3f}, NAR {summary.best['nar']:.3f}"
    )
