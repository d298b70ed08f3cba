"""The batches of a run, one after another, each timed; the network is asked for neighbours in
between.
"""

import time
from collections.abc import Iterator
from typing import Any

from lightning_fabric import Fabric

from marquery.errors import ImageError
from marquery.sampling import BatchSampler, CompositionSampler, StepBatches
from marquery.training.data import Batch, TrainingImages, make_loader
from marquery.training.neighbours import NeighbourSearch
from marquery.training.recipe import Recipe

#: A step's number, this process's part of its batch, and the seconds that it was waited for.
TimedBatch = tuple[int, Batch, float]


def batches_of_run(
    recipe: Recipe,
    fabric: Fabric,
    images: TrainingImages,
    sampler: BatchSampler,
    start: int,
    search: NeighbourSearch | None,
) -> Iterator[TimedBatch]:
    """Batches from step ``start`` to the recipe's last.

    The neighbours are searched anew before every ``batch.neighbours.every``-th step. Loaders draw
    batches some steps ahead, so each stretch between two searches has a loader of its own: no batch
    is drawn by an older table than its step says.

    Args:
        recipe: what is trained.
        fabric: device and processes.
        images: the training set.
        sampler: draws the batches.
        start: first step, from 0.
        search: finds neighbours; None: the recipe has none.

    Raises:
        ImageError: a file cannot be read.
    """
    plan = recipe.batch.neighbours
    every = recipe.steps if plan is None else plan.every
    if recipe.batch.compositions:
        drawn: BatchSampler = CompositionSampler(sampler, recipe.batch.compositions, recipe.seed)
    else:
        drawn = sampler
    while start < recipe.steps:
        if search is not None and start % every == 0:
            search.refresh(start)
        stop = min(recipe.steps, (start // every + 1) * every)
        batches = StepBatches(drawn, start, stop, fabric.global_rank, fabric.world_size)
        yield from _timed(make_loader(images, batches, recipe.workers), start)
        start = stop


def _timed(loader: Any, start: int) -> Iterator[TimedBatch]:
    began = time.perf_counter()
    for step, batch in enumerate(loader, start):
        if isinstance(batch, ImageError):
            raise batch
        yield step, batch, time.perf_counter() - began
        began = time.perf_counter()
