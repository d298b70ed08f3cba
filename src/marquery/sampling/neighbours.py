"""Hard-neighbour batches: logos that the network takes for each other meet in one batch."""

from itertools import pairwise

import numpy as np

from marquery.arrays import Int64Array
from marquery.errors import UsageError
from marquery.sampling.draws import ClassSampler, Draw, generator, turn


class NeighbourSampler:
    """Batches of clusters: a class whose turn it is, and classes near it by the present network.

    What is near is told by :attr:`neighbours`, a table that the training loop refreshes from an
    exact search; labels are not needed for it. A cluster is drawn at random from the ``pool``
    nearest, because the very nearest of all logos of a large set are often the same mark without
    anybody having said so. Until there is a table, batches are those of the inner sampler. A batch
    is a function of seed, step and table.

    Args:
        inner: P x K batches of classes (groups, or single logos in several views).
        cluster: classes that are put together, at least 2; a batch holds P // cluster clusters, and
            classes at random where P is no multiple.

    Raises:
        UsageError: ``cluster`` is below 2 or above the number of classes a batch.
    """

    def __init__(self, inner: ClassSampler, cluster: int) -> None:
        if not 2 <= cluster <= inner.classes_per_batch:
            raise UsageError(
                "batch.neighbours.cluster",
                f"{cluster} classes together in a batch of {inner.classes_per_batch} classes",
                "use 2 up to the latter",
            )
        self.inner = inner
        self.cluster = cluster
        self.neighbours: Int64Array | None = None
        """(N, pool) logos most similar to each logo, of other classes, best first; -1 = none. For
        logos that take no part the row is of no account."""
        self.anchors_per_batch = inner.classes_per_batch // cluster
        self.steps_per_epoch = inner.class_count // self.anchors_per_batch
        order = np.argsort(inner.classes, kind="stable")
        starts = np.searchsorted(inner.classes[order], np.arange(inner.class_count + 1))
        self._members = [order[a:b] for a, b in pairwise(starts)]

    def draw(self, step: int) -> list[Draw]:
        """The batch of a step; classes of a cluster come one after another."""
        if self.neighbours is None:
            return self.inner.draw(step)
        return self.inner.draw_members(step, self._choose(step, self.neighbours))

    def _choose(self, step: int, neighbours: Int64Array) -> list[int]:
        seed, count = self.inner.seed, self.inner.class_count
        rng = generator(seed, 3, step)
        anchors = turn(count, self.anchors_per_batch, seed, step)
        taken = set(anchors)
        chosen: list[int] = []
        for anchor in anchors:
            member = rng.choice(self._members[anchor])
            near = neighbours[member]
            near = self.inner.classes[near[near >= 0]]
            chosen.append(anchor)
            free = sorted(c for c in set(near.tolist()) if c >= 0 and c not in taken)
            mates = rng.permutation(free)[: self.cluster - 1].tolist()
            taken.update(mates)
            chosen.extend(mates)
        # Where clusters overlap or P is no multiple of the cluster, chance fills the batch.
        missing = self.inner.classes_per_batch - len(chosen)
        if missing:
            others = [c for c in rng.permutation(count).tolist() if c not in taken]
            chosen.extend(others[:missing])
        return chosen
