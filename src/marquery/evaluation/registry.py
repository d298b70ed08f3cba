"""Which metrics there are: each is written down once, everything else reads it here.

The per-query columns, means, intervals, paired differences, the text of a result and the tables all
follow from :func:`metric` and :func:`metric_at` in :mod:`marquery.evaluation.metrics`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import numpy as np

from marquery.arrays import AnyArray, Float64Array
from marquery.errors import UsageError
from marquery.evaluation.protocols import RankedQueries

#: The argument of ``evaluate`` that gives a metric's K.
Cutoffs = Literal["ks", "map_ks"]
Score = Callable[[RankedQueries], Float64Array]
ScoreAt = Callable[[RankedQueries, int], Float64Array]

#: Columns of ``RetrievalResult.per_query`` that are no metric.
NOT_METRICS = ("query", "group", "n", "ranked", "stratum")


@dataclass(frozen=True)
class Metric:
    """One number for each query, and how it is called.

    Attributes:
        name: of the mean, as in ``RetrievalResult.means``; with cutoffs ``name@K``.
        column: of ``RetrievalResult.per_query``; with cutoffs ``column@K``.
        label: in tables.
        score: (Q,) float64 values; K is None for a metric without cutoffs.
        higher_is_better: the direction.
        cutoffs: the argument of ``evaluate`` that gives K; None where there is no K.
        protocols: names of those that define it; None for all.
        averaged: whether it has a mean and an interval, or a column only.
        share: whether it lies between 0 and 1.
        in_repr: whether the text of a result shows it.
        in_tables: whether tables of methods show it.
    """

    name: str
    column: str
    label: str
    score: Callable[[RankedQueries, int | None], Float64Array]
    higher_is_better: bool = True
    cutoffs: Cutoffs | None = None
    protocols: tuple[str, ...] | None = None
    averaged: bool = True
    share: bool = True
    in_repr: bool = True
    in_tables: bool = True

    def defined_for(self, protocol: str) -> bool:
        """Whether a protocol of this name defines the metric."""
        return self.protocols is None or protocol in self.protocols

    def title(self, k: int | None = None) -> str:
        """Heading of its column in a table, such as ``NAR ↓`` or ``R@1 ↑``."""
        label = self.label if k is None else f"{self.label}@{k}"
        return f"{label} {'↑' if self.higher_is_better else '↓'}"


_METRICS: dict[tuple[str, bool], Metric] = {}


def metric(
    name: str,
    *,
    label: str,
    column: str | None = None,
    higher_is_better: bool = True,
    protocols: tuple[str, ...] | None = None,
    averaged: bool = True,
    share: bool = True,
    in_repr: bool = True,
    in_tables: bool = True,
) -> Callable[[Score], Score]:
    """Register the function below as a metric.

    Args:
        name: of its mean.
        label: in tables.
        column: of its values per query; None takes ``name``.
        higher_is_better: the direction.
        protocols: names of the protocols that define it; None for all.
        averaged: False for a column without mean and interval.
        share: whether it lies between 0 and 1.
        in_repr: whether the text of a result shows it.
        in_tables: whether tables of methods show it.

    Returns:
        A decorator that gives the function back as it is.

    Raises:
        UsageError: a name or column is taken, or holds an ``@``.

    Example:
        >>> with temporary_metrics():
        ...     @metric("mrr", label="MRR", column="reciprocal_rank")
        ...     def reciprocal_rank(queries):
        ...         return 1 / queries.ranks[queries.offsets[:-1]]
        ...     [m.title() for m in registered() if m.name == "mrr"]
        ['MRR ↑']
    """

    def register(score: Score) -> Score:
        _add(
            Metric(
                name,
                column or name,
                label,
                lambda queries, _k: score(queries),
                higher_is_better=higher_is_better,
                protocols=protocols,
                averaged=averaged,
                share=share,
                in_repr=in_repr,
                in_tables=in_tables,
            )
        )
        return score

    return register


def metric_at(
    cutoffs: Cutoffs,
    name: str,
    *,
    label: str,
    column: str | None = None,
    higher_is_better: bool = True,
    protocols: tuple[str, ...] | None = None,
    in_repr: bool = True,
    in_tables: bool = True,
) -> Callable[[ScoreAt], ScoreAt]:
    """Register the function below as a metric of the first K ranks, a share between 0 and 1.

    Args:
        cutoffs: the argument of ``evaluate`` that gives K.
        name: of its mean, which is called ``name@K``.
        label: in tables.
        column: of its values per query, called ``column@K``; None takes ``name``.
        higher_is_better: the direction.
        protocols: names of the protocols that define it; None for all.
        in_repr: whether the text of a result shows it.
        in_tables: whether tables of methods show it.

    Returns:
        A decorator that gives the function back as it is.

    Raises:
        UsageError: a name or column is taken, or holds an ``@``.
    """

    def register(score: ScoreAt) -> ScoreAt:
        def at(queries: RankedQueries, k: int | None) -> Float64Array:
            assert k is not None  # score_queries gives one to every metric with cutoffs
            return score(queries, k)

        _add(
            Metric(
                name,
                column or name,
                label,
                at,
                higher_is_better=higher_is_better,
                cutoffs=cutoffs,
                protocols=protocols,
                in_repr=in_repr,
                in_tables=in_tables,
            )
        )
        return score

    return register


def registered() -> tuple[Metric, ...]:
    """All metrics, in the order in which results and tables give them."""
    return tuple(_METRICS.values())


def find(name: str) -> Metric | None:
    """The metric of a mean, such as ``nar`` or ``recall@1``; None where it is not registered."""
    base, at, _ = name.partition("@")
    return _METRICS.get((base, bool(at)))


def takes_cutoffs(cutoffs: Cutoffs, protocol: str) -> bool:
    """Whether a protocol defines any metric whose K comes from this argument of ``evaluate``."""
    return any(m.cutoffs == cutoffs and m.defined_for(protocol) for m in _METRICS.values())


def title(name: str) -> str:
    """Heading of a mean's column in a table; its own name where the metric is not registered."""
    _, at, k = name.partition("@")
    found = find(name)
    return name if found is None else found.title(int(k) if at else None)


