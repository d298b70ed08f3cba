"""From a recipe to the parts of a run: sampler, encoder, loss, optimizer, seeds."""

from typing import Any

import numpy as np
import torch
from torch import nn

from marquery.datasets import LogoSet
from marquery.encoder import LogoEncoder
from marquery.errors import UsageError
from marquery.losses import SmoothAPLoss, TripletLoss
from marquery.sampling import BatchSampler, GroupSampler, PaperSampler, ViewSampler
from marquery.sampling.draws import generator
from marquery.training.recipe import OptimizerPart, Recipe


def seed_step(seed: int, step: int) -> None:
    """Seed torch's and numpy's global generators for one step."""
    value = int(generator(seed, 2, step).integers(0, 2**32))
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
            f"batch.size: {batch.size} is not a multiple of batch.per_class, {batch.per_class}"
        )
    classes = batch.size // batch.per_class
    if batch.kind == "groups":
        return GroupSampler(
            training.groups, classes, batch.per_class, recipe.seed, batch.least_group
        )
    return ViewSampler(len(training), classes, batch.per_class, recipe.seed)


def make_criterion(recipe: Recipe) -> nn.Module:
    """The loss that a recipe asks for; items labelled -1 are only negatives."""
    plan = recipe.loss
    if plan.kind == "triplet":
        return TripletLoss(margin=plan.margin, mining=plan.mining, unlabelled=-1)
    return SmoothAPLoss(temperature=plan.temperature, unlabelled=-1)


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
    return LogoEncoder.create(
        m.backbone,
        m.dim,
        pooling=m.pooling,
        image_size=m.image_size,
        pretrained=m.pretrained,
        freeze_batchnorm=m.freeze_batchnorm,
    )


def make_precision(recipe: Recipe) -> str:
    """Fabric's name of the precision that a recipe asks for."""
    if recipe.precision != "auto":
        return recipe.precision
    # On CPUs without matrix units a bfloat16 step was not faster (59 against 58 images/s a core).
    return "bf16-mixed" if torch.cuda.is_available() else "32-true"
