"""Random views that do not depend on who draws them: :class:`SeededDataset`."""

from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from marquery.errors import UsageError


class SeededDataset(Dataset[Any]):
    """A map-style dataset whose random transforms give the same item whichever worker loads it.

    PyTorch seeds each worker of a ``DataLoader`` differently, so which draws an image gets depends
    on the number of workers. Here item ``i`` draws from a seed made of ``seed``, the epoch and
    ``i``; torch's own generator is left as it was.

        loader = DataLoader(SeededDataset(logos, seed=1), batch_size=64, num_workers=4)
        loader.dataset.set_epoch(2)  # before each epoch, for new draws

    Args:
        dataset: has ``__len__`` and ``__getitem__``; its transforms draw from torch's generator.
        seed: 0 or more.

    Raises:
        UsageError: the seed is negative.
    """

    def __init__(self, dataset: Any, seed: int = 0) -> None:
        if seed < 0:
            raise UsageError("seed", f"{seed} is negative", "give 0 or more")
        self.dataset = dataset
        self.seed = seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the draws of an epoch; to be called before the loader starts its workers."""
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> Any:
        mixed = np.random.SeedSequence((self.seed, self.epoch, index)).generate_state(2)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(mixed[0]) << 31 ^ int(mixed[1]))
            return self.dataset[index]