def table_titles(means: Iterable[str]) -> dict[str, str]:
    """Of the names of means those that tables show, each with its heading.

    >>> table_titles(["nar", "map", "map@50", "recall@1", "mean_rank"])
    {'nar': 'NAR ↓', 'map': 'mAP ↑', 'recall@1': 'R@1 ↑'}
    """
    found = {name: find(name) for name in means}
    return {name: title(name) for name, spec in found.items() if spec and spec.in_tables}


def mean_columns(per_query: Mapping[str, AnyArray]) -> dict[str, str]:
    """Name of each mean -> its column in ``per_query``, for the columns that are there."""
    names = {}
    for spec in _METRICS.values():
        if not spec.averaged:
            continue
        if spec.cutoffs is None:
            if spec.column in per_query:
                names[spec.name] = spec.column
            continue
        for column in per_query:
            base, at, k = column.partition("@")
            if at and base == spec.column:
                names[f"{spec.name}@{k}"] = column
    return names


def score_queries(
    queries: RankedQueries, cutoffs: Mapping[Cutoffs, Sequence[int]]
) -> dict[str, Float64Array]:
    """The value of every metric that the protocol defines, for each query.

    Args:
        queries: ranks of their relevant items.
        cutoffs: the K of each argument of ``evaluate`` that gives K.

    Returns:
        column -> (Q,) float64.

    Raises:
        UsageError: a metric's function does not return one value for each query.
    """
    scores = {}
    for spec in _METRICS.values():
        if not spec.defined_for(queries.protocol.name):
            continue
        if spec.cutoffs is None:
            scores[spec.column] = _checked(spec, spec.score(queries, None), queries)
        else:
            for k in cutoffs[spec.cutoffs]:
                scores[f"{spec.column}@{k}"] = _checked(spec, spec.score(queries, k), queries)
    return scores


@contextmanager
def temporary_metrics() -> Iterator[None]:
    """Metrics that are registered inside are gone afterwards; for tests and notebooks."""
    kept = dict(_METRICS)
    try:
        yield
    finally:
        _METRICS.clear()
        _METRICS.update(kept)


def _add(spec: Metric) -> None:
    kind = spec.cutoffs is not None
    for option, name in (("name", spec.name), ("column", spec.column)):
        if not name or "@" in name:
            raise UsageError(option, f"{name!r} cannot name a metric", "give a word without @")
    same = [m for m in _METRICS.values() if (m.cutoffs is not None) == kind]
    if spec.name in [m.name for m in same]:
        raise UsageError("name", f"{spec.name!r} is taken by another metric", "choose another")
    if spec.column in [m.column for m in same] or (not kind and spec.column in NOT_METRICS):
        raise UsageError("column", f"{spec.column!r} is taken", "choose another")
    _METRICS[spec.name, kind] = spec


def _checked(spec: Metric, values: Float64Array, queries: RankedQueries) -> Float64Array:
    if np.shape(values) != (len(queries.relevant),):
        raise UsageError(
            None,
            f"metric {spec.name!r} gives values of shape {np.shape(values)} "
            f"for {len(queries.relevant)} queries",
            "return one number for each query",
        )
    return values
