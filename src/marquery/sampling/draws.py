"""A batch is a list of draws, and a pure function of seed and step.

So a run that was killed goes on with the very batches it would have had, with any number of workers.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple, Protocol

import numpy as np

Role = Literal["positive", "negative"]
POSITIVE: Role = "positive"
NEGATIVE: Role = "negative"
#: Label of items that are only ever negatives (the paper's class 0).
UNLABELLED = -1


class Draw(NamedTuple):
    """One item of a batch."""

    logo: int
    """Which logo, an index into the training set."""
    label: int
    """Class within the training set, or :data:`UNLABELLED`."""
    role: Role
    """Which of the recipe's two augmentations it gets."""
    seed: int
    """Seed of its own augmentation, below 2**63."""


class BatchSampler(Protocol):
    """What the training loop needs of a sampler."""

    steps_per_epoch: int

    def draw(self, step: int) -> list[Draw]:
        """The batch of a step (0, 1, …); the same step always gives the same batch."""
        ...


class StepBatches:
    """The batches of steps ``start`` to ``stop`` - 1, as ``DataLoader(batch_sampler=...)`` wants them."""

    def __init__(self, sampler: BatchSampler, start: int, stop: int) -> None:
        self.sampler = sampler
        self.start = start
        self.stop = stop

    def __len__(self) -> int:
        return self.stop - self.start

    def __iter__(self) -> Iterator[list[Draw]]:
        for step in range(self.start, self.stop):
            yield self.sampler.draw(step)


def generator(seed: int, *stream: int) -> np.random.Generator:
    """Independent random stream for a seed and a place (epoch, step, …)."""
    return np.random.default_rng([seed, *stream])


def item_seeds(rng: np.random.Generator, count: int) -> list[int]:
    """Seeds for the augmentations of ``count`` items."""
    return [int(v) for v in rng.integers(0, 2**63, size=count)]


def shuffled(count: int, seed: int, epoch: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The order of ``count`` things in an epoch."""
    return generator(seed, 0, epoch).permutation(count)


def batch_of_epoch(step: int, steps_per_epoch: int) -> tuple[int, int]:
    """Epoch of a step and its place within that epoch."""
    return divmod(step, steps_per_epoch)
