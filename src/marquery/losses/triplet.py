"""Triplet loss with the miners that the paper's code offers, from pytorch-metric-learning."""

from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn

from marquery.errors import UsageError
from marquery.extras import need
from marquery.losses.relevance import check_finite, check_labels

Mining = Literal["distance", "semihard", "random"]


class TripletLoss(nn.Module):
    r"""Mean of max(0, d(a, p) − d(a, n) + margin) over mined triplets, d the Euclidean distance.

    Anchor a and positive p share a label, the negative n does not. Embeddings are scaled to unit
    length. Triplets that already keep the margin are left out of the mean.

    Mining of the negatives:
        ``distance``: drawn with weight inverse to how often their distance occurs on the sphere (Wu
            et
        al., "Sampling Matters in Deep Embedding Learning", ICCV 2017);
        ``semihard``: all that are farther than the positive, but by less than the margin (Schroff
            et al.,
        "FaceNet", CVPR 2015);
        ``random``: drawn uniformly, as many per anchor as it has positives.

    The seed of ``distance`` and ``random`` is PyTorch's. Distance and miners are those of
    pytorch-metric-learning.

    Args:
        margin: ≥ 0, in distances of unit vectors (0…2).
        mining: which triplets.
        unlabelled: items of this label are only negatives; None: every label is a class.

    Shapes:
        embeddings (B, D), labels (B,), optionally ref_embeddings (M, D), ref_labels (M,) from which
        positives and negatives are taken; output scalar. Without any triplet it is 0 with gradient
        0.

    Raises:
        UsageError: an option, a shape or a dtype does not fit.
        MarqueryError: pytorch-metric-learning is not installed.
    """

    def __init__(
        self, margin: float = 0.2, mining: Mining = "distance", unlabelled: int | None = None
    ) -> None:
        super().__init__()
        if not margin >= 0:
            raise UsageError("margin", f"{margin} is less than 0", "give a number from 0")
        if mining not in get_args(Mining):
            raise UsageError(
                "mining",
                f"{mining!r} is none of {', '.join(get_args(Mining))}",
                "choose one of them",
            )
        need("triplet loss", "pytorch_metric_learning")
        from pytorch_metric_learning import losses, miners

        self.margin = margin
        self.mining: Mining = mining
        self.unlabelled = unlabelled
        self.loss: Any = losses.TripletMarginLoss(margin=margin)
        self.miner: Any = None
        if mining == "distance":
            self.miner = miners.DistanceWeightedMiner()
        elif mining == "semihard":
            self.miner = miners.TripletMarginMiner(margin=margin, type_of_triplets="semihard")

    def forward(
        self,
        embeddings: Tensor,
        labels: Tensor,
        ref_embeddings: Tensor | None = None,
        ref_labels: Tensor | None = None,
        *,
        ref_includes_query: bool = False,
    ) -> Tensor:
        """The loss of a batch, or of a batch against a reference set.

        Args:
            embeddings: (B, D) anchors, and all others if there is no reference set.
            labels: (B,) integers.
            ref_embeddings: (M, D); if given, positives and negatives are taken from these alone.
            ref_labels: (M,) integers.
            ref_includes_query: reference item i is anchor i, and is never its positive.

        Raises:
            UsageError: labels or embeddings do not fit together.
            MarqueryError: embeddings are NaN or infinite.
        """
        from pytorch_metric_learning.utils import loss_and_miner_utils as mining_utils

        if (ref_embeddings is None) != (ref_labels is None):
            raise UsageError("ref_labels", "goes with ref_embeddings", "give both, or neither")
        if ref_includes_query and ref_embeddings is None:
            raise UsageError(
                "ref_includes_query", "needs a reference set", "give ref_embeddings and ref_labels"
            )
        labels = check_labels(labels, embeddings, "labels")
        if ref_labels is not None and ref_embeddings is not None:
            ref_labels = check_labels(ref_labels, ref_embeddings, "ref_labels")
        # Distances of half-precision embeddings are too coarse for a margin: float32 at least.
        embeddings = embeddings.to(torch.promote_types(embeddings.dtype, torch.float32))
        check_finite(embeddings, "embeddings")
        if ref_embeddings is not None:
            ref_embeddings = ref_embeddings.to(embeddings)
            check_finite(ref_embeddings, "ref_embeddings")
        labels, ref_labels = self._alone(labels, ref_labels)
        with torch.autocast(embeddings.device.type, enabled=False):
            if self.miner is None:
                triplets = mining_utils.get_random_triplet_indices(labels, ref_labels)
            elif len(torch.unique(labels if ref_labels is None else ref_labels)) < 2:
                # Nothing is a negative, which the distance-weighted miner cannot bear.
                triplets = (labels.new_empty(0),) * 3
            else:
                triplets = self.miner(embeddings, labels, ref_embeddings, ref_labels)
            if ref_includes_query:
                other = triplets[0] != triplets[1]
                triplets = tuple(index[other] for index in triplets)
            loss: Tensor = self.loss(embeddings, labels, triplets, ref_embeddings, ref_labels)
        return loss

    def _alone(self, labels: Tensor, ref_labels: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """Labels numbered from 0, each unlabelled item in a class of its own."""
        every = labels if ref_labels is None else torch.cat([labels, ref_labels])
        names, numbers = torch.unique(every, return_inverse=True)
        if self.unlabelled is not None:
            lonely = every == self.unlabelled
            numbers[lonely] = len(names) + torch.arange(int(lonely.sum()), device=every.device)
        if ref_labels is None:
            return numbers, None
        return numbers[: len(labels)], numbers[len(labels) :]

    def extra_repr(self) -> str:
        """Options as shown by ``repr``."""
        return f"margin={self.margin}, mining={self.mining!r}, unlabelled={self.unlabelled}"
