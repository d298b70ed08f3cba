"""``marquery train``: an encoder by a recipe."""

from pathlib import Path
from typing import Annotated

import typer

from marquery.cli.options import check_data, check_models
from marquery.console import is_first_process, say, say_skipped, tell
from marquery.extras import need


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
            help="Leave a collection's logos out; then: evaluate --queries-from the same "
            "collection.",
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on after a kill.")] = False,
) -> None:
    """Train an encoder; the weights that do best on the validation split are kept."""
    from marquery.training import load_recipe

    plan = load_recipe(recipe, settings or ())  # refused before PyTorch is loaded
    need("training", "torch", "torchvision", "timm", "lightning_fabric")
    check_data(data)
    start = plan.model.start
    check_models([start] if isinstance(start, str) else start or ())

    from marquery.training import train as run_training

    run = run_training(plan, data, out, without=without or (), resume=resume)
    say_skipped(run.skipped)
    summary = run.summary
    say(summary.bottleneck)
    if not is_first_process():
        return
    tell(
        f"{run.folder}: {summary.steps} steps in {summary.seconds:.0f} s "
        f"({summary.images_per_second:.0f} images/s); kept step {summary.best_step + 1}: "
        f"validation mAP {run.best['map']:.3f}, NAR {run.best['nar']:.3f}"
    )
