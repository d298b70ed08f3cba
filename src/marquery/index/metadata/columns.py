"""Metadata of logos from a CSV file: owner, classes, codes, status, dates, anything."""

import os
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from marquery.errors import MarqueryError, UsageError
from marquery.index.metadata.csv_lines import read_lines
from marquery.index.metadata.dates import Order, order_of
from marquery.index.metadata.types import (
    SEPARATOR,
    ColumnType,
    Stored,
    Types,
    column_names,
    convert_cell,
    infer_type,
    merge_types,
    parse_types,
)
from marquery.names import is_elsewhere, path_to_text, text_to_path


@dataclass(frozen=True)
class Metadata:
    """What a metadata file says, by the logo that it is about."""

    types: dict[str, ColumnType]
    rows: dict[str, dict[str, str]]
    """Absolute path of a logo, as text -> its cells as written, empty ones left out."""
    asked: frozenset[str] = frozenset()
    """Columns whose type the caller asked for."""
    joined: tuple[str, ...] = field(default=())
    """Columns that are lists because a logo has several rows that differ there."""
    orders: dict[str, Order] = field(default_factory=dict)
    """Which number comes first in dates with strokes, by column, where the cells tell."""

    def values(self, path: str, types: dict[str, ColumnType]) -> dict[str, Stored]:
        """The cells of one logo in the types of an index; None where nothing is said.

        Raises:
            MarqueryError: a cell does not fit the type.
        """
        row = self.rows.get(path, {})
        return {
            name: convert_cell(
                path, name, row.get(name), kind, name in self.asked, self.orders.get(name)
            )
            for name, kind in types.items()
        }

    def check(self, stored: dict[str, ColumnType]) -> None:
        """Find out, before the work, whether all of it fits an index.

        Args:
            stored: the types of the index's columns.

        Raises:
            UsageError: a type was asked for that a column of the index has not.
            MarqueryError: a cell does not fit its column's type.
        """
        for name in sorted(self.asked & stored.keys()):
            if self.types.get(name, stored[name]) != stored[name]:
                raise UsageError(
                    "types",
                    f"{name} cannot be {self.types[name]}, since it is {stored[name]} in the index",
                    "leave its type out, give it another name, or build the index again",
                )
        merged = merge_types(stored, self.types)
        strict = ("integer", "number", "date")
        own = {name: merged[name] for name in self.types if merged[name] in strict}
        if own:
            for path in self.rows:
                self.values(path, own)


def read_metadata(
    file: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    types: Types | None = None,
) -> Metadata:
    r"""Read a CSV file with a header line, of which one column is ``path``.

    Cells are separated by commas, semicolons or tabs. Paths are relative to ``folder``, or
    absolute; a name that is no UTF-8 is written as :func:`marquery.names.path_to_text` does. Where
    there is no such file, one is taken whose name differs in spaces around it, in ``\`` for
    ``/``, or in how accents are encoded. Column names are taken in lower case, with ``_`` for what
    is no letter or digit.

    A logo may have several rows, as where an office writes one for each class: columns in which
    they differ are lists of all that they say.

    A column for which no type is asked is a list, its cells split at ``;``, if its name ends in
    ``[]`` or any of its cells holds ``;``; it is a whole number if all its cells are whole numbers
    of at most 15 digits, none with a leading zero or a plus sign; it is a date if all its cells are
    days that can be read in one way (:mod:`marquery.index.metadata.dates`); otherwise it is text.
    So codes are text: ``26.1`` is not ``26.10``, and ``007``, ``1E3`` and numbers of 19 digits stay
    as they are written.

    Args:
        file: the CSV file.
        folder: of the logos.
        types: by column, ``"text"``, ``"integer"``, ``"number"``, ``"list"`` or ``"date"``; or
            all as text, ``"filed=date,fee=number"``.

    Raises:
        UsageError: a type is wrong, or is asked for a column that is not there.
        MarqueryError: the file cannot be read, has no column ``path``, or names one twice or badly;
            or rows of one logo differ in a column that was asked to be no list.
    """
    place = Path(file)
    header, numbered = read_lines(place)
    lines = [line for _, line in numbered]
    names = column_names(place, header)
    asked = parse_types(types)
    strange = sorted(asked.keys() - set(names) | asked.keys() & {"path"})
    if strange:
        raise UsageError(
            "types",
            f"{place} has no column {strange[0]}" if strange[0] != "path" else "path is text",
            f"it has {', '.join(name for name in names if name != 'path')}",
        )
    columns: dict[str, ColumnType] = {
        name: asked.get(name) or infer_type([line[i] for line in lines if i < len(line)], header[i])
        for i, name in enumerate(names)
        if name != "path"
    }
    rows = _join(
        place, names, numbered, path_to_text(folder if is_elsewhere(folder) else Path(folder))
    )
    joined = []
    for name in [name for name, kind in columns.items() if kind != "list"]:
        path = next((path for path, row in rows.items() if len(row.get(name, ())) > 1), None)
        if path is None:
            continue
        if name in asked:
            one, other, *_ = rows[path][name]
            raise MarqueryError(
                f"{place}: rows of {path} differ in {name} ({one}, {other}), which was to be "
                f"{asked[name]}; keep one of them, or make it a list"
            )
        columns[name] = "list"
        joined.append(name)
    written = {
        path: {name: SEPARATOR.join(cells) for name, cells in row.items()}
        for path, row in rows.items()
    }
    orders = {
        name: order
        for name, kind in columns.items()
        if kind != "list" and (order := order_of(row.get(name, "") for row in written.values()))
    }
    return Metadata(columns, written, frozenset(asked), tuple(joined), orders)


def _join(
    place: Path, names: Sequence[str], lines: Iterable[tuple[int, Sequence[str]]], folder: str
) -> dict[str, dict[str, tuple[str, ...]]]:
    """The different cells of each logo, in the order of the file: path -> column -> cells."""
    at = names.index("path")
    rows: dict[str, dict[str, tuple[str, ...]]] = {}
    for number, line in lines:
        if at >= len(line) or not line[at].strip():
            raise MarqueryError(
                f"{place}: row {number} names no logo; fill in its path, or take the row out"
            )
        row = rows.setdefault(_path_of(folder, line[at]), {})
        for name, cell in zip(names, line, strict=False):
            content = cell.strip()
            if name != "path" and content and content not in row.get(name, ()):
                row[name] = (*row.get(name, ()), content)
    return rows


def _path_of(folder: str, cell: str) -> str:
    """The absolute path of a logo; as it is written if that file is there or nothing like it is."""
    if is_elsewhere(cell.strip()):
        return cell.strip()
    if is_elsewhere(folder):
        return f"{folder.rstrip('/')}/{cell.strip().lstrip('/')}"

    def absolute(written: str) -> str:
        return os.path.abspath(os.path.join(folder, written))  # noqa: PTH100, PTH118 (links stay)

    written = absolute(cell)
    if os.path.lexists(text_to_path(written)):
        return written
    for name in (cell.strip(), cell.strip().replace("\\", "/")):
        for form in ("NFC", "NFD"):
            other = absolute(unicodedata.normalize(form, name))
            if os.path.lexists(text_to_path(other)):
                return other
    return written
