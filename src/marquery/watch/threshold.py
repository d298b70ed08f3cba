"""The similarity above which two logos are in conflict."""

from dataclasses import dataclass
from typing import Literal

from marquery.errors import UsageError
from marquery.index import LogoIndex, Match
from marquery.index.strategies.registry import all_strategies, get_strategy
from marquery.index.strategies.weights import parse_strategy

#: Default probability: the same mark is as likely as not, given the calibration's prior.
DEFAULT = 0.5


@dataclass(frozen=True)
class Threshold:
    """The least probability or score of a conflict."""

    kind: Literal["probability", "score"]
    least: float

    def value(self, match: Match) -> float:
        """The value of a match that is compared."""
        return match.score if self.kind == "score" else match.probability or 0.0

    def __str__(self) -> str:
        return f"{self.kind} ≥ {self.least:g}"


def parse_threshold(text: str | None, strategy: str | None, index: LogoIndex) -> Threshold:
    """Read ``0.5`` (a probability) or ``score=0.8``.

    Args:
        text: None is a probability of 0.5.
        strategy: what the search goes by; None is ``auto``.
        index: whose encoder gives the probability.

    Raises:
        UsageError: not a number from 0 to 1, or a probability that cannot be had.
    """
    kind, _, number = (text or str(DEFAULT)).rpartition("=")
    try:
        least = float(number)
    except ValueError:
        least = -1.0
    if kind.strip() not in ("", "score", "probability") or not 0 <= least <= 1:
        raise UsageError(
            "threshold",
            f"{text!r} is no threshold",
            "give a probability from 0 to 1, or score=S with S from 0 to 1",
        )
    if kind.strip() == "score":
        return Threshold("score", least)
    chosen = list(parse_strategy(strategy))
    if len(chosen) > 1 or not get_strategy(chosen[0]).is_calibrated:
        names = " or ".join(s.name for s in all_strategies() if s.is_calibrated)
        raise UsageError(
            "threshold", f"a probability belongs to the strategy {names} alone", "give score=S"
        )
    if not index.tells_probability(chosen[0]):
        raise UsageError(
            "threshold",
            f"the encoder of {index.name} is not calibrated, so there is no probability",
            f"give score=S, or calibrate {index.path / 'encoder'}",
        )
    return Threshold("probability", least)
