"""A column of metadata coded in memory: its different values, and which logos have them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from marquery.arrays import BoolArray, Int64Array
from marquery.index.browsing.code_kinds import CodeKind, code_kind
from marquery.index.browsing.code_tree import CodeTree
from marquery.index.metadata.types import ColumnType
from marquery.index.metadata.values import fold_value, holds_codes


@dataclass(frozen=True)
class CodedColumn:
    """A column with one place for each value, however its letters are written: the commonest
    spelling stands for all. Dates are counted by their years.
    """

    values: list[str]
    rows: Int64Array
    """(M,): of each entry its logo; a list gives several."""
    codes: Int64Array
    """(M,): of each entry its place in ``values``."""
    places: dict[str, int]
    """Value, folded as :func:`fold_value` does -> its place in ``values``."""
    has_codes: bool
    is_date: bool
    kind: CodeKind

    @cached_property
    def tree(self) -> CodeTree | None:
        """The branches of dotted codes; None for other columns."""
        return CodeTree(self.values, self.rows, self.codes) if self.kind == "tree" else None

    def fold(self, value: str) -> str:
        """A value as ``places`` has it."""
        return fold_value(value, self.has_codes)

    def empty(self, count: int) -> BoolArray:
        """(count,) which logos have no value."""
        empty = np.ones(count, np.bool_)
        empty[self.rows] = False
        return empty

    def mask(self, values: Sequence[str], count: int) -> BoolArray:
        """(count,) which logos have one of some values.

        Args:
            values: the empty value stands for logos without any, ``01.15.*`` for a branch.
            count: logos of the index.
        """
        folded = (self.fold(value) for value in values if value)
        codes = [self.places[value] for value in folded if value in self.places]
        mask = np.zeros(count, np.bool_)
        mask[self.rows[np.isin(self.codes, codes)]] = True
        for value in values:
            branch = None if self.tree is None else self.tree.mask(value, count)
            if branch is not None:
                mask |= branch
        return mask | self.empty(count) if "" in values else mask


def code_column(name: str, stored: Any, kind: ColumnType) -> CodedColumn:
    """Code a column.

    Args:
        name: of the column.
        stored: its values, a row for each logo.
        kind: its type.
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
    has_codes = holds_codes(name, kind)
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
    return CodedColumn(
        values=values,
        rows=pairs[:, 0],
        codes=pairs[:, 1],
        places=places,
        has_codes=has_codes,
        is_date=kind == "date",
        kind=code_kind(name, kind, values),
    )
