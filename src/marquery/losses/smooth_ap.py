"""Smooth-AP: average precision made differentiable, as a module and as a function."""

import warnings
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from marquery.errors import UsageError
from marquery.losses.average_precision import RowLosses, row_losses
from marquery.losses.relevance import Ranges, Relevance, check_labels, find_relevance

Reduction = Literal["mean", "sum", "none"]
Backend = Literal["auto", "compiled", "eager"]


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
        chunk_mib: bound of the working memory of the pairs, in MiB (per thread).
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
    loss: Tensor = _SmoothAP.apply(
        embeddings,
        ref_embeddings,
        relevance,
        temperature,
        reduction,
        int(chunk_mib * 2**20),
        backend,
    )
    return loss, len(relevance.queries)


class _SmoothAP(torch.autograd.Function):
    """Value and gradient by score in the forward pass; the backward pass is matrix products only.

    Two products in all, as for the scores alone, if most of a batch are queries: then the scores are
    symmetric in the embeddings, and with G = ∂L/∂S both sides are served by (G + Gᵀ)E.
    """

    @staticmethod
    def forward(
        ctx: Any,
        embeddings: Tensor,
        ref_embeddings: Tensor | None,
        relevance: Relevance,
        temperature: float,
        reduction: Reduction,
        chunk_bytes: int,
        backend: Backend,
    ) -> Tensor:
        queries, order = relevance.queries, relevance.order
        ranked = embeddings if ref_embeddings is None else ref_embeddings
        columns = ranked if order is None else ranked[order]
        symmetric = ref_embeddings is None and 2 * len(queries) > len(embeddings)
        if symmetric:
            # All rows, those of no query with an empty range, in the order of the columns.
            items = order
            rows = columns
        else:
            items = queries
            rows = embeddings[queries]
        ranges = relevance.ranges if items is None else relevance.ranges.rows(items)
        needs_gradient = any(ctx.needs_input_grad[:2])
        with torch.autocast(embeddings.device.type, enabled=False):
            scores = rows @ columns.T
        losses = _row_losses(scores, ranges, temperature, needs_gradient, chunk_bytes, backend)
        ctx.symmetric, ctx.reduction, ctx.count = symmetric, reduction, max(len(queries), 1)
        ctx.self_ranked, ctx.batch = ref_embeddings is None, len(embeddings)
        ctx.save_for_backward(losses.gradient, rows, columns, items, order)
        if reduction == "none":
            values = embeddings.new_zeros(len(embeddings))
            values[slice(None) if items is None else items] = losses.values
            return values
        total = losses.values.sum()
        return total / ctx.count if reduction == "mean" else total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        slopes, rows, columns, items, order = ctx.saved_tensors
        with torch.autocast(grad.device.type, enabled=False):
            if ctx.symmetric and ctx.reduction != "none":
                scale = grad / ctx.count if ctx.reduction == "mean" else grad
                return _unsorted(((slopes + slopes.T) @ columns).mul_(scale), order), *(None,) * 6
            if ctx.reduction == "none":
                weight = (grad if items is None else grad[items])[:, None]
            else:
                weight = grad / ctx.count if ctx.reduction == "mean" else grad
            by_row = (slopes @ columns).mul_(weight)
            by_column = _unsorted(slopes.T @ (rows * weight), order)
        if ctx.self_ranked:
            index = torch.arange(len(by_row), device=grad.device) if items is None else items
            return by_column.index_add_(0, index, by_row), *(None,) * 6
        by_query = by_row.new_zeros((ctx.batch, by_row.shape[1]))
        return by_query.index_add_(0, items, by_row), by_column, *(None,) * 5


def _unsorted(columns: Tensor, order: Tensor | None) -> Tensor:
    """Rows back from the order of the columns to the order in which they came."""
    if order is None:
        return columns
    return torch.empty_like(columns).index_copy_(0, order, columns)


def _row_losses(
    scores: Tensor,
    ranges: Ranges,
    temperature: float,
    gradient: bool,
    chunk_bytes: int,
    backend: Backend,
) -> RowLosses:
    """Rows by the backend that was asked for, or by the fastest that applies."""
    fits = scores.device.type == "cpu" and scores.dtype == torch.float32
    if backend == "compiled" and not fits:
        raise UsageError(
            f"backend 'compiled' takes float32 on the CPU, not {scores.dtype} on {scores.device}; "
            "use 'auto'"
        )
    if backend != "eager" and fits:
        try:
            from marquery.losses.compiled import compiled_row_losses
        except (ImportError, RuntimeError):
            # No numba, or no folder where it may keep what it compiles.
            if backend == "compiled":
                raise
        else:
            return compiled_row_losses(scores, ranges, temperature, gradient=gradient)
    return row_losses(scores, ranges, temperature, gradient=gradient, chunk_bytes=chunk_bytes)


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
