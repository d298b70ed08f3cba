"""A training run from a recipe and a data set: what ``marquery train`` does, as one call."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from marquery.console import say
from marquery.datasets import LogoSet
from marquery.datasets.readable import readable
from marquery.datasets.selection import of_collection
from marquery.encoder import LogoEncoder
from marquery.errors import ImageError
from marquery.training import loop
from marquery.training.recipe import Recipe, load_recipe
from marquery.training.split import training_and_validation


@dataclass(frozen=True)
class TrainingRun:
    """A finished run."""

    folder: Path
    """With ``encoder/``, ``recipe.yaml``, ``log.jsonl``, ``tensorboard/``, ``environment.json``,
    ``checkpoint.pt``.
    """
    recipe: Recipe
    summary: loop.TrainingSummary
    training: int
    """Logos that were learned from."""
    validation: int
    """Logos by which the kept weights were chosen."""
    skipped: list[ImageError]
    """Files of the data set that cannot be read."""

    @cached_property
    def encoder(self) -> LogoEncoder:
        """The weights that did best on validation."""
        return LogoEncoder.load(self.folder)

    @property
    def best(self) -> dict[str, float]:
        """``map`` and ``nar`` on the validation logos at the kept step."""
        return self.summary.best


def train(
    recipe: Recipe | str | Path,
    data: LogoSet | str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    *,
    settings: Sequence[str] = (),
    without: Sequence[str] = (),
    resume: bool = False,
) -> TrainingRun:
    """Train an encoder; the weights that do best on the validation logos are kept.

    Args:
        recipe: a :class:`Recipe`, the name of one in the package, or a YAML file.
        data: a :class:`~marquery.datasets.LogoSet` or a data set's folder. Its splits ``train`` and
            ``val`` are used; of a set without splits a tenth of the groups is set aside for
            validation.
        out: the run's folder; default ``runs/NAME`` by the recipe's name.
        settings: changes of the recipe, ``key=value`` with dotted keys: ``optimizer.lr=1e-3``.
        without: collections whose logos are left out.
        resume: continue from the folder's checkpoint, if it has one.

    Raises:
        UsageError: the recipe cannot be read or does not fit the data, or the folder holds another
            run.
        MarqueryError: weights or files that cannot be had, a full disk, a loss that is not finite.
    """
    plan = recipe if isinstance(recipe, Recipe) else load_recipe(recipe, settings)
    if isinstance(recipe, Recipe) and settings:
        plan = recipe.changed(settings)
    folder = Path("runs") / plan.name if out is None else Path(out)
    if isinstance(data, LogoSet):
        logos = data
    else:
        logos = LogoSet.open(data, subfolders=plan.labels == "folders")
    for name in without:
        logos = logos.subset(~of_collection(logos, name, "without"))
    logos, skipped = readable(logos)
    views = plan.validation.views > 0
    training, validation = training_and_validation(logos, plan.seed, views=views)
    say(f"{plan.name}: {len(training):,} logos to learn from, {len(validation):,} to choose by")
    summary = loop.train(plan, training, validation, folder, resume)
    return TrainingRun(folder, plan, summary, len(training), len(validation), skipped)
