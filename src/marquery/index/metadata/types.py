"""Metadata columns: their types, how a type is told from cells, and what a cell means in it."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Literal, get_args

from marquery.errors import MarqueryError, UsageError
from marquery.index.metadata.dates import AmbiguousDateError, Order, order_of, parse_day

ColumnType = Literal["text", "integer", "number", "list", "date"]
#: A cell as it is shown and recorded; dates are as ISO writes them.
Value = str | int | float | list[str] | None
#: A cell as it is stored.
Stored = Value | date
#: Types that a caller asks for: by column, or written as ``"filed=integer,fee=number"``.
Types = str | Mapping[str, str]

TYPES: tuple[ColumnType, ...] = get_args(ColumnType)
#: Names that filters know without any metadata.
RESERVED = ("id", "path", "width", "height", "sha256", "words")
#: Between the members of a list in one cell.
SEPARATOR = ";"
#: Least and greatest value of the whole-number columns that every index has.
OWN_RANGES = {"width": (-(2**31), 2**31 - 1), "height": (-(2**31), 2**31 - 1)}
#: Of all other columns of whole numbers; the very least one is no literal of the store's SQL.
INTEGER_RANGE = (-(2**63) + 1, 2**63 - 1)
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_WORDS = frozenset(("and", "or", "not", "in", "between", "is", "missing"))
# As a whole number prints itself, and no longer than what every reader of JSON holds exactly.
_SHORT_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")
_PLAIN_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")
_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")
_PLAIN_NUMBER = re.compile(r"0|-?(0|[1-9][0-9]{0,14})\.[0-9]{0,14}[1-9]|-?[1-9][0-9]{0,14}")
_NUMBER = re.compile(r"[+-]?([0-9]{1,400}(\.[0-9]{0,400})?|\.[0-9]{1,400})([eE][+-]?[0-9]{1,3})?")


def column_name(header: str) -> str:
    """What a column is called in filters: lower case, ``_`` for what is no letter or digit."""
    return re.sub(r"[^a-z0-9]+", "_", header.strip().lower()).strip("_")


def column_names(place: object, header: Sequence[str]) -> list[str]:
    """The columns of a metadata file, of which one is ``path``.

    Raises:
        MarqueryError: there is no column ``path``, or a name stands twice or cannot be used.
    """
    names = [column_name(written) for written in header]
    if "path" not in names:
        raise MarqueryError(f"{place}: has no column 'path'; add one with the logos' files")
    for name, written in zip(names, header, strict=True):
        if not _NAME.fullmatch(name) or name in _WORDS or names.count(name) > 1:
            raise MarqueryError(
                f"{place}: {written!r} cannot name a column; use one-time names of letters, "
                "digits and _ that are not words of the filter language"
            )
        if name in RESERVED and name != "path":
            raise MarqueryError(f"{place}: {name} is a column of its own; rename the file's")
    return names


def is_column_name(name: str) -> bool:
    """Whether metadata may have a column of this name, as :func:`column_name` writes it."""
    return bool(_NAME.fullmatch(name)) and name not in _WORDS and name not in RESERVED


def parse_types(types: Types | None) -> dict[str, ColumnType]:
    """The types that a caller asks for, by column.

    >>> parse_types("filed=integer, fee=number")
    {'filed': 'integer', 'fee': 'number'}

    Raises:
        UsageError: a type is not one of :data:`TYPES`, or the text cannot be read.
    """
    if types is None:
        return {}
    pairs: list[tuple[str, str]] = []
    if isinstance(types, Mapping):
        pairs = list(types.items())
    else:
        for part in filter(str.strip, types.split(",")):
            name, equals, written = part.partition("=")
            if not equals:
                raise UsageError("types", f"{part.strip()!r} names no type", "write COLUMN=TYPE")
            pairs.append((name, written))
    asked: dict[str, ColumnType] = {}
    for name, written in pairs:
        kind = next((kind for kind in TYPES if kind == written.strip().lower()), None)
        if kind is None:
            raise UsageError(
                "types", f"{written.strip()!r} is no type", f"choose from {', '.join(TYPES)}"
            )
        asked[column_name(name)] = kind
    return asked


def infer_type(cells: Sequence[str], header: str) -> ColumnType:
    """The type of a column for which none was asked: see
    :func:`marquery.index.metadata.columns.read_metadata` for the rule.

    Args:
        cells: as written, empty ones included.
        header: the column's name as written.
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    if header.strip().endswith("[]") or any(SEPARATOR in cell for cell in filled):
        return "list"
    if filled and _are_days(filled):
        return "date"
    if filled and all(_SHORT_INTEGER.fullmatch(cell) for cell in filled):
        return "integer"
    return "text"


