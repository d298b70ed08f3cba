"""What a probability says in words: how many logos of other marks would look as alike by chance."""

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from marquery.arrays import Float64Array

# Knots of the stored map, at rates in equal steps of their logarithm.
_KNOTS = 48
# Expected logos of other marks, and the probability, that part strong, possible and weak hits.
_STRONG_CHANCE, _WEAK_CHANCE = 0.5, 5.0
_STRONG, _WEAK = 0.9, 0.5
# More than so many expected logos are not told as a number.
_MANY = 1000


class FalseAlarms(BaseModel):
    """How often two logos of different marks are given a probability or a higher one.

    Attributes:
        pairs: of different marks that were compared, all pairs of a query with any other logo.
        probabilities: ascending.
        rates: share of the pairs with that probability or a higher one, descending.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    pairs: int = Field(gt=0)
    probabilities: tuple[float, ...] = Field(min_length=1)
    rates: tuple[float, ...]

    @model_validator(mode="after")
    def _descends(self) -> "FalseAlarms":
        p, r = np.array(self.probabilities), np.array(self.rates)
        if p.shape != r.shape or (np.diff(p) <= 0).any() or (np.diff(r) >= 0).any():
            raise ValueError("rates must descend while probabilities ascend")
        if not (((p >= 0) & (p <= 1)).all() and ((r > 0) & (r <= 1)).all()):
            raise ValueError("probabilities and rates must lie within 0 and 1")
        return self

    @classmethod
    def measure(cls, probabilities: Float64Array) -> "FalseAlarms":
        """Count pairs of different marks.

        Args:
            probabilities: (N,) that were given to them, 0 to 1.
        """
        ordered = np.sort(np.asarray(probabilities, float))
        count = len(ordered)
        places = count - np.rint(np.geomspace(1, count, _KNOTS)).astype(int)
        values = np.unique(ordered[places])
        reached = count - np.searchsorted(ordered, values, side="left")
        return cls(
            pairs=count,
            probabilities=tuple(map(float, values)),
            rates=tuple(float(n / count) for n in reached),
        )

    def rate(self, probability: npt.ArrayLike) -> Float64Array:
        """Share of pairs of different marks with a probability or a higher one; of the same shape.

        Between knots the logarithm is straight. Beyond the highest that was seen it is one pair of
        all, which is an upper bound.
        """
        known, rates = np.array(self.probabilities), np.array(self.rates)
        wanted = np.asarray(probability, float)
        found = np.exp(np.interp(wanted, known, np.log(rates), left=0.0))
        return np.asarray(np.where(wanted > known[-1], 1 / self.pairs, found), np.float64)

    def expected(self, probability: float, logos: int) -> float:
        """Logos of other marks that have a probability or a higher one in a register.

        Args:
            probability: of a hit, 0 to 1.
            logos: how many the register holds.
        """
        return float(self.rate(probability)) * logos


def grade(probability: float, by_chance: float | None = None) -> str:
    """``"strong"``, ``"possible"`` or ``"weak"``.

    Args:
        probability: of one mark, 0 to 1.
        by_chance: logos of other marks that are expected to be as alike in the register; None where
            that is not known.
    """
    chance = 0.0 if by_chance is None else by_chance
    if probability < _WEAK or chance >= _WEAK_CHANCE:
        return "weak"
    return "strong" if probability >= _STRONG and chance < _STRONG_CHANCE else "possible"


def chance_in_words(by_chance: float) -> str:
    """Such as ``"about 3 marks of this score are expected by chance at this register's size"``.

    Args:
        by_chance: expected logos of other marks, from 0.
    """
    if by_chance < 0.05:
        number, verb = "hardly any mark", "is"
    elif by_chance < 0.95:
        number, verb = "less than one mark", "is"
    elif by_chance < 1.5:
        number, verb = "about 1 mark", "is"
    elif by_chance >= _MANY:
        number, verb = f"more than {_MANY:,} marks", "are"
    else:
        whole = round(by_chance)
        told = whole if whole < 20 else round(whole, 1 - len(str(whole)))
        number, verb = f"about {told} marks", "are"
    return f"{number} of this score {verb} expected by chance at this register's size"
