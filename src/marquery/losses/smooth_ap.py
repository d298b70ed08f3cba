"""Smooth-AP: average precision made differentiable, as a module and as a function."""

import warnings
from typing import get_args

import torch
from torch import Tensor, nn

from marquery.errors import UsageError
from marquery.losses.autograd import Backend, Reduction, SmoothAPFunction
from marquery.losses.relevance import check_labels, find_relevance


class SmoothAPLoss(nn.Module):
    r"""1 − mean average precision of a batch, with ranks smoothed by a sigmoid.

    Every labelled item with at least one other item of its label is a query that ranks all others:

    .. math::
        \mathrm{rank}(i) = 1 + \sum_{j \in R, j \ne i} \sigma\big((s_j - s_i)/\tau\big), \qquad
        L = 1 - \frac1{|Q|} \sum_{q \in Q} \frac1{|P_q|} \sum_{i \in P_q}
            \frac{\mathrm{rank}^+(i)}{\mathrm{rank}(i)}

    with scores s the dot products of the query's embedding with the others' (normalise before for cosine
    similarity), R the ranked items without the query, P_q ⊂ R those of its label and rank⁺ the same sum
    over P_q. Source: Brown et al., "Smooth-AP", ECCV 2020, eq. 8; used for logos by Yavuz and Kalkan,
    "Segment Augmentation and Differentiable Ranking for Logo Retrieval", ICPR 2022.

    Labels may come in any order, classes have any size, items be alone in theirs. Memory is O(B² + chunk·B),
    time O(pairs·B), where pairs are (query, positive) pairs: one large class costs only its own pairs. Ranks
    are computed in float32 at least, also for half-precision embeddings and under autocast.

    Args:
        temperature: τ of the sigmoid; small values are close to true AP and give few items a gradient.
        unlabelled: items of this label are only negatives, never queries or positives (the paper's
            class 0). None: every label is a class.
        query_is_positive: the original code's convention: the query is ranked and is one of its
            own positives, so that an item alone in its class counts as a query too. Without effect
            where the query is not among the ranked items (a reference set without it).
        reduction: ``mean`` over queries, ``sum``, or ``none`` for (B,) values, 0 for items that are no query.
        chunk_mib: bound of the working memory of the pairs, in MiB, for the eager backend; the
            compiled one needs a few rows of M numbers per thread.
        backend: ``compiled`` is a kernel for float32 on the CPU, ``eager`` is plain PyTorch; ``auto`` takes
            the first where it applies. Both give the same values up to rounding.

    Shapes:
        embeddings (B, D) and labels (B,); optionally ref_embeddings (M, D) and ref_labels (M,); output
        scalar, or (B,) for ``none``, float32 (float64 for float64 embeddings).

    Raises:
        UsageError: an option, a shape or a dtype does not fit.

    Example:
        >>> loss = SmoothAPLoss(temperature=0.01)
        >>> embeddings = torch.eye(3)[[0, 1, 0, 1, 2]].requires_grad_()
        >>> float(loss(embeddings, torch.tensor([7, 3, 7, 3, 5])).detach())
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
        super().__init__()
        _check_options(temperature, reduction, chunk_mib, backend)
        self.temperature = temperature
        self.unlabelled = unlabelled
        self.query_is_positive = query_is_positive
        self.reduction: Reduction = reduction
        self.chunk_mib = chunk_mib
        self.backend: Backend = backend
        self._warned = False

    def forward(
        self,
        embeddings: Tensor,
        labels: Tensor,
        ref_embeddings: Tensor | None = None,
        ref_labels: Tensor | None = None,
        *,
        ref_includes_query: bool = False,
    ) -> Tensor:
        """The loss of a batch, or of a batch ranking a reference set.

        Args:
            embeddings: (B, D) queries, and the ranked items if there is no reference set.
            labels: (B,) integers.
            ref_embeddings: (M, D); if given, only these are ranked. They get a gradient too.
            ref_labels: (M,) integers.
            ref_includes_query: reference item i is query i, and is left out of its own ranking.
        """
        loss, queries = _smooth_ap(
            embeddings,
            labels,
            ref_embeddings,
            ref_labels,
            ref_includes_query=ref_includes_query,
            temperature=self.temperature,
            unlabelled=self.unlabelled,
            query_is_positive=self.query_is_positive,
            reduction=self.reduction,
            chunk_mib=self.chunk_mib,
            backend=self.backend,
        )
        if not queries and not self._warned:
            self._warned = True
            _warn_without_positives()
        return loss

    def extra_repr(self) -> str:
        """Options as shown by ``repr``."""
        return (
            f"temperature={self.temperature}, unlabelled={self.unlabelled}, "
            f"query_is_positive={self.query_is_positive}, reduction={self.reduction!r}"
        )


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
    """Smooth-AP loss as a function; see :class:`SmoothAPLoss` for arguments, shapes and source."""
    _check_options(temperature, reduction, chunk_mib, backend)
    loss, queries = _smooth_ap(
        embeddings,
        labels,
        ref_embeddings,
        ref_labels,
        ref_includes_query=ref_includes_query,
        temperature=temperature,
        unlabelled=unlabelled,
        query_is_positive=query_is_positive,
        reduction=reduction,
        chunk_mib=chunk_mib,
        backend=backend,
    )
    if not queries:
        _warn_without_positives()
    return loss


def _smooth_ap(
    embeddings: Tensor,
    labels: Tensor,
    ref_embeddings: Tensor | None,
    ref_labels: Tensor | None,
    *,
    ref_includes_query: bool,
    temperature: float,
    unlabelled: int | None,
    query_is_positive: bool,
    reduction: Reduction,
    chunk_mib: float,
    backend: Backend,
) -> tuple[Tensor, int]:
    """The loss and how many queries it has."""
    labels = check_labels(labels, embeddings, "labels")
    if (ref_embeddings is None) != (ref_labels is None):
        raise UsageError("give ref_embeddings and ref_labels together, or neither")
    precision = torch.promote_types(embeddings.dtype, torch.float32)
    embeddings = embeddings.to(precision)
    if ref_embeddings is None or ref_labels is None:
        if ref_includes_query:
            raise UsageError("ref_includes_query needs ref_embeddings and ref_labels")
        ref_labels, with_query = labels, True
    else:
        ref_labels = check_labels(ref_labels, ref_embeddings, "ref_labels")
        ref_embeddings = ref_embeddings.to(embeddings)
        with_query = ref_includes_query
        if ref_embeddings.shape[1] != embeddings.shape[1]:
            raise UsageError(
                f"embeddings have {embeddings.shape[1]} dimensions, ref_embeddings "
                f"{ref_embeddings.shape[1]}; give both the same"
            )
        if with_query and not torch.equal(ref_labels[: len(labels)], labels):
            raise UsageError(
                "ref_includes_query says that reference item i is query i, but their labels differ"
            )
    relevance = find_relevance(
        labels,
        ref_labels,
        ranked_with_query=with_query,
        unlabelled=unlabelled,
        query_is_positive=query_is_positive,
    )
    if not torch.is_grad_enabled():
        # Inside the function inputs say that they need a gradient even where none is recorded.
        embeddings = embeddings.detach()
        ref_embeddings = None if ref_embeddings is None else ref_embeddings.detach()
    loss: Tensor = SmoothAPFunction.apply(
        embeddings,
        ref_embeddings,
        relevance,
        temperature,
        reduction,
        int(chunk_mib * 2**20),
        backend,
    )
    return loss, len(relevance.queries)


def _check_options(temperature: float, reduction: str, chunk_mib: float, backend: str) -> None:
    if not temperature > 0:
        raise UsageError(f"temperature is {temperature}; give a number above 0")
    if reduction not in get_args(Reduction):
        raise UsageError(
            f"unknown reduction {reduction!r}; choose one of {', '.join(get_args(Reduction))}"
        )
    if not chunk_mib > 0:
        raise UsageError(f"chunk_mib is {chunk_mib}; give a number of MiB above 0")
    if backend not in get_args(Backend):
        raise UsageError(
            f"unknown backend {backend!r}; choose one of {', '.join(get_args(Backend))}"
        )


def _warn_without_positives() -> None:
    warnings.warn(
        "no item has another of its label to find: the Smooth-AP loss is 0 and has no gradient",
        UserWarning,
        stacklevel=3,
    )
