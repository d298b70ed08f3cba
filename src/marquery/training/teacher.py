"""Distillation: another encoder says how near the logos of a batch are to each other."""

import torch
from torch import Tensor
from torch.nn import functional as F

from marquery.encoder import LogoEncoder
from marquery.encoder.weights import has_fixed_size
from marquery.training.recipe_parts import TeacherPart


class Teacher:
    r"""Pulls a network's neighbourhoods towards those of a fixed encoder, which may have other
    dimensions and input sizes.

    With s the cosines of an item to all others of the batch, by the network, and t those by the
    teacher:

    .. math::
        L = w \cdot \frac1B \sum_q
            \mathrm{KL}\big(\mathrm{softmax}(t_q/T) \,\|\, \mathrm{softmax}(s_q/T)\big)

    Only differences of cosines count, so features that are all near each other teach as well as
    others. Source: Fang et al., "SEED: Self-supervised Distillation for Visual Representation",
    ICLR 2021, eq. 3 to 5, with the batch in place of a queue.

    Args:
        encoder: the teacher; it is left as it is.
        weight: w.
        temperature: T.
        micro: images it sees at a time.
    """

    def __init__(
        self,
        encoder: LogoEncoder,
        weight: float,
        temperature: float,
        micro: int,
    ) -> None:
        self.encoder = encoder
        self.weight = weight
        self.temperature = temperature
        self.micro = micro
        self.fixed_size = has_fixed_size(encoder.spec.backbone)
        self.encoder.network.eval()

    def to(self, device: torch.device | str) -> "Teacher":
        """Compute there from now on."""
        self.encoder.network.to(device)
        return self

    @torch.no_grad()
    def embed(self, pixels: Tensor) -> Tensor:
        """What the teacher makes of uint8 images (B, 3, S, S), float32 (B, D).

        Larger ones are brought to its own size; smaller ones too, if its network sees no other.
        """
        return torch.cat([self._embed(part) for part in torch.split(pixels, self.micro)])

    def _embed(self, pixels: Tensor) -> Tensor:
        ready = self.encoder.normalize(pixels)
        size = self.encoder.image_size
        # Enlarged they would cost more and show no more.
        if ready.shape[-1] > size or self.fixed_size:
            ready = F.interpolate(ready, size=(size, size), mode="bilinear", antialias=True)
        out: Tensor = self.encoder.network(ready)
        return out

    def loss(self, embeddings: Tensor, taught: Tensor) -> Tensor:
        """Of the network's embeddings (B, D) and the teacher's (B, D'), both of length 1; 0 for
        fewer than three.
        """
        if len(embeddings) < 3:  # an item with one other is as near to it as can be
            return embeddings.sum() * 0
        mine, theirs = (
            F.log_softmax(_others(e.float() @ e.float().T) / self.temperature, dim=1)
            for e in (embeddings, taught)
        )
        return self.weight * F.kl_div(mine, theirs, log_target=True, reduction="batchmean")


def _others(scores: Tensor) -> Tensor:
    """(B, B) without its diagonal: (B, B - 1)."""
    count = len(scores)
    return scores.flatten()[1:].view(count - 1, count + 1)[:, :-1].reshape(count, count - 1)


def make_teacher(plan: TeacherPart | None, micro: int) -> Teacher | None:
    """The teacher that a recipe wants, if it does.

    Raises:
        MarqueryError: its encoder cannot be had.
    """
    if plan is None:
        return None
    return Teacher(LogoEncoder.load(plan.encoder), plan.weight, plan.temperature, micro)
