"""``EvidenceModel``: what all evidence on a pair of logos says, kept beside the encoder."""

import math
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from marquery.arrays import AnyArray, Float64Array
from marquery.calibration.calibration import ReliabilityRecord
from marquery.calibration.chance import FalseAlarms
from marquery.calibration.isotonic import MonotoneMap, check_knots
from marquery.calibration.pairs import HITS
from marquery.encoder.records import load_record, save_record
from marquery.encoder.spec import encoder_folder
from marquery.errors import MarqueryError
from marquery.kinds import DEFAULT_ENCODER

FILE = "evidence.json"
LISTED_PRIOR = (
    f"a query and one of its {HITS} best hits by all evidence, "
    "half of the pairs of the same mark, half of another"
)


class Term(BaseModel):
    """What one kind of evidence adds: a function that ascends, straight between knots.

    Attributes:
        knots: values of the evidence, ascending.
        values: what each adds to the logit, ascending.
        missing: what is added where there is no such evidence, such as two logos without words.
        typical: what is added for two logos drawn at random, on average.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    knots: tuple[float, ...] = Field(min_length=2)
    values: tuple[float, ...]
    missing: float = 0.0
    typical: float = 0.0

    @model_validator(mode="after")
    def _ascends(self) -> "Term":
        x, y = np.array(self.knots), np.array(self.values)
        if x.shape != y.shape or not (np.diff(x) > 0).all() or not (np.diff(y) >= 0).all():
            raise ValueError("knots and values must ascend together")
        if not np.isfinite([*x, *y, self.missing, self.typical]).all():
            raise ValueError("knots and values must be finite")
        return self

    def __call__(self, evidence: AnyArray) -> Float64Array:
        """(N,) what is added; NaN is missing evidence, and values beyond the knots are as the
        last.
        """
        added = np.interp(np.asarray(evidence, float), *self._curve)
        return np.where(np.isnan(evidence), self.missing, added)

    def at(self, value: float) -> float:
        """What is added at one value that is there; the same as for an array, and quicker."""
        return float(np.interp(value, *self._curve))

    @cached_property
    def _curve(self) -> tuple[Float64Array, Float64Array]:
        """Knots and values, which a search asks for hundreds of times."""
        return np.array(self.knots), np.array(self.values)

    @property
    def least(self) -> float:
        """The least that can be added."""
        return min(self.values[0], self.missing)


class PriorMap(BaseModel):
    """Probability of one mark by logit, where marks are as frequent as ``prior`` says.

    Attributes:
        prior: how pairs are drawn, in words.
        logits, probabilities: knots, ascending.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    prior: str
    logits: tuple[float, ...] = Field(min_length=1)
    probabilities: tuple[float, ...]

    @model_validator(mode="after")
    def _ascends(self) -> "PriorMap":
        check_knots(self.logits, self.probabilities, "logits")
        return self

    def __call__(self, logit: npt.ArrayLike) -> Float64Array:
        """Probabilities, of the same shape."""
        return MonotoneMap(np.array(self.logits), np.array(self.probabilities))(logit)


