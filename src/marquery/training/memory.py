"""Cross-batch memory: embeddings of past steps, ranked together with the batch."""

from typing import Any, Protocol

import torch
from torch import Tensor

from marquery.errors import UsageError


class RankingLoss(Protocol):
    """What the memory asks of a loss: the contract of :class:`~marquery.losses.SmoothAPLoss`."""

    def __call__(
        self,
        embeddings: Tensor,
        labels: Tensor,
        ref_embeddings: Tensor | None = None,
        ref_labels: Tensor | None = None,
        *,
        ref_includes_query: bool = False,
    ) -> Tensor:
        """The loss of a batch against a reference set."""
        ...


class CrossBatchMemory:
    """The last ``size`` embeddings, from which a batch gets more positives and negatives.

    The items of a batch are queries; ranked are the batch, with gradients, and what is remembered,
    without. Embeddings drift as the network learns, so remembered ones grow stale: the oldest give
    way to new ones, and those of more than ``max_age`` steps ago are left out. While the network
    drifts fast, in the first ``after`` steps, embeddings are remembered but not used.
    Source: Wang et al., "Cross-Batch Memory for Embedding Learning", CVPR 2020.

    Args:
        size: embeddings kept, at least 1.
        after: step from which they are used.
        max_age: greatest age in steps of what is used, at least 1; ``None``: any.

    Raises:
        UsageError: a number is out of range.
    """

    def __init__(self, size: int, after: int = 0, max_age: int | None = None) -> None:
        if size < 1 or after < 0 or (max_age is not None and max_age < 1):
            raise UsageError(
                "size",
                f"a memory of {size} embeddings, used after {after} steps up to the age {max_age}",
                "size and max_age are whole numbers from 1, after is one from 0",
            )
        self.size = size
        self.after = after
        self.max_age = max_age
        self._embeddings = torch.empty(0, 0)
        self._labels = torch.empty(0, dtype=torch.int64)
        self._steps = torch.empty(0, dtype=torch.int64)

    def __len__(self) -> int:
        return len(self._labels)

    def loss(self, criterion: RankingLoss, embeddings: Tensor, labels: Tensor, step: int) -> Tensor:
        """The loss of a batch ranked together with the memory.

        Args:
            criterion: a loss that takes a reference set.
            embeddings: (B, D) float, of the batch.
            labels: (B,) integers that mean the same in every step.
            step: number of the step, 0-based.
        """
        remembered, names = self.usable(step)
        if step < self.after or not len(names):
            return criterion(embeddings, labels)
        return criterion(
            embeddings,
            labels,
            torch.cat([embeddings, remembered.to(embeddings)]),
            torch.cat([labels, names.to(labels.device)]),
            ref_includes_query=True,
        )

    def usable(self, step: int) -> tuple[Tensor, Tensor]:
        """Embeddings (M, D) and labels (M,) that are not too old at ``step``, oldest first."""
        if self.max_age is None:
            return self._embeddings, self._labels
        fresh = self._steps >= step - self.max_age
        return self._embeddings[fresh], self._labels[fresh]

    def remember(self, embeddings: Tensor, labels: Tensor, step: int) -> None:
        """Take a batch in, without its graph; the oldest beyond ``size`` are dropped.

        Args:
            embeddings: (B, D).
            labels: (B,) int64.
            step: of the training.
        """
        new = embeddings.detach().float()
        old = self._embeddings.to(new.device) if len(self) else new[:0]
        steps = torch.full_like(labels, step, dtype=torch.int64)
        self._embeddings = torch.cat([old, new])[-self.size :]
        self._labels = torch.cat([self._labels.to(labels.device), labels.long()])[-self.size :]
        self._steps = torch.cat([self._steps.to(labels.device), steps])[-self.size :]

    def state_dict(self) -> dict[str, Tensor]:
        """All that :meth:`load_state_dict` needs to go on exactly."""
        return {
            "embeddings": self._embeddings.cpu(),
            "labels": self._labels.cpu(),
            "steps": self._steps.cpu(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a saved state."""
        self._embeddings = state["embeddings"]
        self._labels = state["labels"]
        self._steps = state["steps"]
