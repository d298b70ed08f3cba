"""A batch is a list of draws, and a pure function of seed and step.

So a run that was killed goes on with the very batches it would have had, with any number of
workers.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, Protocol

import numpy as np

from marquery.arrays import Int64Array
from marquery.errors import UsageError

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
    donors: tuple[int, ...] = ()
    """Logos of which one gives it a part; then it is a negative only, or, where none fits, a logo
    like the others.
    """


class BatchSampler(Protocol):
    """What the training loop needs of a sampler."""

    steps_per_epoch: int

    def draw(self, step: int) -> list[Draw]:
        """The batch of a step (0, 1, …); the same step always gives the same batch."""
        ...


class ClassSampler(BatchSampler, Protocol):
    """A sampler that first chooses the classes of a batch, then draws members of each."""

    classes: Int64Array
    """(N,) class of each logo of the training set, -1 = takes no part."""
    class_count: int
    classes_per_batch: int
    seed: int

    def draw_members(self, step: int, chosen: Sequence[int]) -> list[Draw]:
        """The batch of a step, given its classes."""
        ...


class StepBatches:
    """The batches of steps ``start`` to ``stop`` - 1, as ``DataLoader(batch_sampler=...)`` wants
    them.

    Of several processes each gets its own part of every batch: consecutive draws, so that views of
    a logo mostly stay together; sizes differ by one at the most.

    Args:
        sampler: gives the batches.
        start: first step.
        stop: step after the last one.
        rank: which process, from 0.
        processes: how many share a batch.
    """

    def __init__(
        self, sampler: BatchSampler, start: int, stop: int, rank: int = 0, processes: int = 1
    ) -> None:
        self.sampler = sampler
        self.start = start
        self.stop = stop
        self.rank = rank
        self.processes = processes

    def __len__(self) -> int:
        return self.stop - self.start

    def __iter__(self) -> Iterator[list[Draw]]:
        for step in range(self.start, self.stop):
            yield part_of(self.sampler.draw(step), self.rank, self.processes)


def part_of(batch: list[Draw], rank: int, processes: int) -> list[Draw]:
    """The draws of one of several processes.

    Args:
        batch: draws of one step.
        rank: number of the process, from 0.
        processes: how many there are.

    Raises:
        UsageError: fewer draws than processes.
    """
    if len(batch) < processes:
        raise UsageError(
            "batch.size",
            f"{len(batch)} images cannot be shared by {processes} processes",
            "use a larger batch",
        )
    return batch[part_of_range(len(batch), rank, processes)]


def part_of_range(count: int, rank: int, processes: int) -> slice:
    """Which of ``count`` things fall to one of several processes: as many, but for one, to each.

    Args:
        count: things to divide.
        rank: number of the process, from 0.
        processes: how many there are.
    """
    return slice(count * rank // processes, count * (rank + 1) // processes)


def generator(seed: int, *stream: int) -> np.random.Generator:
    """Independent random stream for a seed and a place (epoch, step, …)."""
    return np.random.default_rng([seed, *stream])


def item_seeds(rng: np.random.Generator, count: int) -> list[int]:
    """Seeds for the augmentations of ``count`` items."""
    return [int(v) for v in rng.integers(0, 2**63, size=count)]


def turn(count: int, per_step: int, seed: int, step: int) -> list[int]:
    """The ``per_step`` of ``count`` things whose turn it is at a step.

    Each epoch of ``count // per_step`` steps has an order of its own; those left over at its end
    wait for the next one.

    Args:
        count: things to choose from.
        per_step: chosen at each step.
        seed: of the order.
        step: from 0.
    """
    epoch, place = divmod(step, count // per_step)
    order = generator(seed, 0, epoch).permutation(count)
    return [int(i) for i in order[place * per_step : (place + 1) * per_step]]
