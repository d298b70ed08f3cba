"""Compositions as negatives: a logo of the batch with a part of another one in it."""

from marquery.errors import UsageError
from marquery.sampling.draws import UNLABELLED, BatchSampler, Draw, generator, item_seeds

# A part fits in about one try in three, so several donors are offered.
_DONORS = 3


class CompositionSampler:
    """The batches of another sampler, with a few logos more that get a part of a logo of another
    class.

    A batch is a function of seed and step, as the inner sampler's is.

    Args:
        inner: gives the batches.
        count: compositions a batch, at least 1.
        seed: of the choice of logos and of the compositions.

    Raises:
        UsageError: ``count`` is below 1.
    """

    def __init__(self, inner: BatchSampler, count: int, seed: int = 0) -> None:
        if count < 1:
            raise UsageError("batch.compositions", f"{count} a batch", "use 1 or more")
        self.inner = inner
        self.count = count
        self.seed = seed
        self.steps_per_epoch = inner.steps_per_epoch

    def draw(self, step: int) -> list[Draw]:
        """The batch of a step, compositions at its end; none where all of it is of one class."""
        batch = self.inner.draw(step)
        labelled = [draw for draw in batch if draw.label != UNLABELLED]
        if len({draw.label for draw in batch}) < 2:
            return batch
        rng = generator(self.seed, 4, step)
        for seed in item_seeds(rng, self.count):
            base = labelled[rng.integers(len(labelled))]
            others = sorted({draw.logo for draw in batch if draw.label != base.label})
            donors = rng.permutation(others)[:_DONORS].tolist()
            batch.append(base._replace(seed=seed, donors=tuple(donors)))
        return batch
