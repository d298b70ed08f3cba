"""Logos in the order of their metadata: a listing without anything to look for."""

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from marquery.arrays import Int64Array
from marquery.errors import UsageError
from marquery.index.match import Match
from marquery.index.metadata.filters import PREFIX
from marquery.index.metadata.types import Value, shown_value
from marquery.index.strategies.words import WORDS

if TYPE_CHECKING:
    from marquery.index.logo_index import LogoIndex

#: Before a column's name: from its greatest value down.
DESCENDING = "-"


def sort_column(sort: str) -> tuple[str, bool]:
    """The column of an order such as ``-filed``, and whether it goes down."""
    return sort.removeprefix(DESCENDING), sort.startswith(DESCENDING)


def check_sort(sort: str, columns: dict[str, str]) -> None:
    """Refuse an order by a column that is not there, or that holds lists.

    Raises:
        UsageError: so it is.
    """
    name, _ = sort_column(sort)
    known = [column for column, kind in columns.items() if kind != "list"]
    if sort and name not in known:
        there = ", ".join(known) or "none"
        raise UsageError(
            "sort", f"there is no column {name[:40]!r} to sort by", f"there are {there}"
        )


def sort_key(value: Value) -> tuple[int, float, str]:
    """Where a value stands: numbers by size, text whatever the case of its letters."""
    if isinstance(value, (int, float)):
        return 0, float(value), ""
    return 1, 0.0, "; ".join(value).lower() if isinstance(value, list) else str(value).lower()


def sorted_matches(matches: list[Match], sort: str) -> list[Match]:
    """Hits in the order of a column, those without a value last; equal ones keep their order."""
    name, down = sort_column(sort)
    said = [m for m in matches if m.metadata.get(name) is not None]
    rest = [m for m in matches if m.metadata.get(name) is None]
    return sorted(said, key=lambda m: sort_key(m.metadata[name]), reverse=down) + rest


class Ordering:
    """The orders of one version of an index; each is made when it is first asked for."""

    def __init__(self, index: "LogoIndex") -> None:
        self._seen = index.snapshot()
        self._places = lru_cache(maxsize=16)(self._ranked)

    def sorted(self, ids: Int64Array, sort: str = "") -> Int64Array:
        """Ids in the order of a column; empty: of the index.

        Args:
            ids: (N,) of logos.
            sort: column, with ``-`` before it from its greatest value down.
        """
        ids = np.sort(ids)
        if not sort or self._seen is None:
            return ids
        known, place = self._places(sort)
        ordered: Int64Array = ids[np.argsort(place[np.searchsorted(known, ids)], kind="stable")]
        return ordered

    def matches(self, ids: list[int], first: int) -> list[Match]:
        """What is shown of some logos, which stand one after another from a place on.

        Args:
            ids: in their order.
            first: place of the first of them, from 1.
        """
        if self._seen is None or not ids:
            return []
        types = self._seen.types
        columns = ("path", WORDS.name, *(PREFIX + name for name in types))
        rows = {row["id"]: row for row in self._seen.rows(ids, columns).to_pylist()}
        return [
            Match(
                rank=rank,
                score=0.0,
                path=rows[logo]["path"],
                id=logo,
                scores={},
                words=rows[logo].get(WORDS.name),
                metadata={name: shown_value(rows[logo][PREFIX + name]) for name in types},
            )
            for rank, logo in enumerate(ids, first)
            if logo in rows
        ]

    def _ranked(self, sort: str) -> tuple[Int64Array, Int64Array]:
        """All ids, ascending, and the place of each in an order."""
        assert self._seen is not None
        name, down = sort_column(sort)
        stored = self._seen.table.read(("id", PREFIX + name))
        by_id = np.argsort(ids := stored["id"].to_numpy())
        values = [shown_value(value) for value in stored[PREFIX + name].to_pylist()]
        said = [i for i in by_id.tolist() if values[i] is not None]
        said.sort(key=lambda i: sort_key(values[i]), reverse=down)
        rest = [i for i in by_id.tolist() if values[i] is None]
        place = np.empty(len(ids), np.int64)
        place[np.array(said + rest, np.int64)] = np.arange(len(ids))
        return ids[by_id], place[by_id]
