"""P x K batches over labelled groups: P groups of similar logos, K logos of each."""

from collections.abc import Sequence

import numpy as np

from marquery.arrays import StrArray
from marquery.errors import UsageError
from marquery.sampling.draws import (
    POSITIVE,
    Draw,
    generator,
    item_seeds,
    turn,
)


def members_of_groups(groups: Sequence[str] | StrArray, least: int) -> list[list[int]]:
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

    A group smaller than ``per_group`` gives each of its logos about equally often, each time in
    another augmented view; so with ``least=1`` a logo that is alone in its group still has
    positives.

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
        groups: Sequence[str] | StrArray,
        groups_per_batch: int,
        per_group: int,
        seed: int = 0,
        least: int = 2,
    ) -> None:
        if per_group < 2:
            raise UsageError(
                "batch.per_class", f"{per_group} has no positive pair", "use 2 or more"
            )
        self.members = members_of_groups(groups, least)
        self.class_count = len(self.members)
        if not 1 <= groups_per_batch <= self.class_count:
            raise UsageError(
                "batch.size",
                f"{groups_per_batch} groups a batch, but the training set has {self.class_count} "
                f"groups of {least} or more logos",
                "use a smaller batch",
            )
        self.classes = np.full(len(groups), -1, np.int64)
        for number, members in enumerate(self.members):
            self.classes[members] = number
        self.classes_per_batch = groups_per_batch
        self.per_group = per_group
        self.seed = seed
        self.steps_per_epoch = self.class_count // groups_per_batch

    def draw(self, step: int) -> list[Draw]:
        """The batch of a step: P * K draws, members of a group side by side."""
        chosen = turn(self.class_count, self.classes_per_batch, self.seed, step)
        return self.draw_members(step, chosen)

    def draw_members(self, step: int, chosen: Sequence[int]) -> list[Draw]:
        """The batch of a step, given its groups."""
        rng = generator(self.seed, 1, step)
        pairs: list[tuple[int, int]] = []
        for label in chosen:
            members = self.members[label]
            # Whole permutations one after another: no member twice before each came once.
            rounds = -(-self.per_group // len(members))
            picks = np.concatenate([rng.permutation(members) for _ in range(rounds)])
            pairs.extend((int(i), label) for i in picks[: self.per_group])
        seeds = item_seeds(rng, len(pairs))
        return [Draw(i, k, POSITIVE, s) for (i, k), s in zip(pairs, seeds, strict=True)]
