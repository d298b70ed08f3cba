"""Whether two results differ: paired by query, resampled by group."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from marquery.arrays import AnyArray, Int64Array
from marquery.errors import UsageError
from marquery.evaluation.bootstrap import bootstrap_intervals
from marquery.evaluation.result import interval_columns

Columns = Mapping[str, AnyArray]


@dataclass(frozen=True)
class Difference:
    """The means of one metric in two results, and what sets them apart.

    Attributes:
        one, two: means over the same queries.
        difference: ``two - one``.
        low, high: interval of the difference; None with fewer than two groups.
    """

    one: float
    two: float
    difference: float
    low: float | None
    high: float | None

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


def paired_differences(
    one: Columns, two: Columns, *, samples: int = 1000, seed: int = 0, level: float = 0.95
) -> dict[str, Difference]:
    """Differences of means with paired bootstrap intervals.

    The difference is taken query by query, and whole groups of queries are drawn with replacement:
    what the two have in common, such as hard queries, drops out, and queries of one group are not
    taken for independent.

    Args:
        one, two: ``RetrievalResult.per_query`` of two evaluations of the same queries.
        samples: bootstrap samples.
        seed: of the draws.
        level: coverage of the intervals, 0 to 1.

    Returns:
        metric (as in ``RetrievalResult.means``) -> difference, for those that both have.

    Raises:
        UsageError: the two are not of the same queries and groups.
    """
    for name in ("query", "group"):
        if not np.array_equal(one[name], two[name]):
            raise UsageError(
                "two",
                "the two results are not of the same queries and groups",
                "evaluate both on the same data with the same options",
            )
    first, second = interval_columns(one), interval_columns(two)
    shared = [metric for metric in first if metric in second]
    gaps = {metric: second[metric] - first[metric] for metric in shared}
    found = bootstrap_intervals(
        gaps, np.asarray(one["group"]), samples=samples, seed=seed, level=level
    )
    return {
        metric: Difference(
            float(first[metric].mean()),
            float(second[metric].mean()),
            float(gaps[metric].mean()),
            *found.get(metric, (None, None)),
        )
        for metric in shared
    }


def most_changed(one: Columns, two: Columns, count: int) -> Int64Array:
    """Rows of the queries whose AP changed most: the greatest losses, then the greatest gains.

    Equal changes go by that of the NAR. One query a group, so that a large group does not fill the
    list; half the rows are losses where there are enough.

    Args:
        one, two: columns of the same queries in two results.
        count: most rows that are returned.

    Returns:
        int64, at most ``count`` row numbers.
    """
    gap = np.asarray(two["ap"], np.float64) - np.asarray(one["ap"], np.float64)
    nar = np.asarray(two["nar"], np.float64) - np.asarray(one["nar"], np.float64)
    by_size = np.lexsort((-np.abs(nar), -np.abs(gap)))
    _, first = np.unique(np.asarray(one["group"])[by_size], return_index=True)
    rows = by_size[np.sort(first)]
    losses, gains = rows[gap[rows] < 0], rows[gap[rows] > 0]
    lost = min(len(losses), max(count // 2, count - len(gains)))
    won = min(len(gains), count - lost)
    return np.concatenate([losses[:lost], gains[:won]]).astype(np.int64)
