"""Which logos the network confuses at present: an exact search of the training set in itself."""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from lightning_fabric import Fabric

from marquery.arrays import Float32Array, Int64Array
from marquery.encoder import LogoEncoder
from marquery.evaluation import top_k
from marquery.sampling import NeighbourSampler, part_of_range
from marquery.training.gather import gather
from marquery.training.logs import Log


class NeighbourSearch:
    """Refreshes the table of a :class:`~marquery.sampling.NeighbourSampler`.

    Args:
        sampler: whose table it is.
        encoder: being trained.
        files: the training set.
        pool: logos kept for each.
        fabric: the processes.
        log: gets the seconds of each search.
    """

    def __init__(
        self,
        sampler: NeighbourSampler,
        encoder: LogoEncoder,
        files: Sequence[Path],
        pool: int,
        fabric: Fabric,
        log: Log,
    ) -> None:
        self.sampler = sampler
        self.encoder = encoder
        self.files = files
        self.pool = pool
        self.fabric = fabric
        self.log = log

    def refresh(self, step: int) -> None:
        """Search with the weights of this step.

        Raises:
            ImageError: a file cannot be read.
        """
        began = time.perf_counter()
        classes = self.sampler.inner.classes
        self.sampler.neighbours = confused(
            self.encoder, self.files, classes, self.pool, self.fabric
        )
        self.log.write("neighbours", step, seconds=time.perf_counter() - began)


def confused(
    encoder: LogoEncoder, files: Sequence[Path], classes: Int64Array, pool: int, fabric: Fabric
) -> Int64Array:
    """The logos of other classes that are nearest to each logo by the encoder, unaugmented.

    Of several processes each embeds its part of the files.

    Args:
        encoder: as it is at this step.
        files: N logos.
        classes: (N,) class of each, -1 = takes no part.
        pool: how many are wanted.
        fabric: the processes.

    Returns:
        int64 (N, pool), see :attr:`marquery.sampling.NeighbourSampler.neighbours`.

    Raises:
        ImageError: a file cannot be read.
    """
    taking_part = np.flatnonzero(classes >= 0)
    mine = taking_part[part_of_range(len(taking_part), fabric.global_rank, fabric.world_size)]
    part = torch.from_numpy(encoder.embed([files[i] for i in mine])).to(fabric.device)
    vectors = gather(part).cpu().numpy()
    table = np.full((len(files), pool), -1, np.int64)
    found = nearest_of_other_classes(vectors, classes[taking_part], pool)
    table[taking_part, : found.shape[1]] = np.where(found < 0, -1, taking_part[found])
    return table


def nearest_of_other_classes(vectors: Float32Array, classes: Int64Array, pool: int) -> Int64Array:
    """Indices (N, min(pool, N)) of the items most similar to each, its own class left out; -1 =
    none.

    Args:
        vectors: float32 (N, D), of length 1.
        classes: int64 (N,).
        pool: neighbours of each item.
    """
    order = np.argsort(classes, kind="stable")
    _, starts = np.unique(classes[order], return_index=True)
    own: list[Int64Array] = [order[:0]] * len(classes)
    for members in np.split(order, starts[1:]):
        for member in members:
            own[member] = members
    indices, _ = top_k(vectors, vectors, pool, exclude=[m.tolist() for m in own])
    return indices
