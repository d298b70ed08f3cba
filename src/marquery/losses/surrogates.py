"""What takes the place of a rank's step function, and what a rank costs: one class for each loss.

With s the scores of a query, R its ranked items (itself left out) and P ⊂ R its positives, every
loss here is

    L_q = 1/|P| Σ_{i ∈ P} f(A_i, N_i),
    A_i = Σ_{j ∈ P, j ≠ i} h⁺(s_j − s_i),    N_i = Σ_{j ∈ R \\ P} h⁻(s_j − s_i)

where h⁺ and h⁻ stand for the step 1[s_j > s_i], so that 1 + A_i + N_i is the rank of i. A surrogate
gives h⁺, h⁻ and f with their derivatives; :mod:`~marquery.losses.pairs` does the sums.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from marquery.errors import UsageError


class PairLosses(NamedTuple):
    """f of each (query, positive) pair and its derivatives.

    Attributes:
        values: (N, 1) f(A, N).
        by_positives: (N, 1) ∂f/∂A.
        by_negatives: (N, 1) ∂f/∂N.
    """

    values: Tensor
    by_positives: Tensor
    by_negatives: Tensor


class KernelOptions(NamedTuple):
    """A surrogate in plain numbers, as :mod:`~marquery.losses.compiled` computes it.

    Attributes:
        temperature: τ of the sigmoid.
        bound: whether h⁺ is the exact step and h⁻ lies above it (SupAP).
        slope: ρ of that.
        linear_from: δ of that.
        linear_start: h⁻(δ) of that.
        weight: factor of the loss of ranks.
        calibration: weight of the calibration, 0 for none.
        positive_margin: of the calibration.
        negative_margin: of the calibration.
        k_temperature: τ₁ of Recall@k, whose cut-offs are handed over apart.
    """

    temperature: float
    bound: bool = False
    slope: float = 0.0
    linear_from: float = 0.0
    linear_start: float = 0.0
    weight: float = 1.0
    calibration: float = 0.0
    positive_margin: float = 0.0
    negative_margin: float = 0.0
    k_temperature: float = 1.0


#: Options of the compiled kernel, and the cut-offs k of Recall@k (none for average precision).
Kernel = tuple[KernelOptions, tuple[float, ...]]


class RankSurrogate(ABC):
    """Steps h⁺, h⁻ and a cost f of ranks; a loss of one's own implements :meth:`steps` and
    :meth:`pair_losses`.

    A surrogate that is one of the family that :class:`KernelOptions` describes also gives
    :meth:`kernel`; others are computed in plain PyTorch, which takes some hundred times as long on
    a CPU and is said once.
    """

    #: What is added to each query's loss, if anything; see :class:`ScoreCalibration`.
    calibration: "ScoreCalibration | None" = None

    def kernel(self) -> Kernel | None:
        """The numbers with which the compiled kernel computes this surrogate; None if it cannot."""
        return None

    @abstractmethod
    def steps(
        self, differences: Tensor, positive: Tensor, slopes: bool
    ) -> tuple[Tensor, Tensor | None]:
        """h(s_j − s_i) and, if asked for, its slope.

        Args:
            differences: (N, M) s_j − s_i, which may be overwritten.
            positive: (N, M) bool, where h⁺ counts; h⁻ elsewhere.
            slopes: whether to give the second.
        """

    @abstractmethod
    def pair_losses(self, above_positive: Tensor, above_negative: Tensor) -> PairLosses:
        """f and its derivatives at A and N, (N, 1) each."""


@dataclass(frozen=True)
class ScoreCalibration:
    r"""A contrastive term on the scores themselves, so that those of different queries can be
    compared.

    weight · (mean of max(0, positive_margin − s) over positives + mean of max(0, s −
    negative_margin) over negatives). Source: Ramzi et al., "Robust and Decomposable Average
    Precision for Image Retrieval", NeurIPS 2021, the calibration loss.
    """

    weight: float
    positive_margin: float
    negative_margin: float


@dataclass(frozen=True)
class SmoothAP(RankSurrogate):
    """h⁺ = h⁻ = σ(·/τ), f = 1 − (1 + A)/(1 + A + N): Brown et al., ECCV 2020."""

    temperature: float

    def __post_init__(self) -> None:
        check_temperature("temperature", self.temperature)

    def kernel(self) -> Kernel:
        """τ alone."""
        return KernelOptions(float(self.temperature)), ()

    def steps(
        self, differences: Tensor, positive: Tensor, slopes: bool
    ) -> tuple[Tensor, Tensor | None]:
        """The logistic function, which is its own derivative's ingredient."""
        return sigmoid_steps(differences, self.temperature, slopes)

    def pair_losses(self, above_positive: Tensor, above_negative: Tensor) -> PairLosses:
        """1 − rank⁺/rank, written as N/rank, which keeps its digits where it is small."""
        return missing_precision(above_positive, above_negative)


