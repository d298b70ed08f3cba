"""A loss over ranks as one differentiable step from embeddings to loss."""

import warnings
from functools import cache
from typing import Any, Literal

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from marquery.errors import MarqueryError, UsageError
from marquery.losses.pairs import RowLosses, row_losses
from marquery.losses.relevance import Ranges, Relevance
from marquery.losses.surrogates import RankSurrogate

Reduction = Literal["mean", "sum", "none"]
Backend = Literal["auto", "compiled", "eager"]


class RankLossFunction(torch.autograd.Function):
    """Value and gradient by score in the forward pass; the backward pass is matrix products only.

    Two products in all, as for the scores alone, if most of a batch are queries: then the scores
    are symmetric in the embeddings, and with G = ∂L/∂S both sides are served by (G + Gᵀ)E. If few
    are, as in the paper's batch of four, only their rows of S are computed.
    """

    @staticmethod
    def forward(
        ctx: Any,
        embeddings: Tensor,
        ref_embeddings: Tensor | None,
        relevance: Relevance,
        surrogate: RankSurrogate,
        reduction: Reduction,
        chunk_bytes: int,
        backend: Backend,
    ) -> Tensor:
        """(B, D) embeddings [and (M, D) references], checked and of one precision, to the loss.

        Args:
            ctx: what the backward pass needs is kept here.
            embeddings: (B, D).
            ref_embeddings: (M, D); None: the batch is ranked against itself.
            relevance: which items are relevant to which query.
            surrogate: stands for the step of the rank.
            reduction: ``"mean"``, ``"sum"`` or ``"none"``.
            chunk_bytes: memory for intermediate results.
            backend: compiled loops or tensor operations.

        Raises:
            MarqueryError: scores leave the range of the floating-point type.
        """
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
        losses = _row_losses(scores, ranges, surrogate, needs_gradient, chunk_bytes, backend)
        total = losses.values.sum()
        if not total.isfinite():
            raise MarqueryError(
                f"the scores of these embeddings leave the range of {scores.dtype}; normalise the "
                "embeddings"
            )
        ctx.symmetric, ctx.reduction, ctx.count = symmetric, reduction, max(len(queries), 1)
        ctx.self_ranked, ctx.batch = ref_embeddings is None, len(embeddings)
        ctx.save_for_backward(losses.gradient, rows, columns, items, order)
        if reduction == "none":
            values = embeddings.new_zeros(len(embeddings))
            values[slice(None) if items is None else items] = losses.values
            return values
        return total / ctx.count if reduction == "mean" else total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients by embeddings and references."""
        slopes, rows, columns, items, order = ctx.saved_tensors
        with torch.autocast(grad.device.type, enabled=False):
            if ctx.symmetric and ctx.reduction != "none":
                scale = grad / ctx.count if ctx.reduction == "mean" else grad
                return _unsorted(((slopes + slopes.T) @ columns).mul_(scale), order), *(None,) * 6
            if ctx.reduction == "none":
                weight = (grad if items is None else grad[items])[:, None]
            else:
                weight = grad / ctx.count if ctx.reduction == "mean" else grad
            by_row = by_column = None
            if ctx.needs_input_grad[0]:
                by_row = (slopes @ columns).mul_(weight)
            if ctx.self_ranked or ctx.needs_input_grad[1]:
                # References that are only remembered, as a memory of past batches, cost no product.
                by_column = _unsorted(slopes.T @ (rows * weight), order)
        if by_row is None:
            return None, by_column, *(None,) * 5
        if ctx.self_ranked and by_column is not None:
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
    surrogate: RankSurrogate,
    gradient: bool,
    chunk_bytes: int,
    backend: Backend,
) -> RowLosses:
    """Rows by the backend that was asked for, or by the fastest that applies."""
    fits = scores.device.type == "cpu" and scores.dtype == torch.float32
    if backend == "compiled" and not fits:
        raise UsageError(
            "backend",
            f"'compiled' takes float32 on the CPU, not {scores.dtype} on {scores.device}",
            "use 'auto'",
        )
    if backend != "eager" and fits:
        try:
            from marquery.losses.compiled import compiled_row_losses, find_kernel
        except (ImportError, RuntimeError):
            # No numba, or no folder where it may keep what it compiles.
            if backend == "compiled":
                raise
        else:
            kernel = find_kernel(surrogate)
            if kernel is not None:
                return compiled_row_losses(scores, ranges, kernel, gradient=gradient)
            if backend == "compiled":
                raise UsageError(
                    "backend",
                    f"'compiled' has no kernel for {type(surrogate).__name__}",
                    "use 'auto'",
                )
            _tell_slow(type(surrogate))
    return row_losses(scores, ranges, surrogate, gradient=gradient, chunk_bytes=chunk_bytes)


@cache
def _tell_slow(surrogate: type[RankSurrogate]) -> None:
    """Say, once for each class, that no kernel computes it."""
    warnings.warn(
        f"{surrogate.__name__} has no compiled kernel: it is computed in plain PyTorch, which is "
        "slower; backend='eager' says that this is meant",
        UserWarning,
        stacklevel=2,
    )
