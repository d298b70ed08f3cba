"""Smooth-AP: average precision made differentiable, as a module and as a function."""

from torch import Tensor

from marquery.losses.autograd import Backend, Reduction
from marquery.losses.rank_loss import RankLoss, check_options, rank_loss, warn_without_positives
from marquery.losses.surrogates import SmoothAP


class SmoothAPLoss(RankLoss):
    r"""1 − mean average precision of a batch, with ranks smoothed by a sigmoid.

    Every labelled item with at least one other item of its label is a query that ranks all others:

    .. math::
        \mathrm{rank}(i) = 1 + \sum_{j \in R, j \ne i} \sigma\big((s_j - s_i)/\tau\big), \qquad
        L = 1 - \frac1{|Q|} \sum_{q \in Q} \frac1{|P_q|} \sum_{i \in P_q}
            \frac{\mathrm{rank}^+(i)}{\mathrm{rank}(i)}

    with scores s the dot products of the query's embedding with the others' (normalise before for
    cosine similarity), R the ranked items without the query, P_q ⊂ R those of its label and rank⁺
    the same sum over P_q. Source: Brown et al., "Smooth-AP", ECCV 2020, eq. 8; used for logos by
    Yavuz and Kalkan, "Segment Augmentation and Differentiable Ranking for Logo Retrieval", ICPR
    2022.

    Labels may come in any order, classes have any size, items be alone in theirs. Memory is O(B² +
    chunk·B), time O(pairs·B), where pairs are (query, positive) pairs: one large class costs only
    its own pairs. Ranks are computed in float32 at least, also for half-precision embeddings and
    under autocast. The gradient is found together with the value; second derivatives are not
    available.

    Args:
        temperature: τ of the sigmoid; small values are close to true AP and give few items a
            gradient.
        unlabelled: items of this label are only negatives, never queries or positives (the paper's
            class 0). None: every label is a class.
        query_is_positive: the original code's convention: the query is ranked and is one of its
            own positives, so that an item alone in its class counts as a query too. Without effect
            where the query is not among the ranked items (a reference set without it).
        reduction: ``mean`` over queries, ``sum``, or ``none`` for (B,) values, 0 for items that are
            no query.
        chunk_mib: bound of the working memory of the pairs, in MiB, for the eager backend; the
            compiled one needs a few rows of M numbers per thread.
        backend: ``compiled`` is a kernel for float32 on the CPU, ``eager`` is plain PyTorch;
            ``auto`` takes the first where it applies. Both give the same values up to rounding.

    Shapes:
        embeddings (B, D) and labels (B,); optionally ref_embeddings (M, D) and ref_labels (M,);
        output scalar, or (B,) for ``none``, float32 (float64 for float64 embeddings).

    Raises:
        UsageError: an option, a shape or a dtype does not fit.
        MarqueryError: embeddings hold NaN or infinity, or their scores overflow.

    Example:
        >>> import torch
        >>> loss = SmoothAPLoss(temperature=0.01)
        >>> embeddings = torch.eye(3)[[0, 1, 0, 1, 2]].requires_grad_()
        >>> round(float(loss(embeddings, torch.tensor([7, 3, 7, 3, 5])).detach()), 6)
        0.0
    """

    def __init__(
        self,
        temperature: float = 0.01,
        unlabelled: int | None = None,
        query_is_positive: bool = False,
        reduction: Reduction = "mean",
        *,
        chunk_mib: float = 8.0,
        backend: Backend = "auto",
    ) -> None:
        super().__init__(
            unlabelled, query_is_positive, reduction, chunk_mib=chunk_mib, backend=backend
        )
        self.temperature = temperature
        self._shown = ("temperature", *self._shown)
        self.surrogate()

    def surrogate(self) -> SmoothAP:
        """Sigmoids in place of steps."""
        return SmoothAP(self.temperature)


def smooth_ap(
    embeddings: Tensor,
    labels: Tensor,
    ref_embeddings: Tensor | None = None,
    ref_labels: Tensor | None = None,
    *,
    ref_includes_query: bool = False,
    temperature: float = 0.01,
    unlabelled: int | None = None,
    query_is_positive: bool = False,
    reduction: Reduction = "mean",
    chunk_mib: float = 8.0,
    backend: Backend = "auto",
) -> Tensor:
    """Smooth-AP loss as a function: options of :class:`SmoothAPLoss`, inputs of
    :meth:`RankLoss.forward`.
    """
    check_options(reduction, chunk_mib, backend)
    loss, queries = rank_loss(
        SmoothAP(temperature),
        embeddings,
        labels,
        ref_embeddings,
        ref_labels,
        ref_includes_query=ref_includes_query,
        unlabelled=unlabelled,
        query_is_positive=query_is_positive,
        reduction=reduction,
        chunk_mib=chunk_mib,
        backend=backend,
    )
    if not queries:
        warn_without_positives()
    return loss
