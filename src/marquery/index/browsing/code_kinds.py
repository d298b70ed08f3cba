"""Which columns hold codes of a classification, told by their names and by what is in them."""

import re
from collections.abc import Sequence
from typing import Literal

from marquery.index.browsing.nice_classes import class_number
from marquery.index.metadata.types import ColumnType
from marquery.index.metadata.values import code_numbers, holds_codes

#: ``nice``: numbers of Nice classes; ``tree``: dotted codes, which are branches of branches, such
#: as those of figures (Vienna) and designs (Locarno); empty: no codes.
CodeKind = Literal["", "nice", "tree"]

_NICE = re.compile(r"(.*_)?nice(_.*)?|((goods|int|international|nice)_)?class(es|_numbers?|_nos?)?")
_FIGURES = re.compile(r".*(vienna|figur).*")
# Share of the different values that have to be codes: offices make mistakes.
_MOST = 0.9


def code_kind(column: str, kind: ColumnType, values: Sequence[str]) -> CodeKind:
    """The classification that a column is by.

    Args:
        column: its name.
        kind: its type.
        values: all different ones.
    """
    if not values or kind not in ("text", "list", "integer"):
        return ""
    if _NICE.fullmatch(column):
        classes = sum(class_number(value) is not None for value in values)
        if classes >= _MOST * len(values):
            return "nice"
    if holds_codes(column, kind):
        dotted = sum(len(code_numbers(value) or ()) > 1 for value in values)
        if dotted >= _MOST * len(values):
            return "tree"
    return ""


def holds_figures(column: str) -> bool:
    """Whether a column of codes is by its name one of the figures of a mark (Vienna)."""
    return _FIGURES.fullmatch(column) is not None