class EvidenceModel(BaseModel):
    """A sum of one ascending function for each kind of evidence: a logistic model that can be
    read. Its sum is the logit of the probability that two logos are of one mark.

    As for :class:`~marquery.calibration.Calibration`, the labels are brands, not verdicts of
    people, and the probability holds for ``prior``; ``rare`` tells it for a register.

    Attributes:
        fingerprint: of the encoder whose cosines it weighs.
        prior: how frequent marks are where the probability holds.
        data, logos, pairs: what it was fitted on.
        intercept: logit of a pair whose terms are all 0.
        terms: evidence -> its function.
        rare: probability by logit where one of 10,000 pairs is of one mark.
        test: of the probability, on other logos; ``rare_test``: of ``rare``.
        false_alarms: how often two logos of different marks are given a probability.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = Field(1, ge=1, le=1)
    fingerprint: str
    prior: str = LISTED_PRIOR
    data: str
    logos: int
    pairs: int
    intercept: float
    terms: dict[str, Term] = Field(min_length=1)
    rare: PriorMap
    test: ReliabilityRecord | None = None
    rare_test: ReliabilityRecord | None = None
    false_alarms: FalseAlarms | None = None

    def added(self, evidence: Mapping[str, AnyArray]) -> dict[str, Float64Array]:
        """What each term adds to the logit, (N,) each.

        Args:
            evidence: name -> (N,); NaN where there is none.
        """
        return {name: term(evidence[name]) for name, term in self.terms.items()}

    def logit(self, evidence: Mapping[str, AnyArray]) -> Float64Array:
        """(N,) the sum of all terms; ``evidence`` as for :meth:`added`."""
        total: Float64Array = sum(self.added(evidence).values(), np.zeros(()))
        return self.intercept + total

    def probability(self, logit: npt.ArrayLike) -> Float64Array:
        """Of one mark, at :attr:`prior`, of the same shape."""
        probability: Float64Array = 1 / (1 + np.exp(-np.asarray(logit, float)))
        return probability

    def scaled(self, shift: float, factor: float) -> "EvidenceModel":
        """The model whose logit is ``shift + factor * logit``; the order of pairs stays.

        Args:
            shift: any number.
            factor: above 0.
        """
        terms = {
            name: Term(
                knots=term.knots,
                values=tuple(factor * value for value in term.values),
                missing=factor * term.missing,
                typical=factor * term.typical,
            )
            for name, term in self.terms.items()
        }
        return self.model_copy(
            update={"intercept": shift + factor * self.intercept, "terms": terms}
        )

    def score(self, logit: npt.ArrayLike, most: float) -> Float64Array:
        """The logit brought to 0 … 1: 0 where nothing speaks for one mark, 1 for ``most``.

        Args:
            logit: of any shape.
            most: logit of a logo with itself, see :meth:`most`.
        """
        along = (np.asarray(logit, float) - self._least) / max(most - self._least, 1e-9)
        score: Float64Array = np.clip(along, 0, 1)
        return score

    def most(self, words: float, words_both_ways: float, color: float = 1.0) -> float:
        """The logit of a logo with itself: all its evidence is 1, but for its words and colours.

        Args:
            words: likeness of its words with themselves; NaN where it has none.
            words_both_ways: likewise.
            color: likeness of its colours, 1; NaN where it is black, white and grey.
        """
        own = {"words": words, "words_both_ways": words_both_ways, "color": color}
        return float(self.logit({name: np.array(own.get(name, 1.0)) for name in self.terms}))

    def shares(self, evidence: Mapping[str, float]) -> dict[str, float]:
        """By evidence what share of all that speaks for one mark it gives; they add up to 1.

        What speaks for one mark is what a term adds beyond two logos drawn at random; evidence that
        is missing speaks for nothing. Empty where nothing does.

        Args:
            evidence: name -> value of one pair; NaN where there is none.
        """
        added = {
            name: max(term.at(evidence[name]) - term.typical, 0.0)
            for name, term in self.terms.items()
            if not math.isnan(evidence[name])
        }
        total = sum(added.values())
        return {name: value / total for name, value in added.items()} if total > 0 else {}

    @cached_property
    def _least(self) -> float:
        return self.intercept + sum(term.least for term in self.terms.values())

    @classmethod
    def load(cls, model: str | os.PathLike[str]) -> "EvidenceModel | None":
        """The model beside a saved encoder or in a training run; ``None`` where there is none.

        Raises:
            MarqueryError: the file is damaged.
        """
        path = encoder_folder(model) / FILE
        return load_record(cls, path, "evidence model", "calibrate the encoder again")

    @classmethod
    def of_package(cls) -> "EvidenceModel":
        """That of the package's encoder: for encoders that were not calibrated it weighs, but
        tells no probability.

        Raises:
            MarqueryError: the package is damaged.
        """
        found = cls.load(DEFAULT_ENCODER)
        if found is None:
            raise MarqueryError(f"{FILE} of the package is missing; install marquery again")
        return found

    def save(self, model: str | os.PathLike[str]) -> Path:
        """Write ``evidence.json`` beside a saved encoder. Returns the file."""
        path = encoder_folder(model) / FILE
        save_record(self, path)
        return path
