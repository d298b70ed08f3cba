"""What the losses over ranks share: inputs, checks, options, and a module to build one's own on."""

import warnings
from abc import ABC, abstractmethod
from typing import get_args

import torch
from torch import Tensor, nn

from marquery.errors import UsageError
from marquery.losses.autograd import Backend, RankLossFunction, Reduction
from marquery.losses.relevance import check_finite, check_labels, find_relevance
from marquery.losses.surrogates import RankSurrogate


class RankLoss(nn.Module, ABC):
    """A loss over ranks; subclasses say which surrogate of the rank and which cost.

    Memory is O(B² + chunk·B), time O(pairs·B), where pairs are (query, positive) pairs: one large
    class costs only its own pairs. Ranks are computed in float32 at least, also for half-precision
    embeddings and under autocast. The gradient is found together with the value; second derivatives
    are not available.

    Args:
        unlabelled: items of this label are only negatives, never queries or positives (the paper's
            class 0). None: every label is a class.
        query_is_positive: the query is ranked and is one of its own positives.
        reduction: ``mean`` over queries, ``sum``, or ``none`` for (B,) values, 0 for items that are
            no query.
        chunk_mib: bound of the working memory of the pairs, in MiB, for the eager backend; the
            compiled one needs a few rows of M numbers per thread.
        backend: ``compiled`` is a kernel for float32 on the CPU, ``eager`` is plain PyTorch;
            ``auto`` takes the first where it applies. Both give the same values up to rounding.

    Raises:
        UsageError: an option, a shape or a dtype does not fit.
        MarqueryError: embeddings hold NaN or infinity, or their scores overflow.
    """

    def __init__(
        self,
        unlabelled: int | None = None,
        query_is_positive: bool = False,
        reduction: Reduction = "mean",
        *,
        chunk_mib: float = 8.0,
        backend: Backend = "auto",
    ) -> None:
        super().__init__()
        check_options(reduction, chunk_mib, backend)
        self.unlabelled = unlabelled
        self.query_is_positive = query_is_positive
        self.reduction: Reduction = reduction
        self.chunk_mib = chunk_mib
        self.backend: Backend = backend
        self._warned = False
        self._shown: tuple[str, ...] = ("unlabelled", "query_is_positive", "reduction")

    @abstractmethod
    def surrogate(self) -> RankSurrogate:
        """The steps and the cost, from the module's options as they are now."""

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
        loss, queries = rank_loss(
            self.surrogate(),
            embeddings,
            labels,
            ref_embeddings,
            ref_labels,
            ref_includes_query=ref_includes_query,
            unlabelled=self.unlabelled,
            query_is_positive=self.query_is_positive,
            reduction=self.reduction,
            chunk_mib=self.chunk_mib,
            backend=self.backend,
        )
        if not queries and not self._warned:
            self._warned = True
            warn_without_positives()
        return loss

    def extra_repr(self) -> str:
        """Options as shown by ``repr``."""
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in self._shown)


def rank_loss(
    surrogate: RankSurrogate,
    embeddings: Tensor,
    labels: Tensor,
    ref_embeddings: Tensor | None,
    ref_labels: Tensor | None,
    *,
    ref_includes_query: bool,
    unlabelled: int | None,
    query_is_positive: bool,
    reduction: Reduction,
    chunk_mib: float,
    backend: Backend,
) -> tuple[Tensor, int]:
    """The loss and how many queries it has.

    Options are those of :class:`RankLoss`, inputs those of :meth:`RankLoss.forward`.

    Args:
        surrogate: stands for the step of the rank, with its cost.

    Raises:
        UsageError: the arguments do not fit together.
    """
    labels = check_labels(labels, embeddings, "labels")
    if (ref_embeddings is None) != (ref_labels is None):
        raise UsageError("ref_labels", "goes with ref_embeddings", "give both, or neither")
    embeddings = embeddings.to(torch.promote_types(embeddings.dtype, torch.float32))
    check_finite(embeddings, "embeddings")
    if ref_embeddings is None or ref_labels is None:
        if ref_includes_query:
            raise UsageError(
                "ref_includes_query", "needs a reference set", "give ref_embeddings and ref_labels"
            )
        ref_labels, with_query = labels, True
    else:
        ref_labels = check_labels(ref_labels, ref_embeddings, "ref_labels").to(labels.device)
        ref_embeddings = ref_embeddings.to(embeddings)
        with_query = ref_includes_query
        if ref_embeddings.shape[1] != embeddings.shape[1]:
            raise UsageError(
                "ref_embeddings",
                f"have {ref_embeddings.shape[1]} dimensions, embeddings {embeddings.shape[1]}",
                "give both the same",
            )
        if with_query and not torch.equal(ref_labels[: len(labels)], labels):
            raise UsageError(
                "ref_includes_query",
                "reference item i is query i then, but their labels differ",
                "give the queries first, in their order",
            )
        check_finite(ref_embeddings, "ref_embeddings")
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
    loss: Tensor = RankLossFunction.apply(
        embeddings,
        ref_embeddings,
        relevance,
        surrogate,
        reduction,
        int(chunk_mib * 2**20),
        backend,
    )
    return loss, len(relevance.queries)


def check_options(reduction: str, chunk_mib: float, backend: str) -> None:
    """Refuse options that no loss over ranks has.

    Args:
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.
        chunk_mib: MiB, above 0.
        backend: see :class:`RankLoss`.

    Raises:
        UsageError: an option is out of range.
    """
    if reduction not in get_args(Reduction):
        raise UsageError(
            "reduction",
            f"{reduction!r} is none of {', '.join(get_args(Reduction))}",
            "choose one of them",
        )
    if not 0 < chunk_mib < 2**40:
        raise UsageError("chunk_mib", f"is {chunk_mib}", "give a number of MiB above 0")
    if backend not in get_args(Backend):
        raise UsageError(
            "backend",
            f"{backend!r} is none of {', '.join(get_args(Backend))}",
            "choose one of them",
        )


def warn_without_positives() -> None:
    """Say that a batch teaches nothing."""
    warnings.warn(
        "no item has another of its label to find: the loss is 0 and has no gradient",
        UserWarning,
        stacklevel=3,
    )
