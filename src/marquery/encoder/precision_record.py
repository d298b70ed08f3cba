"""Whether an encoder may compute in bfloat16: measured on real logos, kept beside its weights."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from marquery.arrays import Float32Array
from marquery.encoder.records import load_record, save_record

FILE = "precision.json"
#: Least cosine, for every logo, between its vector and its float32 vector.
LEAST_COSINE = 0.999
#: The same where vectors are compressed afterwards, which loses far more: those of parts keep 85 %
#: of their squared length.
LEAST_COSINE_COMPRESSED = 0.995
#: Largest loss in any metric.
MOST_LOST = 0.002
#: Metrics for which lower is better; for all others higher is.
_LESS_IS_BETTER = frozenset({"nar"})


class PrecisionRecord(BaseModel):
    """What was measured of an encoder in a lower precision, against its float32 vectors.

    Attributes:
        fingerprint: the encoder's, :meth:`marquery.LogoEncoder.fingerprint`.
        precision: what was measured.
        logos: how many were embedded, and ``data`` what they were.
        lowest_cosine, mean_cosine: between a logo's two vectors.
        metrics: name -> (float32, lower precision), of the same retrieval.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    fingerprint: str
    precision: str
    data: str
    logos: int
    lowest_cosine: float
    mean_cosine: float
    metrics: dict[str, tuple[float, float]]

    @property
    def worst_loss(self) -> float:
        """By how much the metric that lost most is worse; negative where all are better."""
        return max(
            (low - full) if name in _LESS_IS_BETTER else (full - low)
            for name, (full, low) in self.metrics.items()
        )

    @property
    def accepted(self) -> bool:
        """Cosine at least .999 for every logo, and no metric worse by more than .002."""
        return self.lowest_cosine >= LEAST_COSINE and self.worst_loss <= MOST_LOST

    @property
    def accepted_compressed(self) -> bool:
        """For vectors that are compressed afterwards: cosine at least .995 for every logo, and no
        metric worse by more than .002.
        """
        return self.lowest_cosine >= LEAST_COSINE_COMPRESSED and self.worst_loss <= MOST_LOST

    @classmethod
    def measure(
        cls,
        fingerprint: str,
        precision: str,
        data: str,
        vectors: tuple[Float32Array, Float32Array],
        metrics: tuple[Mapping[str, float], Mapping[str, float]],
    ) -> "PrecisionRecord":
        """Compare two embeddings of the same logos: in float32, and in the lower precision.

        Args:
            fingerprint, precision, data: see the class.
            vectors: two arrays (N, dim) of unit rows.
            metrics: two mappings with the same names.
        """
        cosines = np.einsum("ij,ij->i", *(v.astype(np.float64) for v in vectors))
        full, low = metrics
        return cls(
            fingerprint=fingerprint,
            precision=precision,
            data=data,
            logos=len(cosines),
            lowest_cosine=float(cosines.min()),
            mean_cosine=float(cosines.mean()),
            metrics={name: (float(full[name]), float(low[name])) for name in full},
        )

    @classmethod
    def load(cls, folder: Path) -> "PrecisionRecord | None":
        """The record beside an encoder, or ``None``.

        Raises:
            MarqueryError: the file is damaged.
        """
        again = "measure the precision of this encoder again"
        return load_record(cls, folder / FILE, "record of precision", again)

    def save(self, folder: Path) -> None:
        """Write ``precision.json`` to the encoder's folder."""
        save_record(self, folder / FILE)
