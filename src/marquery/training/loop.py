"""The training loop: draw, augment, embed, rank, step; validate, keep the best, be ready to be
killed.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from marquery.allocator import keep_freed_memory
from marquery.datasets import LogoSet
from marquery.progress import progress_bar
from marquery.sampling import NEGATIVE, POSITIVE, BatchSampler, NeighbourSampler
from marquery.training.assembly import (
    make_criterion,
    make_encoder,
    make_memory,
    make_micro,
    make_optimizer,
    make_sampler,
    seed_step,
)
from marquery.training.augmentation import Augmentation
from marquery.training.batches import batches_of_run
from marquery.training.checkpoint import load_checkpoint, save_checkpoint
from marquery.training.data import TrainingImages
from marquery.training.devices import make_fabric
from marquery.training.identity import check_folder, describe, identity_of
from marquery.training.logs import Log, RunLog, SilentLog
from marquery.training.memory import CrossBatchMemory
from marquery.training.neighbours import NeighbourSearch
from marquery.training.recipe import Recipe
from marquery.training.record import write_record
from marquery.training.schedule import rate_factor
from marquery.training.step import BatchGradient
from marquery.training.teacher import make_teacher
from marquery.training.validation import validate

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
    """Share of the time in which the network waited for images, the first ones left out, before
    which workers start and the segmenter may be compiled.
    """

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
    ``checkpoint.pt`` and ``encoder/`` (the weights that did best on validation). A run that was
    killed and resumed gives the same weights as one that was not.

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
    # Before the folder is touched: a teacher that cannot be had leaves nothing behind.
    micro = make_micro(recipe)
    teacher = make_teacher(recipe.teacher, micro)
    taught_by = None if teacher is None else teacher.encoder.fingerprint()
    identity = identity_of(recipe, training, validation, taught_by)
    check_folder(run, state, identity, resume)
    sampler = make_sampler(recipe, training)
    memory = make_memory(recipe)
    fabric = make_fabric(recipe)
    torch.manual_seed(recipe.seed)

    encoder = make_encoder(recipe)
    optimizer = make_optimizer(encoder, recipe.optimizer)
    rates = [group["lr"] for group in optimizer.param_groups]
    start, best = 0, {"step": -1.0, "score": float("-inf")}
    spent, starting = {"waiting": 0.0, "computing": 0.0}, 0.0
    # Set up first: an optimizer's state is loaded to where its parameters are.
    network, optimizer = fabric.setup(encoder.network, optimizer)
    if state is not None:
        encoder.network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        start, best, spent = state["step"], state["best"], state["spent"]
        _restore(state, sampler, memory)
    elif fabric.is_global_zero:
        run.mkdir(parents=True, exist_ok=True)
        write_record(run, recipe, describe(training, validation, identity))

    images = TrainingImages(
        training.files(),
        recipe.model.image_size,
        {
            POSITIVE: Augmentation(recipe.augment.positive),
            NEGATIVE: Augmentation(recipe.augment.negative),
        },
        encoder.spec.stack_lockups,
    )
    backward = BatchGradient(
        recipe,
        fabric,
        network,
        encoder.normalize,
        make_criterion(recipe),
        micro,
        memory,
        None if teacher is None else teacher.to(fabric.device),
    )
    log: Log = RunLog(run, start) if fabric.is_global_zero else SilentLog()
    search = None
    if isinstance(sampler, NeighbourSampler) and recipe.batch.neighbours is not None:
        pool = recipe.batch.neighbours.pool
        search = NeighbourSearch(sampler, encoder, images.files, pool, fabric, log)
    batches = batches_of_run(recipe, fabric, images, sampler, start, search)
    try:
        with progress_bar(
            "training",
            recipe.steps,
            start=start,
            per_step=recipe.batch.images,
            shown=fabric.is_global_zero,
        ) as advance:
            for step, (pixels, labels), waited in batches:
                began = time.perf_counter()
                factor = rate_factor(step, recipe.steps, recipe.optimizer)
                for group, rate in zip(optimizer.param_groups, rates, strict=True):
                    group["lr"] = rate * factor

                # Dropout and the miners draw from the global generators: a function of the step,
                # too.
                seed_step(recipe.seed, step, fabric.global_rank)
                network.train()
                optimizer.zero_grad(set_to_none=True)
                loss = backward(pixels, labels, step)
                optimizer.step()
                if step == start:
                    starting = waited
                else:
                    spent["waiting"] += waited
                spent["computing"] += time.perf_counter() - began
                if step % LOG_EVERY == 0 or step + 1 == recipe.steps:
                    log.write("train", step, loss=loss, lr=rates[0] * factor, **spent)
                advance(1, note=f"loss {loss:.3f}" + _best_note(best))

                done = step + 1
                if done % recipe.validation.every == 0 or done == recipe.steps:
                    advance(0, note="validating")
                    best = validate(recipe, fabric, encoder, validation, step, best, run, log)
                    advance(0, note="")
                    if fabric.is_global_zero:
                        save_checkpoint(
                            run,
                            {
                                **identity,
                                "step": done,
                                "network": encoder.network.state_dict(),
                                "optimizer": optimizer.state_dict(),
                                "best": best,
                                "spent": spent,
                                **_remembered(sampler, memory),
                            },
                        )
    finally:
        log.close()
    # Nobody leaves before the checkpoint is written.
    fabric.barrier()
    total = sum(spent.values())
    return TrainingSummary(
        run=run,
        steps=recipe.steps,
        best_step=int(best["step"]),
        best={"nar": best["nar"], "map": best["map"]},
        seconds=starting + total,
        images_per_second=recipe.steps * recipe.batch.images / max(total, 1e-9),
        waiting_share=spent["waiting"] / max(total, 1e-9),
    )


def _remembered(sampler: BatchSampler, memory: CrossBatchMemory | None) -> dict[str, Any]:
    """What past steps left behind beside weights: embeddings, and who was confused with whom."""
    parts: dict[str, Any] = {}
    if memory is not None:
        parts["memory"] = memory.state_dict()
    if isinstance(sampler, NeighbourSampler) and sampler.neighbours is not None:
        parts["neighbours"] = torch.from_numpy(sampler.neighbours)
    return parts


def _restore(state: dict[str, Any], sampler: BatchSampler, memory: CrossBatchMemory | None) -> None:
    if memory is not None:
        memory.load_state_dict(state["memory"])
    if isinstance(sampler, NeighbourSampler):
        sampler.neighbours = state["neighbours"].numpy()


def _best_note(best: dict[str, float]) -> str:
    return f", val mAP {best['map']:.3f} NAR {best['nar']:.3f}" if "map" in best else ""