@dataclass(frozen=True)
class SupAP(RankSurrogate):
    """h⁺ the exact step, h⁻ above it everywhere, f as for Smooth-AP: Ramzi et al., NeurIPS 2021."""

    temperature: float
    slope: float
    linear_from: float
    weight: float = 1.0
    calibration: ScoreCalibration | None = None

    def __post_init__(self) -> None:
        check_temperature("temperature", self.temperature)
        if not 0 <= self.slope < math.inf:
            raise UsageError("slope", f"is {self.slope}", "give a number from 0")
        if not 0 <= self.linear_from < math.inf:
            raise UsageError("linear_from", f"is {self.linear_from}", "give a number from 0")

    @property
    def linear_start(self) -> float:
        """h⁻ where its straight part begins."""
        return 0.5 + 1 / (1 + math.exp(-min(self.linear_from / self.temperature, 700.0)))

    def kernel(self) -> Kernel:
        """With the straight part and the calibration."""
        term = self.calibration
        options = KernelOptions(
            float(self.temperature),
            bound=True,
            slope=float(self.slope),
            linear_from=float(self.linear_from),
            linear_start=self.linear_start,
            weight=float(self.weight),
            calibration=0.0 if term is None else float(term.weight),
            positive_margin=0.0 if term is None else float(term.positive_margin),
            negative_margin=0.0 if term is None else float(term.negative_margin),
        )
        return options, ()

    def steps(
        self, differences: Tensor, positive: Tensor, slopes: bool
    ) -> tuple[Tensor, Tensor | None]:
        """Step of positives; sigmoid, raised sigmoid, straight line of negatives."""
        ahead = differences > 0
        linear = differences > self.linear_from
        line = (differences - self.linear_from).mul_(self.slope).add_(self.linear_start)
        raised = differences >= 0
        above, rise = sigmoid_steps(differences, self.temperature, slopes)
        above += 0.5 * raised
        above = torch.where(linear, line, above)
        above = torch.where(positive, ahead.to(above.dtype), above)
        if rise is not None:
            rise.masked_fill_(linear, self.slope).masked_fill_(positive, 0)
        return above, rise

    def pair_losses(self, above_positive: Tensor, above_negative: Tensor) -> PairLosses:
        """Smooth-AP's, times the weight that the calibration leaves."""
        found = missing_precision(above_positive, above_negative)
        return PairLosses(*(self.weight * x for x in found))


@dataclass(frozen=True)
class RecallAtK(RankSurrogate):
    """h⁺ = h⁻ = σ(·/τ₂), f = 1 − mean over k of σ((k − rank)/τ₁): Patel et al., CVPR 2022."""

    k: tuple[int, ...]
    temperature: float
    k_temperature: float

    def __post_init__(self) -> None:
        check_temperature("temperature", self.temperature)
        check_temperature("k_temperature", self.k_temperature)
        if not self.k or any(k != int(k) or k < 1 for k in self.k):
            raise UsageError("k", f"is {self.k}", "give one or more whole numbers from 1")

    def kernel(self) -> Kernel:
        """With the cut-offs."""
        options = KernelOptions(float(self.temperature), k_temperature=float(self.k_temperature))
        return options, tuple(map(float, self.k))

    def steps(
        self, differences: Tensor, positive: Tensor, slopes: bool
    ) -> tuple[Tensor, Tensor | None]:
        """As for Smooth-AP."""
        return sigmoid_steps(differences, self.temperature, slopes)

    def pair_losses(self, above_positive: Tensor, above_negative: Tensor) -> PairLosses:
        """How much of each cut-off k the rank misses; the derivative is that by the rank."""
        k = torch.tensor(self.k, dtype=above_positive.dtype, device=above_positive.device)
        missed = torch.sigmoid((1 + above_positive + above_negative - k) / self.k_temperature)
        by_rank = (missed * (1 - missed)).mean(1, keepdim=True) / self.k_temperature
        return PairLosses(missed.mean(1, keepdim=True), by_rank, by_rank)


def sigmoid_steps(
    differences: Tensor, temperature: float, slopes: bool
) -> tuple[Tensor, Tensor | None]:
    """σ(x/τ) in place of ``differences`` and, if asked for, σ(1 − σ)/τ.

    Args:
        differences: x, of any shape; changed in place.
        temperature: τ, above 0.
        slopes: also compute the derivative.
    """
    above = differences.div_(temperature).sigmoid_()
    if not slopes:
        return above, None
    return above, torch.addcmul(above, above, above, value=-1).div_(temperature)


def missing_precision(above_positive: Tensor, above_negative: Tensor) -> PairLosses:
    """1 − (1 + A)/(1 + A + N)."""
    rank = 1 + above_positive + above_negative
    share = above_negative / rank
    return PairLosses(share, -share / rank, (1 + above_positive) / (rank * rank))


def check_temperature(name: str, value: float) -> None:
    """Refuse what float32 cannot divide by, or what makes every item alike.

    Raises:
        UsageError: it is not finite, or too small.
    """
    if not 1e-12 <= value <= 1e12:
        raise UsageError(name, f"is {value}", "give a number above 0, such as 0.01 (1e-12 to 1e12)")
