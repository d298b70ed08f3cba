"""Losses over the ranks of each row of a score matrix, and their gradient, without a tensor of
triples.

Of every (query, positive) pair (q, i) only one row of steps is needed at a time: for the sums A and
N of :mod:`~marquery.losses.surrogates` and, once f(A, N) is known, for the derivative

    ∂f/∂s_j = h⁺'(s_j − s_i) · ∂f/∂A  for positives j,    h⁻'(s_j − s_i) · ∂f/∂N  for negatives j

and minus the sum of these for s_i. So the gradient is finished together with the value.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from marquery.losses.relevance import Ranges
from marquery.losses.surrogates import RankSurrogate, ScoreCalibration

#: Numbers alive for each cell of a chunk.
_ALIVE = 6


class RowLosses(NamedTuple):
    """The loss of each row and, if asked for, its derivative by each score.

    Attributes:
        values: (Q,); 0 for rows without positives.
        gradient: (Q, M), row q holding ∂values[q]/∂scores[q], or None.
    """

    values: Tensor
    gradient: Tensor | None


def row_losses(
    scores: Tensor, ranges: Ranges, surrogate: RankSurrogate, *, gradient: bool, chunk_bytes: int
) -> RowLosses:
    """Losses of rows with plain PyTorch operations, on any device and in any precision.

    Args:
        scores: (Q, M) floating-point scores, columns sorted as ``ranges`` says.
        ranges: positives of each row.
        surrogate: the loss.
        gradient: whether to find the derivative.
        chunk_bytes: (query, positive) pairs are worked through in chunks that stay under this.
    """
    counts = ranges.positives
    ends = counts.cumsum(0)
    pairs = int(ends[-1]) if len(ends) else 0
    columns = torch.arange(scores.shape[1], device=scores.device)
    losses = RowLosses(
        scores.new_zeros(len(scores)), torch.zeros_like(scores) if gradient else None
    )
    step = max(1, chunk_bytes // max(1, _ALIVE * scores.shape[1] * scores.element_size()))
    for first in range(0, pairs, step):
        pair = torch.arange(first, min(first + step, pairs), device=scores.device)
        query = torch.searchsorted(ends, pair, right=True)
        begin, end, own = (x[query, None] for x in ranges[:3])
        item = begin + (pair - ends[query] + counts[query])[:, None]
        if not ranges.own_counts:
            item += (own >= begin) & (item >= own)
        positive = (columns >= begin) & (columns < end)
        differences = scores[query]
        differences -= differences.gather(1, item)
        above, rise = surrogate.steps(differences, positive, slopes=gradient)
        del differences
        _leave_out(above, item, None if ranges.own_counts else columns == own)
        above_positive = (above * positive).sum(1, keepdim=True)
        above_negative = above.masked_fill_(positive, 0).sum(1, keepdim=True)
        del above
        found = surrogate.pair_losses(above_positive, above_negative)
        share = 1 / counts[query, None].to(scores.dtype)
        losses.values.index_add_(0, query, (found.values * share)[:, 0])
        if losses.gradient is not None and rise is not None:
            _leave_out(rise, item, None if ranges.own_counts else columns == own)
            rise *= torch.where(positive, found.by_positives * share, found.by_negatives * share)
            rise.scatter_(1, item, -rise.sum(1, keepdim=True))
            losses.gradient.index_add_(0, query, rise)
    if surrogate.calibration is not None:
        _calibrate(losses, scores, ranges, surrogate.calibration, step)
    return losses


def _leave_out(cells: Tensor, item: Tensor, own: Tensor | None) -> None:
    """0 for the pair's item itself and for the query, unless that counts."""
    cells.scatter_(1, item, 0)
    if own is not None:
        cells.masked_fill_(own, 0)


def _calibrate(
    losses: RowLosses, scores: Tensor, ranges: Ranges, calibration: ScoreCalibration, step: int
) -> None:
    """Add the calibration of ``step`` rows at a time."""
    columns = torch.arange(scores.shape[1], device=scores.device)
    queries = torch.nonzero(ranges.positives).flatten()
    for first in range(0, len(queries), step):
        rows = queries[first : first + step]
        begin, end, own = (x[rows, None] for x in ranges[:3])
        inside = (columns >= begin) & (columns < end)
        positive = inside if ranges.own_counts else inside & (columns != own)
        sides = (
            (positive, -1.0, calibration.positive_margin),
            (~inside, 1.0, calibration.negative_margin),
        )
        for side, sign, margin in sides:
            share = calibration.weight / side.sum(1, keepdim=True, dtype=scores.dtype).clamp(min=1)
            excess = ((scores[rows] - margin) * sign).clamp(min=0) * side
            losses.values.index_add_(0, rows, (excess * share).sum(1))
            if losses.gradient is not None:
                losses.gradient.index_add_(0, rows, (excess > 0) * (sign * share))
