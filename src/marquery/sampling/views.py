"""Batches without labels: each logo is a class of its own, its augmented views are the members."""

from marquery.errors import UsageError
from marquery.sampling.draws import (
    POSITIVE,
    Draw,
    batch_of_epoch,
    generator,
    item_seeds,
    shuffled,
)


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
            raise UsageError(f"batch.per_class: {views} views have no positive pair; use 2 or more")
        if not 1 <= logos <= count:
            raise UsageError(f"batch.size: {logos} logos a batch, but the training set has {count}")
        self.count = count
        self.logos = logos
        self.views = views
        self.seed = seed
        self.steps_per_epoch = count // logos

    def draw(self, step: int) -> list[Draw]:
        """The batch of a step: ``logos * views`` draws, views of a logo side by side."""
        epoch, place = batch_of_epoch(step, self.steps_per_epoch)
        order = shuffled(self.count, self.seed, epoch)[
            place * self.logos : (place + 1) * self.logos
        ]
        indices = [int(i) for i in order for _ in range(self.views)]
        seeds = item_seeds(generator(self.seed, 1, step), len(indices))
        return [Draw(i, i, POSITIVE, s) for i, s in zip(indices, seeds, strict=True)]
