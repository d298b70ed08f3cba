"""Run by torchrun from test_devices.py: RECIPE DATA OUT [STEP], which ends before that step."""

import json
import os
import sys
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.functional import normalize
from torch.nn.parallel import DistributedDataParallel

from marquery.datasets import LogoSet
from marquery.losses import SmoothAPLoss
from marquery.sampling import part_of_range
from marquery.training import loop
from marquery.training.gather import gather
from marquery.training.grad_cache import GradientCache
from marquery.training.recipe import load_recipe
from marquery.training.split import training_and_validation

SIZES = (9, 3)


def errors() -> dict[str, float]:
    """Greatest difference from one process with the whole batch, of losses and gradients."""
    rank, world = dist.get_rank(), dist.get_world_size()
    found = {}
    for size in SIZES:
        torch.manual_seed(0)
        network = nn.Linear(6, 4).double()
        x, labels = torch.randn(size, 6).double(), torch.arange(size) // 2
        criterion = SmoothAPLoss(0.2)

        def alone(x=x, labels=labels, network=network, criterion=criterion):
            loss = criterion(normalize(network(x), dim=1), labels)
            loss.backward()
            gradient = network.weight.grad.clone()
            network.zero_grad()
            return loss.detach(), gradient

        whole, expected = alone()
        assert expected.abs().max() > 1e-4
        shared = DistributedDataParallel(network, forward_sync_buffers=False)
        mine = part_of_range(size, rank, world)
        every = gather(labels[mine])
        assert torch.equal(every, labels)

        def loss_of(embeddings, every=every, criterion=criterion):
            return criterion(normalize(gather(embeddings), dim=1), every)

        loss = loss_of(shared(x[mine]))
        loss.backward()
        pairs = {"plain": (loss.detach(), network.weight.grad.clone())}
        network.zero_grad()
        # Five and four items: three and two micro-batches.
        cache = GradientCache(shared, 2, unsynced=shared.no_sync)
        pairs["cached"] = (cache(x[mine], loss_of), network.weight.grad.clone())
        for name, (value, gradient) in pairs.items():
            gap = max(float(abs(value - whole)), float((gradient - expected).abs().max()))
            found[f"{name} {size}"] = gap
    return found


def end_before(step: int) -> None:
    seed_step = loop.seed_step

    def seed(seed: int, now: int, rank: int) -> None:
        if now == step:
            dist.barrier()
            os._exit(0)
        seed_step(seed, now, rank)

    loop.seed_step = seed


def main() -> None:
    recipe_file, data, out = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    loop.LOG_EVERY = 1
    if len(sys.argv) > 4:
        end_before(int(sys.argv[4]))
    recipe = load_recipe(recipe_file)
    training, validation = training_and_validation(LogoSet.open(data), recipe.seed)
    summary = loop.train(recipe, training, validation, out / "run")
    found = errors()
    text = json.dumps({"errors": found, "best": summary.best})
    (out / f"rank{dist.get_rank()}.json").write_text(text)
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
