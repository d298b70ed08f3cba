"""One step's gradient: embed this process's images, gather, rank, pass the gradient back."""

import math
from collections.abc import Callable

import torch
from lightning_fabric import Fabric
from lightning_fabric.wrappers import _FabricModule
from torch import Tensor, nn

from marquery.errors import MarqueryError
from marquery.training.assembly import seed_step
from marquery.training.gather import gather
from marquery.training.grad_cache import GradientCache
from marquery.training.memory import CrossBatchMemory
from marquery.training.recipe import Recipe
from marquery.training.teacher import Teacher


class BatchGradient:
    """Computes a batch's loss and adds its gradient to the network's parameters.

    Args:
        recipe: seed, and its name for errors.
        fabric: precision and processes.
        network: as Fabric set it up.
        prepare: uint8 images (B, 3, S, S) -> the network's input.
        criterion: loss of embeddings and labels.
        micro: images of which a graph is kept at a time; batches up to it go in one piece.
        memory: embeddings of past steps, if the recipe wants them.
        teacher: another encoder, if the recipe wants one.
    """

    def __init__(
        self,
        recipe: Recipe,
        fabric: Fabric,
        network: _FabricModule,
        prepare: Callable[[Tensor], Tensor],
        criterion: nn.Module,
        micro: int,
        memory: CrossBatchMemory | None,
        teacher: Teacher | None,
    ) -> None:
        self.recipe = recipe
        self.fabric = fabric
        self.network = network
        self.prepare = prepare
        self.criterion = criterion
        self.memory = memory
        self.teacher = teacher
        self.micro = micro
        self.cache = GradientCache(
            network,
            micro,
            prepare=prepare,
            backward=fabric.backward,
            unsynced=lambda: fabric.no_backward_sync(network),
        )

    def __call__(self, pixels: Tensor, labels: Tensor, step: int) -> float:
        """The loss of a step; the whole batch's, also where this process has a part of it.

        Raises:
            MarqueryError: it is not finite.
        """
        pixels = pixels.to(self.fabric.device)
        every_label = gather(labels.to(self.fabric.device))
        taught = None if self.teacher is None else gather(self.teacher.embed(pixels))
        ranked: list[Tensor] = []

        def loss_of(mine: Tensor) -> Tensor:
            ranked.append(gather(mine))
            return self._loss(ranked[0], every_label, taught, step)

        if len(pixels) <= self.micro:
            loss = loss_of(self.network(self.prepare(pixels)))
            self.fabric.backward(loss)
        else:
            loss = self.cache(pixels, loss_of)
        if self.memory is not None:
            self.memory.remember(ranked[0], every_label, step)
        return float(loss.detach())

    def _loss(self, embeddings: Tensor, labels: Tensor, taught: Tensor | None, step: int) -> Tensor:
        if self.fabric.world_size > 1:
            # Networks draw differently in each process, miners the same.
            seed_step(self.recipe.seed, step)
        if not torch.isfinite(embeddings.detach()).all():
            raise self._not_finite(step)
        if self.memory is None:
            loss: Tensor = self.criterion(embeddings, labels)
        else:
            loss = self.memory.loss(self.criterion, embeddings, labels, step)
        if self.teacher is not None and taught is not None:
            loss = loss + self.teacher.loss(embeddings, taught)
        if not math.isfinite(float(loss.detach())):
            raise self._not_finite(step)
        return loss

    def _not_finite(self, step: int) -> MarqueryError:
        return MarqueryError(
            f"{self.recipe.name}: the loss is not finite at step {step}; train anew with a "
            "lower optimizer.lr into another folder"
        )
