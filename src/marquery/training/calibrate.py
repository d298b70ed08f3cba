"""Calibrating a saved encoder on a data set: the map, its reliability, and what bfloat16 would
cost.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from marquery.arrays import Float32Array, StrArray
from marquery.calibration.calibration import Calibration, ReliabilityRecord
from marquery.calibration.chance import FalseAlarms
from marquery.calibration.pairs import Pairs, draw_pairs
from marquery.calibration.reliability import Reliability
from marquery.datasets import LogoSet
from marquery.datasets.selection import brands_of, some_groups
from marquery.encoder import LogoEncoder
from marquery.encoder.precision_record import PrecisionRecord
from marquery.encoder.runtimes import bfloat16_by_hardware
from marquery.evaluation import evaluate
from marquery.evaluation.registry import find
from marquery.progress import progress_bar


@dataclass(frozen=True)
class CalibrationRun:
    """What came of it: the map, how it did on test pairs, and the precision's record, if one was
    taken.
    """

    calibration: Calibration
    test: ReliabilityRecord
    reliability: Reliability
    pairs: Pairs
    precision: PrecisionRecord | None


def calibrate(encoder: LogoEncoder, folder: Path, data: LogoSet, seed: int = 0) -> CalibrationRun:
    """Fit on the split ``val``, test on as many logos of ``test``, write both records beside the
    encoder.

    Where the set has several namespaces, the map is of brands: crypto tokens are mostly one drawing
    in two colours. Precision is measured on the whole of ``val``.
    The test logos are whole groups, drawn until they are as many as those of ``val``, since a
    larger set has harder negatives, which is another prior.

    Args:
        encoder: the encoder.
        folder: where its files are.
        data: a set with the splits ``val`` and ``test``.
        seed: of test groups and pairs.

    Raises:
        MarqueryError: a split is missing, or has no two logos of one group.
    """
    val = data.split("val")
    brands = brands_of(val)
    test = data.split("test")
    test = some_groups(test.subset(brands_of(test)), int(brands.sum()), seed)
    fingerprint = encoder.fingerprint()
    source = f"{data.root.resolve().name} val"
    vectors = _embed(encoder, val, "float32")
    fitted = Calibration.fit(
        draw_pairs(vectors[brands], val.groups[brands], seed),
        fingerprint,
        source,
        logos=int(brands.sum()),
    )
    fitted = fitted.model_copy(
        update={"false_alarms": _false_alarms(fitted, vectors[brands], val.groups[brands])}
    )
    pairs = draw_pairs(_embed(encoder, test, "float32"), test.groups, seed)
    record, reliability = fitted.tested(pairs, f"{data.root.resolve().name} test", len(test))
    calibration = fitted.model_copy(update={"test": record})
    calibration.save(folder)
    precision = None
    if bfloat16_by_hardware():
        low = _embed(encoder, val, "bfloat16")
        precision = PrecisionRecord.measure(
            fingerprint,
            "bfloat16",
            source,
            (vectors, low),
            (_metrics(vectors, val), _metrics(low, val)),
        )
        precision.save(folder)
    return CalibrationRun(calibration, record, reliability, pairs, precision)


def _false_alarms(fitted: Calibration, vectors: Float32Array, groups: StrArray) -> FalseAlarms:
    """Of all pairs of a logo that shares its group and any of another group."""
    names, sizes = np.unique(groups[groups != ""], return_counts=True)
    queries = np.flatnonzero(np.isin(groups, names[sizes > 1]))
    given = [fitted.probability((vectors @ vectors[q])[groups != groups[q]]) for q in queries]
    return FalseAlarms.measure(np.concatenate(given))


def _embed(encoder: LogoEncoder, logos: LogoSet, precision: str) -> Float32Array:
    with progress_bar(f"embedding in {precision}", len(logos)) as advance:
        if precision == "bfloat16":
            return encoder.embed(
                logos.files(), progress=advance, engine="openvino", precision="bfloat16"
            )
        return encoder.embed(logos.files(), progress=advance)


def _metrics(vectors: Float32Array, logos: LogoSet) -> dict[str, float]:
    result = evaluate(vectors, logos.groups, bootstrap=0)
    return {name: float(value) for name, value in result.means.items() if is_compared(name)}


def is_compared(name: str) -> bool:
    """Whether a mean is a share of 1, to which the bound of .002 belongs, and its direction is
    known.

    Of the metrics that are better when lower, the record knows the NAR alone.
    """
    spec = find(name)
    return spec is not None and spec.share and (spec.higher_is_better or name == "nar")
