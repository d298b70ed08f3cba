"""The training loop: draw, augment, embed, rank, step; validate, keep the best, be ready to be killed."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric

from marquery.allocator import keep_freed_memory
from marquery.datasets import LogoSet
from marquery.encoder import LogoEncoder
from marquery.errors import ImageError, MarqueryError, UsageError
from marquery.evaluation import evaluate
from marquery.progress import Bar, progress_bar
from marquery.sampling import NEGATIVE, POSITIVE, StepBatches
from marquery.training.assembly import (
    make_criterion,
    make_encoder,
    make_optimizer,
    make_precision,
    make_sampler,
    seed_step,
)
from marquery.training.augmentation import Augmentation
from marquery.training.checkpoint import load_checkpoint, save_checkpoint
from marquery.training.data import Batch, TrainingImages, make_loader
from marquery.training.logs import RunLog
from marquery.training.recipe import Recipe
from marquery.training.record import write_record
from marquery.training.schedule import rate_factor

LOG_EVERY = 10


@dataclass(frozen=True)
class TrainingSummary:
    """How a run ended."""

    run: Path
    steps: int
    best_step: int
    best: dict[str, float]
    """NAR and mAP on the validation split at the kept step."""
    seconds: float
    images_per_second: float
    waiting_share: float
    """Share of the time in which the network waited for images."""

    @property
    def bottleneck(self) -> str:
        """Which of loading and computing held the run up, in words."""
        share = f"{self.waiting_share:.0%} of the time went by waiting for images"
        if self.waiting_share > 0.15:
            return f"loading held training up: {share}; more workers would help"
        return f"computing set the pace: {share}"


def train(
    recipe: Recipe, training: LogoSet, validation: LogoSet, run: Path, resume: bool = False
) -> TrainingSummary:
    """Train an encoder by a recipe.

    The run's folder gets ``recipe.yaml``, ``environment.json``, ``log.jsonl``, ``tensorboard/``,
    ``checkpoint.pt`` and ``encoder/`` (the weights that did best on validation). A run that was killed
    and resumed gives the same weights as one that was not.

    Args:
        recipe: what to do.
        training: logos to learn from.
        validation: logos by which the kept weights are chosen.
        run: folder to write.
        resume: go on from the folder's checkpoint, if it has one.

    Raises:
        UsageError: the folder holds another run, or the recipe does not fit the data.
        MarqueryError: weights or files that cannot be had, a full disk, a loss that is not finite.
    """
    keep_freed_memory()
    state = load_checkpoint(run)
    identity = _identity(recipe, training, validation)
    _check_folder(run, state, identity, resume)
    sampler = make_sampler(recipe, training)
    torch.manual_seed(recipe.seed)
    fabric = Fabric(accelerator="auto", devices=1, precision=make_precision(recipe))  # type: ignore[arg-type]

    encoder = make_encoder(recipe)
    optimizer = make_optimizer(encoder, recipe.optimizer)
    rates = [group["lr"] for group in optimizer.param_groups]
    criterion = make_criterion(recipe)
    start, best = 0, {"step": -1.0, "score": float("-inf")}
    spent = {"waiting": 0.0, "computing": 0.0}
    # Set up first: an optimizer's state is loaded to where its parameters are.
    network, optimizer = fabric.setup(encoder.network, optimizer)
    if state is not None:
        encoder.network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        start, best, spent = state["step"], state["best"], state["spent"]
    else:
        run.mkdir(parents=True, exist_ok=True)
        write_record(run, recipe, _describe(training, validation, identity))

    images = TrainingImages(
        training.files(),
        recipe.model.image_size,
        {
            POSITIVE: Augmentation(recipe.augment.positive),
            NEGATIVE: Augmentation(recipe.augment.negative),
        },
    )
    loader = make_loader(images, StepBatches(sampler, start, recipe.steps), recipe.workers)
    log = RunLog(run, start)
    try:
        with progress_bar(
            "training", recipe.steps, start=start, per_step=recipe.batch.size
        ) as advance:
            for step, (pixels, labels), waited in _timed(loader, start):
                began = time.perf_counter()
                factor = rate_factor(step, recipe.steps, recipe.optimizer)
                for group, rate in zip(optimizer.param_groups, rates, strict=True):
                    group["lr"] = rate * factor

                # Dropout and the miners draw from the global generators: a function of the step, too.
                seed_step(recipe.seed, step)
                network.train()
                embeddings = network(encoder.normalize(pixels))
                loss = criterion(embeddings, labels.to(embeddings.device))
                value = float(loss.detach())
                if not math.isfinite(value):
                    raise MarqueryError(
                        f"{recipe.name}: the loss is not finite at step {step}; train anew with a "
                        "lower optimizer.lr into another --out"
                    )
                optimizer.zero_grad(set_to_none=True)
                fabric.backward(loss)
                optimizer.step()
                spent["waiting"] += waited
                spent["computing"] += time.perf_counter() - began
                if step % LOG_EVERY == 0 or step + 1 == recipe.steps:
                    log.write("train", step, loss=value, lr=rates[0] * factor, **spent)
                advance(1, note=f"loss {value:.3f}" + _best_note(best))

                done = step + 1
                if done % recipe.validation.every == 0 or done == recipe.steps:
                    best = _validate(recipe, encoder, validation, step, best, run, log, advance)
                    save_checkpoint(
                        run,
                        {
                            **identity,
                            "step": done,
                            "network": encoder.network.state_dict(),
                            "optimizer": optimizer.state_dict(),
                            "best": best,
                            "spent": spent,
                        },
                    )
    finally:
        log.close()
    total = sum(spent.values())
    return TrainingSummary(
        run=run,
        steps=recipe.steps,
        best_step=int(best["step"]),
        best={"nar": best["nar"], "map": best["map"]},
        seconds=total,
        images_per_second=recipe.steps * recipe.batch.size / max(total, 1e-9),
        waiting_share=spent["waiting"] / max(total, 1e-9),
    )


def _validate(
    recipe: Recipe,
    encoder: LogoEncoder,
    validation: LogoSet,
    step: int,
    best: dict[str, float],
    run: Path,
    log: RunLog,
    advance: Bar,
) -> dict[str, float]:
    """Embed the validation split, log its figures, keep the weights if they are the best so far."""
    advance(0, note="validating")
    vectors = encoder.embed(validation.files())
    result = evaluate(vectors, validation.groups, None, None, bootstrap=0)
    log.write("val", step, nar=result.nar, map=result.map, recall_at_1=result.recall[1])
    score = -result.nar if recipe.validation.metric == "nar" else result.map
    advance(0, note="")
    if score <= best["score"]:
        return best
    encoder.save(run / "encoder")
    return {"step": float(step), "score": score, "nar": result.nar, "map": result.map}


def _timed(loader: Any, start: int) -> Iterator[tuple[int, Batch, float]]:
    """Number the batches of a loader from ``start`` and time how long each was waited for."""
    began = time.perf_counter()
    for step, batch in enumerate(loader, start):
        if isinstance(batch, ImageError):
            raise batch
        yield step, batch, time.perf_counter() - began
        began = time.perf_counter()


def _best_note(best: dict[str, float]) -> str:
    return f", val mAP {best['map']:.3f} NAR {best['nar']:.3f}" if "map" in best else ""


def _identity(recipe: Recipe, training: LogoSet, validation: LogoSet) -> dict[str, str]:
    """What a run must have in common with the one it continues; the number of workers changes nothing."""
    deciding = recipe.model_dump_json(exclude={"name", "about", "workers"})
    return {
        "recipe": deciding,
        "training data": training.fingerprint(),
        "validation data": validation.fingerprint(),
    }


def _describe(training: LogoSet, validation: LogoSet, identity: dict[str, str]) -> dict[str, Any]:
    return {
        "folder": training.root.name,
        "training": {"logos": len(training), "fingerprint": identity["training data"]},
        "validation": {"logos": len(validation), "fingerprint": identity["validation data"]},
    }


def _check_folder(
    run: Path, state: dict[str, Any] | None, identity: dict[str, str], resume: bool
) -> None:
    if state is None:
        return
    if not resume:
        raise UsageError(
            f"{run}: already holds a run; add --resume to go on, or name another --out"
        )
    for what in ("recipe", "training data", "validation data"):
        if state[what] != identity[what]:
            raise UsageError(
                f"{run}: its {what} is not the one given now; resume with the same {what}, "
                "or name another --out"
            )