def _are_days(cells: Sequence[str]) -> bool:
    """Whether all cells are dates, each of which can be read in one way."""
    order = order_of(cells)
    try:
        return all(parse_day(cell, order) is not None for cell in cells)
    except AmbiguousDateError:
        return False


def shown_value(stored: Stored) -> Value:
    """A cell as it is shown: a date as ISO writes it."""
    return stored.isoformat() if isinstance(stored, date) else stored


def merge_types(old: dict[str, ColumnType], new: dict[str, ColumnType]) -> dict[str, ColumnType]:
    """Types of an index's columns once a file's columns are added; the index's own types stay.

    Raises:
        MarqueryError: a file's column is a list and the index's is not.
    """
    merged = dict(old)
    for name, kind in new.items():
        if merged.setdefault(name, kind) != "list" and kind == "list":
            raise MarqueryError(
                f"column {name} of the metadata holds lists, but {merged[name]} in the index; "
                "give it another name, or build the index again with it as a list"
            )
    return merged


def convert_cell(
    path: str,
    name: str,
    cell: str | None,
    kind: ColumnType,
    asked: bool,
    order: Order | None = None,
) -> Stored:
    """A cell in the type of its column; None where nothing is said.

    Args:
        path: of the logo, to be named in an error.
        name: of the column.
        cell: as written.
        kind: the column's type.
        asked: whether the caller asked for the type: then ``007`` is a whole number and ``26.10`` a
            number, otherwise they are codes.
        order: which number comes first in the column's dates with strokes; None: it has to be
            clear.

    Raises:
        MarqueryError: the cell does not fit the type.
    """
    if cell is None:
        return None
    if kind == "list":
        members = [part.strip() for part in cell.split(SEPARATOR)]
        return list(dict.fromkeys(filter(None, members)))
    if kind == "text":
        return cell
    if kind == "date":
        return _to_day(path, name, cell, order)
    if kind == "integer" and (_INTEGER if asked else _PLAIN_INTEGER).fullmatch(cell):
        whole = int(cell)
        if INTEGER_RANGE[0] <= whole <= INTEGER_RANGE[1]:
            return whole
        if asked:
            least, most = INTEGER_RANGE
            raise MarqueryError(
                f"metadata of {path}: {name} is {cell!r}, but whole numbers are from {least} to "
                f"{most}; correct the cell, or keep the column as text if it holds codes"
            )
    if kind == "number" and (_NUMBER if asked else _PLAIN_NUMBER).fullmatch(cell):
        number = float(cell)
        if math.isfinite(number):
            return number
    raise MarqueryError(
        f"metadata of {path}: {name} is {cell!r}, but the index holds {kind}s there; "
        f"correct the cell, ask for the type {kind} if it is one, or, if the column holds codes, "
        "build the index again with it as text"
    )


def _to_day(path: str, name: str, cell: str, order: Order | None) -> date:
    try:
        day = parse_day(cell, order)
    except AmbiguousDateError as error:
        one, other = error.readings
        raise MarqueryError(
            f"metadata of {path}: {name} is {cell!r}, which can be {one} or {other}; "
            "write the column's dates as 2024-05-31"
        ) from error
    if day is None:
        raise MarqueryError(
            f"metadata of {path}: {name} is {cell!r}, but the index holds dates there; "
            "write it as 2024-05-31, leave it empty, or build the index again with it as text"
        )
    return day


def parse_number(text: str) -> Decimal | None:
    """A number as a filter may write it, exactly; None if it is none."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def check_column(name: str, types: dict[str, ColumnType]) -> ColumnType:
    """The type of a column that a filter names.

    Raises:
        UsageError: there is no such column.
    """
    own: dict[str, ColumnType] = {"path": "text", "sha256": "text", "id": "integer"}
    own |= {"width": "integer", "height": "integer", "words": "text"}
    known = {**own, **types}
    if name not in known:
        near = get_close_matches(name, known, 1)
        meant = f"did you mean {near[0]}? " if near else ""
        there = f"{meant}there are {', '.join(known)}"
        raise UsageError("where", f"there is no column {name!r}", there)
    return known[name]
