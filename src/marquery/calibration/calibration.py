"""``Calibration``: what a model's cosine means, kept beside its weights."""

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from marquery.arrays import Float64Array
from marquery.calibration.chance import FalseAlarms
from marquery.calibration.isotonic import MonotoneMap, check_knots, fit_isotonic
from marquery.calibration.pairs import HITS, Pairs
from marquery.calibration.reliability import Reliability, reliability
from marquery.encoder.records import load_record, save_record
from marquery.encoder.spec import encoder_folder

FILE = "calibration.json"
PRIOR = (
    f"a query and one of its {HITS} nearest logos, "
    "half of the pairs of the same mark, half of another"
)


class ReliabilityRecord(BaseModel):
    """Reliability on logos that the map was not fitted on.

    Attributes:
        data: which logos; ``logos`` and ``pairs``: how many.
        error: expected calibration error; ``brier``: Brier score; both 0 … 1.
        stated, observed, counts: bin by bin, see
            :class:`~marquery.calibration.reliability.Reliability`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: str
    logos: int
    pairs: int
    error: float
    brier: float
    stated: tuple[float, ...]
    observed: tuple[float, ...]
    counts: tuple[int, ...]

    @classmethod
    def of(cls, found: Reliability, data: str, logos: int, pairs: int) -> "ReliabilityRecord":
        """What is kept of a measurement.

        Args:
            found: what was measured.
            data: which logos.
            logos: how many.
            pairs: how many of them were compared.
        """
        return cls(
            data=data,
            logos=logos,
            pairs=pairs,
            error=found.error,
            brier=found.brier,
            stated=tuple(map(float, found.stated)),
            observed=tuple(map(float, found.observed)),
            counts=tuple(map(int, found.counts)),
        )


class Calibration(BaseModel):
    """A monotone map from cosine to the probability that two logos are of the same mark.

    The labels are brands, not verdicts of people, and the probability holds for the prior: for a
    hit near the top of a list, as likely of the same mark as not before one looks at its cosine. In
    a collection where the same mark is rarer, or which is larger, it is too high; its order never
    changes.

    Attributes:
        fingerprint: of the encoder, :meth:`marquery.LogoEncoder.fingerprint`.
        prior: how the pairs were drawn.
        data, logos, pairs: what it was fitted on.
        cosines, probabilities: the map's knots, both ascending.
        test: what was measured on other logos.
        false_alarms: how often two logos of different marks are given a probability.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = Field(1, ge=1, le=1)
    fingerprint: str
    prior: str = PRIOR
    data: str
    logos: int
    pairs: int
    cosines: tuple[float, ...] = Field(min_length=1)
    probabilities: tuple[float, ...]
    test: ReliabilityRecord | None = None
    false_alarms: FalseAlarms | None = None

    @model_validator(mode="after")
    def _monotone(self) -> "Calibration":
        check_knots(self.cosines, self.probabilities, "cosines")
        return self

    @classmethod
    def fit(cls, pairs: Pairs, fingerprint: str, data: str, logos: int) -> "Calibration":
        """Fit the map to pairs (isotonic regression); see the class for the rest.

        Args:
            pairs: cosines of pairs, and whether both are of one group.
            fingerprint: of the encoder that gave the cosines.
            data: name of the data set.
            logos: number of logos that the pairs come from.
        """
        knots = fit_isotonic(pairs.cosines, pairs.same)
        return cls(
            fingerprint=fingerprint,
            data=data,
            logos=logos,
            pairs=len(pairs.same),
            cosines=tuple(map(float, knots.cosines)),
            probabilities=tuple(map(float, knots.probabilities)),
        )

    def probability(self, cosine: npt.ArrayLike) -> Float64Array:
        """Probability of the same mark, 0 … 1, for each cosine; of the same shape."""
        return MonotoneMap(np.array(self.cosines), np.array(self.probabilities))(cosine)

    def tested(self, pairs: Pairs, data: str, logos: int) -> tuple[ReliabilityRecord, Reliability]:
        """How the map does on other pairs: what is kept of it, and in arrays.

        Args:
            pairs: cosines of pairs that the map was not fitted on, and whether both are of one
                group.
            data: name of the data set.
            logos: number of logos that the pairs come from.
        """
        found = reliability(self.probability(pairs.cosines), pairs.same)
        return ReliabilityRecord.of(found, data, logos, len(pairs.same)), found

    @classmethod
    def load(cls, model: str | os.PathLike[str]) -> "Calibration | None":
        """The calibration beside a saved encoder or in a training run; ``None`` where there is
        none.

        Whether it belongs to the encoder's present weights is told by ``fingerprint``.

        Raises:
            MarqueryError: the file is damaged.
        """
        path = encoder_folder(model) / FILE
        return load_record(cls, path, "calibration", "calibrate the encoder again")

    def save(self, model: str | os.PathLike[str]) -> Path:
        """Write ``calibration.json`` beside a saved encoder. Returns the file."""
        path = encoder_folder(model) / FILE
        save_record(self, path)
        return path
