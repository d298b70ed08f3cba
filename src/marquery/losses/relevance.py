"""Who is a query and which ranked items are its positives, for labels in any order and classes of
any size.

The ranked items are sorted by label once, so that each query's positives are one range of columns:
no B x B mask, no list of pairs, no padding to the largest class.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from marquery.errors import MarqueryError, UsageError


class Ranges(NamedTuple):
    """Of each row of a score matrix: its positives' columns and the row's own column.

    Attributes:
        begin, end: (Q,) int64; positives are the columns begin … end, the row's own item among them
            if ranked.
        own: (Q,) int64 column of the query itself, -1 where it is not among the columns.
        own_counts: whether the query is ranked and one of its own positives; else its column is
            left out.
    """

    begin: Tensor
    end: Tensor
    own: Tensor
    own_counts: bool

    @property
    def positives(self) -> Tensor:
        """(Q,) int64 number of positives."""
        own = 0 if self.own_counts else (self.own >= 0).long()
        return torch.where(self.end > self.begin, self.end - self.begin - own, 0)

    def rows(self, index: Tensor | slice) -> "Ranges":
        """The ranges of some rows."""
        return Ranges(self.begin[index], self.end[index], self.own[index], self.own_counts)


@dataclass(frozen=True)
class Relevance:
    """Columns sorted by label, and every item's range in them.

    Attributes:
        order: (M,) int64 ranked items in the order of the columns; None if they are in it already.
        ranges: of all B items, empty for those that are no query.
        queries: (Q,) int64 items with at least one positive, ascending.
    """

    order: Tensor | None
    ranges: Ranges
    queries: Tensor


def find_relevance(
    labels: Tensor,
    ref_labels: Tensor,
    *,
    ranked_with_query: bool,
    unlabelled: int | None,
    query_is_positive: bool,
) -> Relevance:
    """Sort the ranked items and find each query's positives.

    Args:
        labels: (B,) int64.
        ref_labels: (M,) int64 of the ranked items.
        ranked_with_query: ranked item i is item i itself.
        unlabelled: label of items that are neither queries nor positives.
        query_is_positive: a query that is among the ranked items is one of its positives.
    """
    columns, order = torch.sort(ref_labels, stable=True)
    sorted_already = bool((order[1:] > order[:-1]).all())
    begin = torch.searchsorted(columns, labels)
    end = torch.searchsorted(columns, labels, right=True)
    if unlabelled is not None:
        end = torch.where(labels == unlabelled, begin, end)
    own = torch.full_like(begin, -1)
    if ranked_with_query:
        place = torch.empty_like(order)
        place[order] = torch.arange(len(order), device=order.device)
        own = place[: len(labels)]
    ranges = Ranges(begin, end, own, query_is_positive)
    return Relevance(
        None if sorted_already else order, ranges, torch.nonzero(ranges.positives).flatten()
    )


def check_labels(labels: Tensor, embeddings: Tensor, name: str) -> Tensor:
    """Labels as (B,) int64 on the embeddings' device.

    Args:
        labels: (B,) integers.
        embeddings: (B, D) floating point.
        name: what the labels are called in an error.

    Raises:
        UsageError: embeddings are not a (B, D) floating-point matrix, or labels not B integers.
    """
    if embeddings.dim() != 2 or not embeddings.is_floating_point():
        raise UsageError(
            name,
            f"their embeddings have shape {tuple(embeddings.shape)} of {embeddings.dtype}",
            "give floating-point numbers of shape (items, dim)",
        )
    labels = torch.as_tensor(labels, device=embeddings.device)
    if labels.shape != embeddings.shape[:1]:
        raise UsageError(
            name,
            f"have shape {tuple(labels.shape)} for {embeddings.shape[0]} embeddings",
            "give one each",
        )
    if labels.is_floating_point() or labels.is_complex():
        raise UsageError(name, f"are {labels.dtype}", "give integers")
    return labels.long()


def check_finite(embeddings: Tensor, name: str) -> None:
    """Refuse embeddings that are no numbers: a loss would be NaN, or 0 as if there were no error.

    Args:
        embeddings: (B, D), float32 or finer.
        name: what an error calls them.

    Raises:
        MarqueryError: an item is NaN or infinite.
    """
    # A sum is one pass and finite only if no item is NaN or infinite; the converse is asked only
    # then.
    if not embeddings.detach().sum().isfinite():
        bad = ~embeddings.detach().isfinite().all(1)
        if bad.any():
            raise MarqueryError(
                f"{name} hold NaN or infinity in {int(bad.sum())} of {len(bad)} rows, the first "
                f"{int(bad.nonzero()[0])}; a lower learning rate or higher precision may keep them "
                "finite"
            )
