"""P x K batches over labelled groups: P groups of similar logos, K logos of each."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from marquery.errors import UsageError
from marquery.sampling.draws import (
    POSITIVE,
    Draw,
    batch_of_epoch,
    generator,
    item_seeds,
    shuffled,
)


def members_of_groups(groups: Sequence[str] | npt.NDArray[np.str_], least: int) -> list[list[int]]:
    """Indices of the members of each group of at least ``least`` logos; "" is no group."""
    names, inverse = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(inverse, minlength=len(names)))[:-1])
    return [
        [int(i) for i in part]
        for name, part in zip(names, parts, strict=True)
        if name and len(part) >= least
    ]


class GroupSampler:
    """``groups_per_batch`` groups a batch, ``per_group`` logos of each.

    A group smaller than ``per_group`` gives each of its logos about equally often, each time in another
    augmented view; so with ``least=1`` a logo that is alone in its group still has positives.

    Args:
        groups: a group name for each logo of the training set, "" = unlabelled (never drawn).
        groups_per_batch: P.
        per_group: K, at least 2.
        seed: of the order and of the augmentations.
        least: size from which a group takes part.

    Raises:
        UsageError: fewer groups than a batch needs, or K below 2.
    """

    def __init__(
        self,
        groups: Sequence[str] | npt.NDArray[np.str_],
        groups_per_batch: int,
        per_group: int,
        seed: int = 0,
        least: int = 2,
    ) -> None:
        if per_group < 2:
            raise UsageError(f"batch.per_class: {per_group} has no positive pair; use 2 or more")
        self.members = members_of_groups(groups, least)
        if not 1 <= groups_per_batch <= len(self.members):
            raise UsageError(
                f"batch.size: {groups_per_batch} groups a batch, but the training set has "
                f"{len(self.members)} groups of {least} or more logos"
            )
        self.groups_per_batch = groups_per_batch
        self.per_group = per_group
        self.seed = seed
        self.steps_per_epoch = len(self.members) // groups_per_batch

    def draw(self, step: int) -> list[Draw]:
        """The batch of a step: P * K draws, members of a group side by side."""
        epoch, place = batch_of_epoch(step, self.steps_per_epoch)
        order = shuffled(len(self.members), self.seed, epoch)
        chosen = order[place * self.groups_per_batch : (place + 1) * self.groups_per_batch]
        rng = generator(self.seed, 1, step)
        pairs: list[tuple[int, int]] = []
        for label in chosen:
            members = self.members[label]
            # Whole permutations one after another: no member twice before each came once.
            rounds = -(-self.per_group // len(members))
            picks = np.concatenate([rng.permutation(members) for _ in range(rounds)])
            pairs.extend((int(i), int(label)) for i in picks[: self.per_group])
        seeds = item_seeds(rng, len(pairs))
        return [Draw(i, k, POSITIVE, s) for (i, k), s in zip(pairs, seeds, strict=True)]
