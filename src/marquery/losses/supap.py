"""SupAP and its calibration: the ROADMAP loss."""

from marquery.errors import UsageError
from marquery.losses.autograd import Backend, Reduction
from marquery.losses.rank_loss import RankLoss
from marquery.losses.surrogates import ScoreCalibration, SupAP


class SupAPLoss(RankLoss):
    r"""An upper bound of 1 − average precision whose gradient does not vanish, and optionally
    calibration.

    Smooth-AP with the exact step for positives and a step from above for negatives:

    .. math::
        \mathrm{rank}^+(i) = 1 + \sum_{j \in P_q, j \ne i} [s_j > s_i], \qquad
        \mathrm{rank}^-(i) = \sum_{j \in R \setminus P_q} H^-(s_j - s_i), \qquad
        L_q = 1 - \frac1{|P_q|} \sum_{i \in P_q}
              \frac{\mathrm{rank}^+(i)}{\mathrm{rank}^+(i) + \mathrm{rank}^-(i)}

    .. math::
        H^-(x) = \begin{cases} \sigma(x/\tau) & x < 0 \\
            \sigma(x/\tau) + 1/2 & 0 \le x \le \delta \\
            \rho\,(x - \delta) + \sigma(\delta/\tau) + 1/2 & x > \delta \end{cases}

    H⁻ is at least the step, and a tied negative counts in full, a tied positive not at all, so L_q
    ≥ 1 − AP in whatever order ties are put. Beyond δ the slope is ρ however wrong the order is,
    where Smooth-AP's sigmoid is flat. Positives are moved only against negatives, never against
    each other. The calibration,

    .. math::
        C_q = \frac1{|P_q|} \sum_{i \in P_q} \max(0, \alpha - s_i)
            + \frac1{|N_q|} \sum_{j \in N_q} \max(0, s_j - \beta), \qquad
        L = \frac1{|Q|} \sum_q (1 - \lambda)\, L_q + \lambda\, C_q,

    holds the scores of all queries to one scale, so that an average over batches means more for the
    whole set. Source: Ramzi et al., "Robust and Decomposable Average Precision for Image Retrieval"
    (ROADMAP), NeurIPS 2021: H⁻, SupAP and the calibration loss. (Their code starts the straight
    part at 1.44, a little under the 1.493 that continues the sigmoid, and counts a tied positive as
    ahead.)

    Args:
        temperature: τ.
        slope: ρ ≥ 0 of the straight part.
        linear_from: δ ≥ 0, the difference of scores from which H⁻ is straight.
        calibration: λ in 0…1; 0 is SupAP alone, 0.5 ROADMAP.
        positive_margin: α, scores of positives under it cost.
        negative_margin: β, scores of negatives over it cost.
        unlabelled, query_is_positive, reduction, chunk_mib, backend: as for
            :class:`~marquery.losses.SmoothAPLoss`, also inputs, shapes, errors and cost.
    """

    def __init__(
        self,
        temperature: float = 0.01,
        slope: float = 100.0,
        linear_from: float = 0.05,
        calibration: float = 0.0,
        positive_margin: float = 0.9,
        negative_margin: float = 0.6,
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
        self.slope = slope
        self.linear_from = linear_from
        self.calibration = calibration
        self.positive_margin = positive_margin
        self.negative_margin = negative_margin
        self._shown = ("temperature", "slope", "linear_from", "calibration", *self._shown)
        self.surrogate()

    def surrogate(self) -> SupAP:
        """Exact steps for positives, steps from above for negatives.

        Raises:
            UsageError: an option is out of range.
        """
        if not 0 <= self.calibration <= 1:
            raise UsageError("calibration", f"is {self.calibration}", "give a weight from 0 to 1")
        calibration = None
        if self.calibration > 0:
            calibration = ScoreCalibration(
                self.calibration, self.positive_margin, self.negative_margin
            )
        return SupAP(
            self.temperature, self.slope, self.linear_from, 1 - self.calibration, calibration
        )
