"""The Recall@k surrogate."""

from collections.abc import Iterable

from marquery.losses.autograd import Backend, Reduction
from marquery.losses.rank_loss import RankLoss
from marquery.losses.surrogates import RecallAtK


class RecallAtKLoss(RankLoss):
    r"""1 − the share of positives among the first k, averaged over several k, smoothed by two
    sigmoids.

    .. math::
        L = \frac1{|Q|} \sum_{q \in Q} \frac1{|K|} \sum_{k \in K}
            \Big( 1 - \frac1{|P_q|} \sum_{i \in P_q}
            \sigma\big((k - \mathrm{rank}(i))/\tau_1\big) \Big), \qquad
        \mathrm{rank}(i) = 1 + \sum_{j \in R, j \ne i} \sigma\big((s_j - s_i)/\tau_2\big)

    with s, R and P_q as for :class:`~marquery.losses.SmoothAPLoss`. A positive just at rank k
    counts half, so the loss of a perfect ranking is not 0; positives also push each other down,
    since they share the first k places. Source: Patel, Tolias, Matas, "Recall@k Surrogate Loss with
    Large Batches and Similarity Mixup", CVPR 2022, the loss without mixup. (Their code divides by
    min(k, \|P_q\|) and cuts the sum off at k.)

    Args:
        k: one or several whole numbers from 1.
        temperature: τ₂, of the ranks.
        k_temperature: τ₁, of the cut-off, in ranks.
        unlabelled, reduction, chunk_mib, backend: as for :class:`~marquery.losses.SmoothAPLoss`,
            also inputs, shapes, errors and cost.
    """

    def __init__(
        self,
        k: Iterable[int] = (1, 2, 4, 8, 16),
        temperature: float = 0.01,
        k_temperature: float = 1.0,
        unlabelled: int | None = None,
        reduction: Reduction = "mean",
        *,
        chunk_mib: float = 8.0,
        backend: Backend = "auto",
    ) -> None:
        super().__init__(unlabelled, False, reduction, chunk_mib=chunk_mib, backend=backend)
        self.k = tuple(k)
        self.temperature = temperature
        self.k_temperature = k_temperature
        self._shown = ("k", "temperature", "k_temperature", "unlabelled", "reduction")
        self.surrogate()

    def surrogate(self) -> RecallAtK:
        """Sigmoids in place of steps, sigmoids in place of cut-offs."""
        return RecallAtK(self.k, self.temperature, self.k_temperature)
