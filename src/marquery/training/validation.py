"""Validation: figures on logos that are not learnt from, and the weights that do best on them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from lightning_fabric import Fabric

from marquery.arrays import StrArray, UInt8Array
from marquery.datasets import LogoSet
from marquery.encoder import LogoEncoder
from marquery.errors import ImageError
from marquery.evaluation import evaluate
from marquery.sampling import POSITIVE, Draw
from marquery.training.augmentation import Augmentation
from marquery.training.data import TrainingImages
from marquery.training.logs import Log
from marquery.training.recipe import Recipe


def with_views(
    recipe: Recipe, validation: LogoSet, stack_lockups: bool = False
) -> tuple[Sequence[Path | UInt8Array], StrArray]:
    """What is embedded, and its groups: the logos, and as many augmented views of each as the
    recipe says.

    The views are the same at every validation.

    Args:
        recipe: its augmentation makes the views.
        validation: the logos.
        stack_lockups: see :func:`marquery.encoder.preprocess.to_square`.
    """
    files, views = validation.files(), recipe.validation.views
    if views == 0:
        return files, validation.groups
    images = TrainingImages(
        files,
        recipe.model.image_size,
        {POSITIVE: Augmentation(recipe.augment.positive)},
        stack_lockups,
    )
    drawn: list[UInt8Array] = []
    for index in range(len(files)):
        for view in range(views):
            item = images[Draw(index, 0, POSITIVE, seed=views * index + view)]
            if isinstance(item, ImageError):
                raise item
            drawn.append(item[0].permute(1, 2, 0).numpy())
    classes = validation.classes
    return [*files, *drawn], np.concatenate([classes, np.repeat(classes, views)])


def validate(
    recipe: Recipe,
    fabric: Fabric,
    encoder: LogoEncoder,
    validation: LogoSet,
    step: int,
    best: dict[str, float],
    run: Path,
    log: Log,
) -> dict[str, float]:
    """Embed the validation split, log its figures, keep the weights if they are the best so far.

    The first process does it, the others wait for its word.

    Args:
        recipe: what is trained.
        fabric: device and processes.
        encoder: in its present state.
        validation: the logos.
        step: of the training.
        best: step, score, NAR and mAP of the best weights so far.
        run: folder of the run.
        log: where the numbers are recorded.

    Returns:
        Step, score, NAR and mAP of the best weights so far.
    """
    if fabric.is_global_zero:
        images, groups = with_views(recipe, validation, encoder.spec.stack_lockups)
        result = evaluate(encoder.embed(images), groups, None, None, bootstrap=0)
        log.write("val", step, nar=result.nar, map=result.map, recall_at_1=result.recall[1])
        score = -result.nar if recipe.validation.metric == "nar" else result.map
        if score > best["score"]:
            encoder.save(run / "encoder")
            best = {"step": float(step), "score": score, "nar": result.nar, "map": result.map}
    agreed: dict[str, float] = fabric.broadcast(best)
    return agreed
