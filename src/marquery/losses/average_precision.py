"""1 − smooth AP of each row of a score matrix, and its gradient, without a tensor of triples.

For a query q with ranked items R (itself left out) and positives P ⊂ R, and σ the logistic function,

    rank(i)  = 1 + Σ_{j ∈ R, j ≠ i} σ((s_j − s_i) / τ)      rank⁺(i) = the same over j ∈ P
    AP       = 1/|P| Σ_{i ∈ P} rank⁺(i) / rank(i)

(Brown et al., ECCV 2020, eq. 8). Of every (query, positive) pair only one row of σ is needed at a time, for
the sums and, once they are known, for the derivative

    ∂(−rank⁺/rank)/∂s_j = σ' · rank⁺/rank²  for negatives j,   σ' · (rank⁺/rank² − 1/rank)  for positives j

and minus the sum of these for s_i. So the gradient is finished together with the value.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from marquery.losses.relevance import Ranges


class RowLosses(NamedTuple):
    """1 − AP of each row and, if asked for, its derivative by each score.

    Attributes:
        values: (Q,) in 0…1; 0 for rows without positives.
        gradient: (Q, M), row q holding ∂values[q]/∂scores[q], or None.
    """

    values: Tensor
    gradient: Tensor | None


def row_losses(
    scores: Tensor, ranges: Ranges, temperature: float, *, gradient: bool, chunk_bytes: int
) -> RowLosses:
    """Smooth AP with plain PyTorch operations, on any device and in any precision.

    Args:
        scores: (Q, M) floating-point scores, columns sorted as ``ranges`` says.
        ranges: positives of each row.
        temperature: τ.
        gradient: whether to find the derivative.
        chunk_bytes: (query, positive) pairs are worked through in chunks that stay under this.
    """
    counts = ranges.positives
    ends = counts.cumsum(0)
    pairs = int(ends[-1]) if len(ends) else 0
    columns = torch.arange(scores.shape[1], device=scores.device)
    aps = scores.new_zeros(len(scores))
    slopes = torch.zeros_like(scores) if gradient else None
    # About six numbers are alive for each cell of a chunk.
    step = max(1, chunk_bytes // max(1, 6 * scores.shape[1] * scores.element_size()))
    for first in range(0, pairs, step):
        pair = torch.arange(first, min(first + step, pairs), device=scores.device)
        query = torch.searchsorted(ends, pair, right=True)
        begin, end, own = (x[query, None] for x in ranges[:3])
        item = begin + (pair - ends[query] + counts[query])[:, None]
        if not ranges.own_counts:
            item += (own >= begin) & (item >= own)
        rows = scores[query]
        above = torch.sigmoid((rows - rows.gather(1, item)) / temperature)
        above.scatter_(1, item, 0)
        if not ranges.own_counts:
            above.masked_fill_(columns == own, 0)
        positive = (columns >= begin) & (columns < end)
        positives_above = (above * positive).sum(1, keepdim=True)
        negatives_above = (above * ~positive).sum(1, keepdim=True)
        rank = 1 + positives_above + negatives_above
        share = 1 / counts[query, None].to(scores.dtype)
        aps.index_add_(0, query, ((1 + positives_above) / rank * share)[:, 0])
        if slopes is not None:
            weight = torch.where(positive, -negatives_above, 1 + positives_above)
            slope = above * (1 - above) * weight * (share / (rank * rank * temperature))
            slope.scatter_(1, item, -slope.sum(1, keepdim=True))
            slopes.index_add_(0, query, slope)
    return RowLosses(torch.where(counts > 0, 1 - aps, 0), slopes)
