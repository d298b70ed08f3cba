"""How many logos have each value of their metadata: what a list of filters shows beside them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from marquery.arrays import BoolArray, Int64Array
from marquery.errors import UsageError
from marquery.index.browsing.code_kinds import CodeKind
from marquery.index.browsing.code_tree import Branch, CodeTree
from marquery.index.browsing.coded_column import CodedColumn, code_column
from marquery.index.browsing.hints import asked_values, hint
from marquery.index.browsing.nice_classes import class_number
from marquery.index.metadata.filters import PREFIX, parse_filter
from marquery.index.metadata.values import compare

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
    kind: CodeKind = ""
    """The classification that its values are codes of."""
    branches: tuple[Branch, ...] = ()
    """Of dotted codes the widest branches, opened down to those that are chosen."""

    @property
    def by_number(self) -> list[Count]:
        """The values as a list shows them: Nice classes by their numbers, others as they stand."""
        if self.kind != "nice":
            return self.values
        return sorted(self.values, key=lambda count: class_number(count.value) or 1000)


class FacetTable:
    """The metadata of one version of an index, coded so that values are counted in memory.

    Choices in one column add up (or), those of several columns narrow (and). Each column is counted
    among what the other columns leave, so that its other values show what choosing them would add.
    """

    def __init__(self, index: "LogoIndex") -> None:
        self._seen = index.snapshot()
        self._ids = np.empty(0, np.int64)
        self._columns: dict[str, CodedColumn] = {}
        if self._seen is None:
            return
        types = self._seen.types
        names = ["id", *(PREFIX + name for name in types)]
        stored = self._seen.table.read(names)
        self._ids = stored["id"].to_numpy()
        for name, kind in types.items():
            column = code_column(name, stored[PREFIX + name], kind)
            if kind in ("text", "list", "date") or len(column.values) <= _MOST_NUMBERS:
                self._columns[name] = column

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns whose values can be chosen."""
        return tuple(self._columns)

    @property
    def kinds(self) -> dict[str, CodeKind]:
        """Columns that hold codes of a classification -> which."""
        return {name: column.kind for name, column in self._columns.items() if column.kind}

    def folding(self, column: str) -> Callable[[str], str]:
        """What brings spellings of a column's values to one form."""
        return self._columns[column].fold

    def share(self, column: str, value: str) -> float:
        """Of the logos that say anything in a column the share that has a value, 0 to 1."""
        held = self._columns[column]
        said = len(self._ids) - int(held.empty(len(self._ids)).sum())
        return int(held.mask([value], len(self._ids)).sum()) / said if said else 0.0

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
            repeats = len(column.values) < 0.5 * max(len(column.rows), 1)
            if not (repeats or column.is_date or column.kind or name in masks):
                continue  # names and numbers of single logos
            others = _among(base, masks, name) if name in masks else left
            facets.append(_facet(name, column, others, chosen.get(name, ()), most))
        return int(left.sum()), facets

    def branches(
        self,
        column: str,
        chosen: Mapping[str, Sequence[str]],
        where: str | None = None,
        of: str = "",
    ) -> tuple[Branch, ...]:
        """The branches of a column of dotted codes right below one, counted as :meth:`count` does.

        Args:
            column: its name.
            chosen: column -> values.
            where: filter.
            of: the branch, such as ``01.15``; empty: the widest ones are given.

        Raises:
            UsageError: the filter cannot be understood, or the column holds no such codes.
        """
        tree = self._tree(column)
        base, masks, _ = self._left(chosen, where)
        return tree.branches(_among(base, masks, column), chosen.get(column, ()), of)

    def find_codes(
        self,
        column: str,
        text: str,
        name: Callable[[str], str],
        chosen: Mapping[str, Sequence[str]],
        where: str | None = None,
    ) -> tuple[Branch, ...]:
        """The branches of a column of dotted codes that a text may mean, see
        :meth:`CodeTree.find`.

        Args:
            column: its name.
            text: the beginning of a code, or words of names.
            name: what a code is called.
            chosen: column -> values.
            where: filter.

        Raises:
            UsageError: the filter cannot be understood, or the column holds no such codes.
        """
        tree = self._tree(column)
        base, masks, _ = self._left(chosen, where)
        return tree.find(_among(base, masks, column), text, name, chosen.get(column, ()))

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
        return self._columns[name].mask(values, len(self._ids))

    def _tree(self, name: str) -> CodeTree:
        column = self._columns.get(name)
        if column is None or column.tree is None:
            known = ", ".join(n for n, kind in self.kinds.items() if kind == "tree") or "none"
            raise UsageError(
                "column", f"there is no column {name!r} of dotted codes", f"there are {known}"
            )
        return column.tree


def _among(base: BoolArray, masks: Mapping[str, BoolArray], column: str) -> BoolArray:
    """What a typed filter and the choices in all other columns leave."""
    others = base.copy()
    for other, mask in masks.items():
        if other != column:
            others &= mask
    return others


def _facet(
    name: str, column: CodedColumn, among: BoolArray, chosen: Sequence[str], most: int
) -> Facet:
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
    missing = int((column.empty(len(among)) & among).sum())
    if missing or "" in chosen:
        listed.append(Count("", missing, "" in chosen))
    branches = () if column.tree is None else column.tree.branches(among, chosen)
    return Facet(name, listed, len(column.values), column.kind, branches)
