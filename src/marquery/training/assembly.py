"""From a recipe to the parts of a run: sampler, encoder, loss, optimizer, seeds."""

from typing import Any

import numpy as np
import torch
from torch import nn

from marquery.datasets import LogoSet
from marquery.encoder import LogoEncoder
from marquery.encoder.averaging import averaged
from marquery.errors import UsageError
from marquery.sampling import (
    BatchSampler,
    ClassSampler,
    GroupSampler,
    NeighbourSampler,
    PaperSampler,
    ViewSampler,
)
from marquery.sampling.draws import generator
from marquery.training.grad_cache import automatic_micro
from marquery.training.memory import CrossBatchMemory
from marquery.training.recipe import Recipe
from marquery.training.recipe_parts import OptimizerPart


def seed_step(seed: int, step: int, rank: int = 0) -> None:
    """Seed torch's and numpy's global generators for one step of one process.

    Args:
        seed: of the recipe.
        step: of the training, from 0.
        rank: number of the process, from 0.
    """
    place = (step, rank) if rank else (step,)
    value = int(generator(seed, 2, *place).integers(0, 2**32))
    torch.manual_seed(value)
    np.random.seed(value)  # noqa: NPY002  (pytorch-metric-learning's miners draw from it)


def make_sampler(recipe: Recipe, training: LogoSet) -> BatchSampler:
    """The sampler that a recipe asks for, on a training set.

    Raises:
        UsageError: the batch cannot be filled from this set.
    """
    batch = recipe.batch
    if batch.kind == "paper":
        return PaperSampler(training.groups, batch.size, batch.per_class, recipe.seed)
    if batch.size % batch.per_class:
        raise UsageError(
            "batch.size",
            f"{batch.size} is not a multiple of batch.per_class, {batch.per_class}",
            "change one of them",
        )
    classes = batch.size // batch.per_class
    sampler: ClassSampler
    if batch.kind == "groups":
        groups = training.groups
        if batch.unlabelled == "views":
            groups = training.classes
        if batch.namespaces is not None:
            groups = np.where(np.isin(training.namespaces, batch.namespaces), groups, "")
        sampler = GroupSampler(groups, classes, batch.per_class, recipe.seed, batch.least_group)
    else:
        sampler = ViewSampler(len(training), classes, batch.per_class, recipe.seed)
    if batch.neighbours is None:
        return sampler
    return NeighbourSampler(sampler, batch.neighbours.cluster)


def make_criterion(recipe: Recipe) -> nn.Module:
    """The loss that a recipe asks for."""
    return recipe.loss.build()


def make_memory(recipe: Recipe) -> CrossBatchMemory | None:
    """The memory of past embeddings, if a recipe wants one."""
    plan = recipe.memory
    return None if plan is None else CrossBatchMemory(plan.size, plan.after, plan.max_age)


def make_micro(recipe: Recipe) -> int:
    """Images of which a graph is kept at a time."""
    if isinstance(recipe.batch.micro, int):
        return recipe.batch.micro
    if not recipe.model.freeze_batchnorm:
        return recipe.batch.images  # micro-batches would have other statistics
    return automatic_micro(recipe.model.image_size)


def make_optimizer(encoder: LogoEncoder, plan: OptimizerPart) -> torch.optim.Optimizer:
    """Adam or AdamW with the head (and a learnt pooling) at ``head_lr_factor`` times the rate."""
    body = [p for p in encoder.network.backbone.parameters() if p.requires_grad]
    inner = {id(p) for p in body}
    head = [p for p in encoder.network.parameters() if p.requires_grad and id(p) not in inner]
    groups: list[dict[str, Any]] = [
        {"params": body, "lr": plan.lr},
        {"params": head, "lr": plan.lr * plan.head_lr_factor},
    ]
    kind = torch.optim.Adam if plan.kind == "adam" else torch.optim.AdamW
    return kind(groups, weight_decay=plan.weight_decay)


def make_encoder(recipe: Recipe) -> LogoEncoder:
    """The encoder that a recipe starts from.

    Raises:
        MarqueryError: no such backbone, or no weights for it.
    """
    m = recipe.model
    if m.start is not None:
        names = (m.start,) if isinstance(m.start, str) else m.start
        start = averaged([LogoEncoder.load(name) for name in names])
        return start.resized(m.image_size, m.freeze_batchnorm, stack_lockups=m.stack_lockups)
    return LogoEncoder.create(
        m.backbone,
        m.dim,
        pooling=m.pooling,
        image_size=m.image_size,
        stack_lockups=bool(m.stack_lockups),
        pretrained=m.pretrained,
        freeze_batchnorm=m.freeze_batchnorm,
    )
