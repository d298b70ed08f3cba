"""Batches without labels: each logo is a class of its own, its augmented views are the members."""

from collections.abc import Sequence

import numpy as np

from marquery.errors import UsageError
from marquery.sampling.draws import POSITIVE, Draw, generator, item_seeds, turn


class ViewSampler:
    """``logos`` different logos a batch, ``views`` augmented views of each.

    Every logo comes once an epoch; the few left over at its end wait for the next shuffle.

    Args:
        count: size of the training set.
        logos: logos a batch.
        views: views of each, at least 2.
        seed: of the order and of the augmentations.

    Raises:
        UsageError: fewer than two views, or more logos a batch than there are.
    """

    def __init__(self, count: int, logos: int, views: int, seed: int = 0) -> None:
        if views < 2:
            raise UsageError(
                "batch.per_class", f"{views} views have no positive pair", "use 2 or more"
            )
        if not 1 <= logos <= count:
            raise UsageError(
                "batch.size",
                f"{logos} logos a batch, but the training set has {count}",
                "use a smaller batch",
            )
        self.class_count = count
        self.classes = np.arange(count, dtype=np.int64)
        self.classes_per_batch = logos
        self.views = views
        self.seed = seed
        self.steps_per_epoch = count // logos

    def draw(self, step: int) -> list[Draw]:
        """The batch of a step: ``logos * views`` draws, views of a logo side by side."""
        chosen = turn(self.class_count, self.classes_per_batch, self.seed, step)
        return self.draw_members(step, chosen)

    def draw_members(self, step: int, chosen: Sequence[int]) -> list[Draw]:
        """The batch of a step, given its logos."""
        indices = [i for i in chosen for _ in range(self.views)]
        seeds = item_seeds(generator(self.seed, 1, step), len(indices))
        return [Draw(i, i, POSITIVE, s) for i, s in zip(indices, seeds, strict=True)]
