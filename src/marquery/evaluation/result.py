"""What an evaluation found: means, intervals, every query, as an object, a dict or a JSON file."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from marquery.arrays import AnyArray, Float64Array
from marquery.evaluation.registry import find, mean_columns
from marquery.files import write_atomically

Interval = tuple[float, float]
#: Levels of recall of a precision-recall curve.
RECALL_LEVELS = np.arange(101) / 100


@dataclass(frozen=True, repr=False)
class RetrievalResult:
    """Means over queries under one protocol, with what they were made of.

    Attributes:
        protocol: name of the protocol; numbers of different protocols do not compare.
        means: metric -> mean over queries: ``nar``, ``map``, ``map@K``, ``recall@K``,
            ``mean_rank``, ``r_precision`` and whatever else is registered in
            :mod:`marquery.evaluation.metrics`.
        intervals: metric, as in ``means`` -> 95 % bootstrap interval over groups; empty with fewer
            than two groups.
        per_query: column -> array with one row per scored query: ``query`` (index as given),
            ``group``, ``n`` relevant, ``ranked`` N, ``nar``, ``ap``, ``ap@K``, ``recall@K``,
            ``mean_rank``, ``first_rank``, ``r_precision`` and, where given, ``stratum``.
        counts: ``queries`` scored, ``left_out`` (no relevant item), ``groups`` of the scored
            queries, ``ranked`` N before any exclusion.
        by_stratum: stratum -> the same for its queries alone.
        precision: float64 (101,), interpolated precision at recall 0, 0.01 … 1, mean over queries;
            every tenth value makes the 11-point curve. Where ties are taken at their mean, from the
            rank expected of the k-th relevant item.
    """

    protocol: str
    means: dict[str, float]
    intervals: dict[str, Interval]
    per_query: dict[str, AnyArray]
    counts: dict[str, int]
    by_stratum: dict[str, "RetrievalResult"] = field(default_factory=dict)
    precision: Float64Array = field(default_factory=lambda: np.zeros(0))

    def __repr__(self) -> str:
        names = [name for name in self.means if _in_repr(name)]
        shown = "".join(f"\n  {name:<12} {self._format(name)}" for name in names)
        counts = ", ".join(f"{name.replace('_', ' ')} {n:,}" for name, n in self.counts.items())
        return f"RetrievalResult({self.protocol}; {counts}){shown}"

    @property
    def nar(self) -> float:
        """Mean normalised average rank, 0 perfect, about 0.5 chance."""
        return self.means["nar"]

    @property
    def map(self) -> float:
        """Mean average precision, 0 to 1."""
        return self.means["map"]

    @property
    def map_at(self) -> dict[int, float]:
        """K -> mAP@K."""
        return self.at_cutoffs("map")

    @property
    def recall(self) -> dict[int, float]:
        """K -> share of queries with a relevant item among the first K."""
        return self.at_cutoffs("recall")

    @property
    def mean_rank(self) -> float:
        """Mean over queries of the mean rank of the relevant items, from 1."""
        return self.means["mean_rank"]

    @property
    def r_precision(self) -> float:
        """Mean share of relevant items among the first n."""
        return self.means["r_precision"]

    def at_cutoffs(self, metric: str) -> dict[int, float]:
        """K -> mean of a metric that is taken at K."""
        prefix = f"{metric}@"
        return {
            int(name.removeprefix(prefix)): value
            for name, value in self.means.items()
            if name.startswith(prefix)
        }

    def to_dict(self, *, per_query: bool = True) -> dict[str, Any]:
        """Plain Python values that JSON can hold; ``per_query=False`` leaves the long part out."""
        plain: dict[str, Any] = {
            "protocol": self.protocol,
            "counts": dict(self.counts),
            "means": dict(self.means),
            "intervals": {name: list(pair) for name, pair in self.intervals.items()},
            "precision_at_recall": [round(value, 6) for value in self.precision.tolist()],
        }
        if self.by_stratum:
            plain["by_stratum"] = {
                name: part.to_dict(per_query=False) for name, part in self.by_stratum.items()
            }
        if per_query:
            plain["per_query"] = {name: column.tolist() for name, column in self.per_query.items()}
        return plain

    def to_json(self, path: str | os.PathLike[str], *, per_query: bool = True) -> None:
        """Write :meth:`to_dict` to a file, whole or not at all."""
        text = json.dumps(self.to_dict(per_query=per_query), indent=1, allow_nan=False) + "\n"
        write_atomically(Path(path), lambda scratch: scratch.write_text(text, encoding="utf-8"))

    def _format(self, name: str) -> str:
        text = f"{self.means[name]:.4f}"
        if name in self.intervals:
            low, high = self.intervals[name]
            text += f"  [{low:.4f}, {high:.4f}]"
        return text


def summarise(
    protocol: str,
    per_query: Mapping[str, AnyArray],
    precision: Float64Array,
    counts: dict[str, int],
    intervals: dict[str, Interval],
    by_stratum: dict[str, RetrievalResult],
) -> RetrievalResult:
    """The result whose means are those of the per-query columns.

    Args:
        protocol: name of the protocol.
        per_query: (Q,) columns by name of the metric.
        precision: (Q, L) interpolated precision.
        counts: numbers of queries and gallery items.
        intervals: bootstrap intervals by name of the metric.
        by_stratum: results on the pairs of one stratum each.

    Returns:
        The result, with the mean of every metric that is registered.
    """
    return RetrievalResult(
        protocol=protocol,
        means={
            name: float(per_query[column].mean())
            for name, column in mean_columns(per_query).items()
        },
        intervals=intervals,
        per_query=dict(per_query),
        counts=counts,
        by_stratum=by_stratum,
        precision=precision,
    )


def interval_columns(per_query: Mapping[str, AnyArray]) -> dict[str, Float64Array]:
    """Metric, as in ``intervals`` -> its per-query column; metrics without a K come first."""
    columns = mean_columns(per_query)
    names = sorted(columns, key=lambda name: "@" in name)
    return {name: per_query[columns[name]] for name in names}


def _in_repr(name: str) -> bool:
    spec = find(name)
    # A metric that is no longer registered is shown rather than lost.
    return spec is None or spec.in_repr
