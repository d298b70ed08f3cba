"""Validation: figures on logos that are not learnt from, and the weights that do best on them."""

from pathlib import Path

from lightning_fabric import Fabric

from marquery.datasets import LogoSet
from marquery.encoder import LogoEncoder
from marquery.evaluation import evaluate
from marquery.training.logs import Log
from marquery.training.recipe import Recipe


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

    Returns:
        Step, score, NAR and mAP of the best weights so far.
    """
    if fabric.is_global_zero:
        vectors = encoder.embed(validation.files())
        result = evaluate(vectors, validation.groups, None, None, bootstrap=0)
        log.write("val", step, nar=result.nar, map=result.map, recall_at_1=result.recall[1])
        score = -result.nar if recipe.validation.metric == "nar" else result.map
        if score > best["score"]:
            encoder.save(run / "encoder")
            best = {"step": float(step), "score": score, "nar": result.nar, "map": result.map}
    agreed: dict[str, float] = fabric.broadcast(best)
    return agreed
