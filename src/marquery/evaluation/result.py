"""What an evaluation found: means, intervals, every query, as an object, a dict or a JSON file."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from marquery.arrays import AnyArray, Float64Array
from marquery.files import written_whole

Interval = tuple[float, float]
#: Levels of recall of a precision-recall curve.
RECALL_LEVELS = np.arange(101) / 100


@dataclass(frozen=True, repr=False)
class RetrievalResult:
    """Means over queries under one protocol, with what they were made of.

    Attributes:
        protocol: name of the protocol; numbers of different protocols do not compare.
        nar: mean normalised average rank, 0 perfect, about 0.5 chance.
        map: mean average precision, 0…1.
        map_at: K -> mAP@K.
        recall: K -> share of queries with a relevant item among the first K.
        mean_rank: mean over queries of the mean rank of the relevant items, from 1.
        r_precision: mean share of relevant items among the first n.
        intervals: metric (``nar``, ``map``, ``map@K``, ``recall@K``, ``mean_rank``, ``r_precision``) ->
            95 % bootstrap interval over groups; empty with fewer than two groups.
        per_query: column -> array with one row per scored query: ``query`` (index as given), ``group``,
            ``n`` relevant, ``ranked`` N, ``nar``, ``ap``, ``mean_rank``, ``first_rank``,
            ``r_precision``, ``recall@K``, ``ap@K`` and, where given, ``stratum``.
        counts: ``queries`` scored, ``left_out`` (no relevant item), ``groups`` of the scored queries, ``ranked`` N
            before any exclusion.
        by_stratum: stratum -> the same for its queries alone.
        precision: float64 (101,), interpolated precision at recall 0, 0.01 … 1, mean over queries; every tenth value
            makes the 11-point curve. Where ties are taken at their mean, from the rank expected of the k-th relevant item.
    """

    protocol: str
    nar: float
    map: float
    map_at: dict[int, float]
    recall: dict[int, float]
    mean_rank: float
    r_precision: float
    intervals: dict[str, Interval]
    per_query: dict[str, AnyArray]
    counts: dict[str, int]
    by_stratum: dict[str, "RetrievalResult"] = field(default_factory=dict)
    precision: Float64Array = field(default_factory=lambda: np.zeros(0))

    def __repr__(self) -> str:
        names = [
            "nar",
            "map",
            *(f"map@{k}" for k in self.map_at),
            *(f"recall@{k}" for k in self.recall),
        ]
        shown = "".join(f"\n  {name:<12} {self._format(name)}" for name in names)
        counts = ", ".join(f"{name.replace('_', ' ')} {n:,}" for name, n in self.counts.items())
        return f"RetrievalResult({self.protocol}; {counts}){shown}"

    @property
    def means(self) -> dict[str, float]:
        """All means by the names that ``intervals`` uses."""
        return {
            "nar": self.nar,
            "map": self.map,
            **{f"map@{k}": value for k, value in self.map_at.items()},
            **{f"recall@{k}": value for k, value in self.recall.items()},
            "mean_rank": self.mean_rank,
            "r_precision": self.r_precision,
        }

    def to_dict(self, *, per_query: bool = True) -> dict[str, Any]:
        """Plain Python values that JSON can hold; ``per_query=False`` leaves the long part out."""
        plain: dict[str, Any] = {
            "protocol": self.protocol,
            "counts": dict(self.counts),
            "means": self.means,
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
        with written_whole(Path(path)) as scratch:
            scratch.write_text(text, encoding="utf-8")

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
    """

    def mean(column: str) -> float:
        return float(per_query[column].mean())

    def by_cutoff(prefix: str) -> dict[int, float]:
        names = [name for name in per_query if name.startswith(prefix)]
        return {int(name.removeprefix(prefix)): mean(name) for name in names}

    return RetrievalResult(
        protocol=protocol,
        nar=mean("nar"),
        map=mean("ap"),
        map_at=by_cutoff("ap@"),
        recall=by_cutoff("recall@"),
        mean_rank=mean("mean_rank"),
        r_precision=mean("r_precision"),
        intervals=intervals,
        per_query=dict(per_query),
        counts=counts,
        by_stratum=by_stratum,
        precision=precision,
    )


def interval_columns(
    per_query: Mapping[str, AnyArray],
) -> dict[str, Float64Array]:
    """Metric name as in ``intervals`` -> its per-query column."""
    names = {"nar": "nar", "map": "ap", "mean_rank": "mean_rank", "r_precision": "r_precision"}
    names |= {f"m{name}": name for name in per_query if name.startswith("ap@")}
    names |= {name: name for name in per_query if name.startswith("recall@")}
    return {metric: per_query[column] for metric, column in names.items()}
