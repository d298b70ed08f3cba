"""Gradient caching: the gradient of a large batch in the memory of a small one.

A ranking loss needs all embeddings of a batch at once, but an embedding needs only its own image.
So

1. embed the batch in micro-batches without recording a graph,
2. compute the loss on all embeddings and its gradient with respect to each of them,
3. embed each micro-batch again, with a graph and with the random numbers of its first time, and
   pass the gradient of its embeddings on to the weights.

The result is the batch's own gradient, for about a third more computation (a second forward pass).
Source: Gao et al., "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup",
    RepL4NLP 2021.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from marquery.errors import UsageError

#: Pixels of an automatic micro-batch. 32 images of 224 x 224: 3.9 GiB with ResNet50 in float32.
_AUTOMATIC_PIXELS = 32 * 224 * 224


def automatic_micro(image_size: int) -> int:
    """Images of ``image_size`` x ``image_size`` pixels that have the area of 32 at 224 pixels; at
    least 1.

    A rule of the image size alone: what a run computes does not depend on the machine's memory.
    """
    return max(1, _AUTOMATIC_PIXELS // image_size**2)


class GradientCache:
    """Adds the gradient of a whole batch to ``.grad``, with the graph of one micro-batch at a time.

    Every image must be embedded apart from the others. BatchNorm on the statistics of its batch
    does not do that and is refused. Dropout and drop-path are replayed from the random state of
    torch; a network that draws elsewhere is not.

    Args:
        network: images (or whatever ``prepare`` makes of them) -> embeddings (B, D).
        micro: items a micro-batch, at least 1.
        prepare: applied to each micro-batch before the network, both times; so uint8 images need
            not be turned into floats all at once.
        backward: how to run ``tensor.backward``, called as ``backward(tensor, gradient=...)``;
            Fabric's own where Fabric set the network up.
        unsynced: context in which a distributed network adds up gradients without sending them; all
            micro-batches but the last run in it.

    Raises:
        UsageError: ``micro`` is below 1; on a call, BatchNorm that uses the batch's statistics.

    Example:
        >>> network = nn.Linear(3, 2)
        >>> cache = GradientCache(network, micro=4)
        >>> loss = cache(torch.randn(10, 3), lambda embeddings: embeddings.pow(2).sum())
        >>> network.weight.grad.shape
        torch.Size([2, 3])
    """

    def __init__(
        self,
        network: Callable[[Tensor], Tensor],
        micro: int,
        *,
        prepare: Callable[[Tensor], Tensor] | None = None,
        backward: Callable[..., Any] = Tensor.backward,
        unsynced: Callable[[], AbstractContextManager[Any]] = nullcontext,
    ) -> None:
        if micro < 1:
            raise UsageError("micro", f"is {micro}", "give a number of items from 1")
        self.network = network
        self.micro = micro
        self.prepare = prepare
        self.backward = backward
        self.unsynced = unsynced

    def __call__(self, images: Tensor, loss_of: Callable[[Tensor], Tensor]) -> Tensor:
        """Add the gradient of ``loss_of(embeddings of images)`` to the network's parameters.

        Args:
            images: (B, ...) the whole batch.
            loss_of: (B, D) embeddings, float -> scalar.

        Returns:
            The loss, a scalar without a graph.
        """
        if isinstance(self.network, nn.Module):
            check_batchnorm(self.network)
        parts = torch.split(images, self.micro)
        states, embedded = [], []
        with torch.no_grad():
            for part in parts:
                states.append(_random_state(images.device))
                embedded.append(self._embed(part))

        embeddings = torch.cat(embedded).requires_grad_()
        loss = loss_of(embeddings)
        self.backward(loss)
        slopes = embeddings.grad
        if slopes is None:
            slopes = torch.zeros_like(embeddings)

        after = _random_state(images.device)
        try:
            for i, (part, slope) in enumerate(
                zip(parts, torch.split(slopes, self.micro), strict=True)
            ):
                _restore(states[i], images.device)
                with self.unsynced() if i + 1 < len(parts) else nullcontext():
                    self.backward(self._embed(part), gradient=slope)
        finally:
            _restore(after, images.device)
        return loss.detach()

    def _embed(self, part: Tensor) -> Tensor:
        return self.network(part if self.prepare is None else self.prepare(part))


def check_batchnorm(network: nn.Module) -> None:
    """Refuse a network whose embeddings depend on what else is in the batch.

    Raises:
        UsageError: a BatchNorm layer would use the statistics of its (micro-)batch.
    """
    for name, module in network.named_modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm) and (
            module.training or module.running_mean is None
        ):
            raise UsageError(
                "micro",
                f"BatchNorm layer {name!r} uses the statistics of the batch, which micro-batches "
                "lack",
                "freeze it (model.freeze_batchnorm: true) or compute the batch in one piece",
            )


def _random_state(device: torch.device) -> tuple[Tensor, Tensor | None]:
    """State of torch's generators on the CPU and on ``device``."""
    on_gpu = torch.cuda.get_rng_state(device) if device.type == "cuda" else None
    return torch.get_rng_state(), on_gpu


def _restore(state: tuple[Tensor, Tensor | None], device: torch.device) -> None:
    torch.set_rng_state(state[0])
    if state[1] is not None:
        torch.cuda.set_rng_state(state[1], device)
