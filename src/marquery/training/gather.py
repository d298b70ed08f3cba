"""Embeddings of all processes in each of them, with gradients."""

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor


def gather(mine: Tensor) -> Tensor:
    """Items of all processes, in the order of their ranks, whatever number each has.

    Each process must compute the same loss of the gathered items. The gradient that comes back to a
    process is then that of its own items **times the number of processes**, because
    ``DistributedDataParallel`` takes the mean of the processes' gradients where the whole batch's
    gradient is their sum. So N processes step as one with the whole batch would.

    Args:
        mine: (B_r, ...) items of this process; only B_r may differ between processes.

    Returns:
        (ΣB_r, ...); ``mine`` itself where there is one process.
    """
    if not dist.is_initialized() or dist.get_world_size() == 1:
        return mine
    gathered: Tensor = _Gather.apply(mine)
    return gathered


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, mine: Tensor) -> Tensor:
        world, rank = dist.get_world_size(), dist.get_rank()
        count = torch.tensor([len(mine)], device=mine.device)
        counts = [torch.empty_like(count) for _ in range(world)]
        dist.all_gather(counts, count)
        sizes = [int(c) for c in counts]
        # Collectives want equal shapes: the short ones are filled up and cut again.
        padded = mine.new_zeros((max(sizes), *mine.shape[1:]))
        padded[: len(mine)] = mine
        every = [torch.empty_like(padded) for _ in range(world)]
        dist.all_gather(every, padded)
        ctx.start, ctx.size, ctx.world = sum(sizes[:rank]), len(mine), world
        return torch.cat([part[:size] for part, size in zip(every, sizes, strict=True)])

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> Tensor:
        own: Tensor = slopes[0].narrow(0, ctx.start, ctx.size) * ctx.world
        return own
