"""How many logos have each value of their metadata: what a list of filters shows beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from marquery.arrays import BoolArray, Int64Array
from marquery.errors import UsageError
from marquery.index.browsing.hints import asked_values, hint
from marquery.index.metadata.filters import PREFIX, parse_filter
from marquery.index.metadata.types import ColumnType
from marquery.index.metadata.values import compare, fold_value, holds_codes

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
    places: dict[str, int]
    """Value, folded as :func:`fold_value` does -> its place in ``values``."""
    has_codes: bool
    is_date: bool

    def fold(self, value: str) -> str:
        """A value as ``places`` has it."""
        return fold_value(value, self.has_codes)


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
            column = _coded(stored[PREFIX + name], kind, holds_codes(name, kind))
            if kind in ("text", "list", "date") or len(column.values) <= _MOST_NUMBERS:
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
        base, masks, left = self._left(chosen, where)
        facets = []
        for name, column in self._columns.items():
            repeats = column.is_date or len(column.values) < 0.5 * max(len(column.rows), 1)
            if not repeats and name not in masks:
                continue  # names and numbers of single logos
            others = base.copy() if name in masks else left
            for other, mask in masks.items():
                if name in masks and other != name:
                    others &= mask
            facets.append(_facet(name, column, others, chosen.get(name, ()), most))
        return int(left.sum()), facets

    def ids(self, chosen: Mapping[str, Sequence[str]], where: str | None = None) -> Int64Array:
        """(N,) ids of the logos that a filter leaves, in no order; see :meth:`count`.

        Raises:
            UsageError: the filter cannot be understood, or a column cannot be chosen from.
        """
        return self._ids[self._left(chosen, where)[2]]

    def _left(
        self, chosen: Mapping[str, Sequence[str]], where: str | None
    ) -> tuple[BoolArray, dict[str, BoolArray], BoolArray]:
        """What a typed filter leaves, what the values of each column leave, and both together."""
        masks = {name: self._mask(name, values) for name, values in chosen.items() if values}
        base = self._where(where)
        left = base.copy()
        for mask in masks.values():
            left &= mask
        return base, masks, left

    def hints(self, where: str | None) -> list[str]:
        """Sentences on values that a filter asks for and no logo has, with what may be meant.

        Raises:
            UsageError: the filter cannot be understood.
        """
        if where is None or self._seen is None:
            return []
        told = []
        for asked in asked_values(parse_filter(where, self._seen.types, self._seen.has_words)):
            name = asked.column.removeprefix(PREFIX)
            column = self._columns.get(name)
            if column is None or column.fold(asked.text) in column.places:
                continue
            # A year is no value of a column of text, and still finds its days.
            same = compare(asked.column, self._seen.types[name], "=", asked.text)
            if not len(self._seen.ids(same)):
                told.append(hint(name, asked.text, column.values))
        return list(dict.fromkeys(told))

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
        folded = (column.fold(value) for value in values if value)
        codes = [column.places[value] for value in folded if value in column.places]
        mask = np.zeros(len(self._ids), np.bool_)
        mask[column.rows[np.isin(column.codes, codes)]] = True
        if "" in values:
            mask |= _empty(column, len(self._ids))
        return mask


def _facet(name: str, column: _Column, among: BoolArray, chosen: Sequence[str], most: int) -> Facet:
    picked = {column.places.get(column.fold(value)) for value in chosen if value}
    counts = np.bincount(column.codes[among[column.rows]], minlength=len(column.values))
    order = np.lexsort((np.arange(len(counts)), -counts))
    if column.is_date:  # years, the latest first
        order = np.array(sorted(range(len(counts)), key=column.values.__getitem__)[::-1], np.int64)
        kept = counts > 0  # years without any would take the places of others
        kept[[place for place in picked if place is not None]] = True
        order = order[kept[order]]
    top = order[:most]
    marked = [i for i in order[most:].tolist() if i in picked] if picked else []
    listed = [
        Count(column.values[i], int(counts[i]), i in picked)
        for i in (*top.tolist(), *marked)
        if counts[i] or i in picked
    ]
    missing = int((_empty(column, len(among)) & among).sum())
    if missing or "" in chosen:
        listed.append(Count("", missing, "" in chosen))
    return Facet(name, listed, len(column.values))


def _empty(column: _Column, count: int) -> BoolArray:
    empty = np.ones(count, np.bool_)
    empty[column.rows] = False
    return empty


def _coded(stored: Any, kind: ColumnType, has_codes: bool) -> _Column:
    """A column with one place for each value, however its letters are written: the commonest
    spelling stands for all. Dates are counted by their years.
    """
    import pyarrow.compute as pc

    whole = stored.combine_chunks()
    if kind == "date":
        whole = pc.strftime(whole, format="%Y")
    if kind == "list":
        rows = pc.list_parent_indices(whole).to_numpy().astype(np.int64)
        whole = pc.list_flatten(whole)
    else:
        rows = np.arange(len(whole), dtype=np.int64)
    coded = whole.dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    pairs = np.stack([rows, codes], axis=1)[codes >= 0]
    written = [str(v) for v in coded.dictionary.to_pylist()]
    counts = np.bincount(pairs[:, 1], minlength=len(written))
    places: dict[str, int] = {}
    values: list[str] = []
    place_of = np.empty(len(written), np.int64)
    for code in np.argsort(-counts, kind="stable").tolist():
        place = places.setdefault(fold_value(written[code], has_codes), len(values))
        if place == len(values):
            values.append(written[code])
        place_of[code] = place
    pairs[:, 1] = place_of[pairs[:, 1]]
    if kind == "list":  # one that says a value twice still counts once
        pairs = np.unique(pairs, axis=0)
    return _Column(values, pairs[:, 0], pairs[:, 1], places, has_codes, kind == "date")
