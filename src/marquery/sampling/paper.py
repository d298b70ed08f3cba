"""The paper's batches: a few logos of one known group, and many unlabelled logos as negatives."""

from collections.abc import Sequence

import numpy as np

from marquery.arrays import StrArray
from marquery.errors import UsageError
from marquery.sampling.draws import NEGATIVE, POSITIVE, UNLABELLED, Draw, generator, item_seeds
from marquery.sampling.groups import members_of_groups


class PaperSampler:
    """``positives`` logos of one random group, then ``size - positives`` logos as unlabelled
    negatives.

    The positives get the segment-level augmentation, the negatives the image-level one (their role
    tells). Negatives come from outside the chosen group; where the set has unlabelled logos (METU),
    from those alone, else from the other groups with their labels withheld.

    Args:
        groups: a group name for each logo of the training set, "" = unlabelled.
        size: batch size (the paper: 512).
        positives: logos of the known group (the paper: 4).
        seed: of the choice and of the augmentations.

    Raises:
        UsageError: no group with ``positives`` logos, or too few logos for the negatives.
    """

    def __init__(
        self,
        groups: Sequence[str] | StrArray,
        size: int,
        positives: int = 4,
        seed: int = 0,
    ) -> None:
        if not 2 <= positives < size:
            raise UsageError(
                "batch.per_class",
                f"{positives} positives in a batch of {size}",
                "use 2 to size - 1",
            )
        self.members = members_of_groups(groups, least=positives)
        if not self.members:
            raise UsageError(
                "batch.per_class",
                f"no group of the training set has {positives} logos",
                "use fewer",
            )
        names = np.asarray(groups, dtype=str)
        unlabelled = np.flatnonzero(names == "")
        self.pool = unlabelled if len(unlabelled) else np.arange(len(names))
        largest = 0 if len(unlabelled) else max(len(m) for m in self.members)
        if len(self.pool) - largest < size - positives:
            raise UsageError(
                "batch.size",
                f"{size} needs {size - positives} negatives, more than the set can give",
                "use a smaller batch",
            )
        self.size = size
        self.positives = positives
        self.seed = seed
        # As in the public code: an epoch has passed when as many logos were seen as there are.
        self.steps_per_epoch = max(1, len(names) // size)

    def draw(self, step: int) -> list[Draw]:
        """The batch of a step: the positives first (label: their group's number), then the
        negatives.
        """
        rng = generator(self.seed, 1, step)
        label = int(rng.integers(len(self.members)))
        group = self.members[label]
        chosen = rng.choice(group, self.positives, replace=False)
        # A few more than needed, since some may fall into the chosen group.
        wanted = self.size - self.positives
        candidates = rng.choice(self.pool, min(len(self.pool), wanted + len(group)), replace=False)
        negatives = candidates[~np.isin(candidates, group)][:wanted]
        seeds = iter(item_seeds(rng, self.size))
        return [Draw(int(i), label, POSITIVE, next(seeds)) for i in chosen] + [
            Draw(int(i), UNLABELLED, NEGATIVE, next(seeds)) for i in negatives
        ]
