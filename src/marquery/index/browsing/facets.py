"""How many logos have each value of their metadata: what a list of filters shows beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from marquery.arrays import BoolArray, Int64Array
from marquery.errors import UsageError
from marquery.index.metadata.filters import PREFIX, parse_filter
from marquery.index.metadata.types import ColumnType

if TYPE_CHECKING:
    from marquery.index.logo_index import LogoIndex

# A column of numbers with more values is no list to choose from.
_MOST_NUMBERS = 60


@dataclass(frozen=True)
class Count:
    """One value of a column."""

    value: str
    """As written; empty for logos that have none."""
    count: int
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """A column with its commonest values, and those that are chosen."""

    column: str
    values: list[Count]
    distinct: int
    """Values in the whole index."""


@dataclass(frozen=True)
class _Column:
    values: list[str]
    rows: Int64Array
    """(M,): of each entry its logo; a list gives several."""
    codes: Int64Array
    """(M,): of each entry its place in ``values``."""


class FacetTable:
    """The metadata of one version of an index, coded so that values are counted in memory.

    Choices in one column add up (or), those of several columns narrow (and). Each column is counted
    among what the other columns leave, so that its other values show what choosing them would add.
    """

    def __init__(self, index: "LogoIndex") -> None:
        self._seen = index.snapshot()
        self._ids = np.empty(0, np.int64)
        self._columns: dict[str, _Column] = {}
        if self._seen is None:
            return
        types = self._seen.types
        names = ["id", *(PREFIX + name for name in types)]
        stored = self._seen.table.read(names)
        self._ids = stored["id"].to_numpy()
        for name, kind in types.items():
            column = _coded(stored[PREFIX + name], kind)
            if kind in ("text", "list") or len(column.values) <= _MOST_NUMBERS:
                self._columns[name] = column

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns whose values can be chosen."""
        return tuple(self._columns)

    def count(
        self, chosen: Mapping[str, Sequence[str]], where: str | None = None, most: int = 60
    ) -> tuple[int, list[Facet]]:
        """Count what a filter leaves.

        Args:
            chosen: column -> values; the empty value stands for logos without any.
            where: filter in the language of :mod:`marquery.index.metadata.filters`.
            most: values of a column that are listed, beside chosen ones and the empty one.

        Returns:
            The number of logos left, and a facet for each column whose values repeat.

        Raises:
            UsageError: the filter cannot be understood, or a column cannot be chosen from.
        """
        masks = {name: self._mask(name, values) for name, values in chosen.items() if values}
        base = self._where(where)
        left = base.copy()
        for mask in masks.values():
            left &= mask
        facets = []
        for name, column in self._columns.items():
            if len(column.values) >= 0.5 * max(len(column.rows), 1) and name not in masks:
                continue  # names and numbers of single logos
            others = base.copy() if name in masks else left
            for other, mask in masks.items():
                if name in masks and other != name:
                    others &= mask
            facets.append(_facet(name, column, others, set(chosen.get(name, ())), most))
        return int(left.sum()), facets

    def _where(self, where: str | None) -> BoolArray:
        if where is None or self._seen is None:
            return np.ones(len(self._ids), np.bool_)
        condition = parse_filter(where, self._seen.types, self._seen.has_words)
        return np.isin(self._ids, self._seen.ids(condition))

    def _mask(self, name: str, values: Sequence[str]) -> BoolArray:
        if name not in self._columns:
            known = ", ".join(self._columns) or "none"
            raise UsageError("chosen", f"there is no column {name!r}", f"there are {known}")
        column = self._columns[name]
        place = {value: code for code, value in enumerate(column.values)}
        codes = [place[value] for value in values if value in place]
        mask = np.zeros(len(self._ids), np.bool_)
        mask[column.rows[np.isin(column.codes, codes)]] = True
        if "" in values:
            mask |= _empty(column, len(self._ids))
        return mask


def _facet(name: str, column: _Column, among: BoolArray, chosen: set[str], most: int) -> Facet:
    counts = np.bincount(column.codes[among[column.rows]], minlength=len(column.values))
    order = np.lexsort((np.arange(len(counts)), -counts))
    top = order[:most]
    marked = [i for i in order[most:].tolist() if column.values[i] in chosen] if chosen else []
    listed = [
        Count(column.values[i], int(counts[i]), column.values[i] in chosen)
        for i in (*top.tolist(), *marked)
        if counts[i] or column.values[i] in chosen
    ]
    missing = int((_empty(column, len(among)) & among).sum())
    if missing or "" in chosen:
        listed.append(Count("", missing, "" in chosen))
    return Facet(name, listed, len(column.values))


def _empty(column: _Column, count: int) -> BoolArray:
    empty = np.ones(count, np.bool_)
    empty[column.rows] = False
    return empty


def _coded(stored: Any, kind: ColumnType) -> _Column:
    import pyarrow.compute as pc

    whole = stored.combine_chunks()
    if kind == "list":
        rows = pc.list_parent_indices(whole).to_numpy().astype(np.int64)
        whole = pc.list_flatten(whole)
    else:
        rows = np.arange(len(whole), dtype=np.int64)
    coded = whole.dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    pairs = np.stack([rows, codes], axis=1)[codes >= 0]
    if kind == "list":  # one that says a value twice still counts once
        pairs = np.unique(pairs, axis=0)
    return _Column([str(v) for v in coded.dictionary.to_pylist()], pairs[:, 0], pairs[:, 1])
