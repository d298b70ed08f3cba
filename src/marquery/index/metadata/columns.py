"""Metadata of logos from a CSV file: owner, classes, codes, status, dates, anything."""

import csv
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from marquery.errors import MarqueryError, UsageError

ColumnType = Literal["text", "integer", "number", "list"]
Value = str | int | float | list[str] | None

#: Names that filters know without any metadata.
RESERVED = ("id", "path", "width", "height", "sha256", "words")
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_WORDS = frozenset(("and", "or", "not", "in", "between", "is", "missing"))
_SEPARATOR = ";"


@dataclass(frozen=True)
class Metadata:
    """Rows of a metadata file by the logo they are about."""

    types: dict[str, ColumnType]
    rows: dict[str, dict[str, str]]
    """Absolute path of a logo -> its cells as written, empty ones left out."""

    def values(self, path: str, types: dict[str, ColumnType]) -> dict[str, Value]:
        """The cells of one logo in the types of an index; None where nothing is said.

        Raises:
            MarqueryError: a cell does not fit the type.
        """
        row = self.rows.get(path, {})
        return {name: _convert(path, name, row.get(name), kind) for name, kind in types.items()}


def read_metadata(file: str | os.PathLike[str], folder: str | os.PathLike[str]) -> Metadata:
    """Read a CSV file with a header line, of which one column is ``path``.

    Paths are relative to ``folder``, or absolute. Column names are taken in lower case, with ``_``
    for what is no letter or digit. A column is a list, its cells split at ``;``, if its name ends
    in ``[]`` or any of its cells holds ``;``; it is a whole number or a number if all its cells
    are, none with a leading zero; otherwise it is text. Dates are text: written as 2024-05-31 they
    sort as they should.

    Raises:
        MarqueryError: the file cannot be read, has no column ``path``, or names one twice or badly.
    """
    place = Path(file)
    try:
        with place.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.reader(stream)
            header = next(reader, [])
            lines = [line for line in reader if line]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MarqueryError(f"{file}: cannot be read as UTF-8 CSV ({error})") from error
    names = _names(place, header)
    at = names.index("path")
    types = {
        name: _infer([line[i] for line in lines if i < len(line)], header[i])
        for i, name in enumerate(names)
        if name != "path"
    }
    rows: dict[str, dict[str, str]] = {}
    for number, line in enumerate(lines, 2):
        if len(line) > len(names) or at >= len(line):
            raise MarqueryError(
                f"{file}: row {number} has {len(line)} cells for {len(names)} columns; "
                "put cells that hold commas in quotes"
            )
        path = os.path.abspath(Path(folder) / line[at])  # noqa: PTH100 (links are kept as given)
        cells = zip(names, line, strict=False)
        rows[path] = {n: c.strip() for n, c in cells if n != "path" and c.strip()}
    return Metadata(types, rows)


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
                "give it another name"
            )
    return merged


def _names(place: Path, header: Sequence[str]) -> list[str]:
    names = [re.sub(r"[^a-z0-9]+", "_", h.strip().lower()).strip("_") for h in header]
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


def _infer(cells: Sequence[str], header: str) -> ColumnType:
    filled = [cell.strip() for cell in cells if cell.strip()]
    if header.strip().endswith("[]") or any(_SEPARATOR in cell for cell in filled):
        return "list"
    if filled and all(re.fullmatch(r"-?(0|[1-9]\d{0,17})", cell) for cell in filled):
        return "integer"
    if filled and all(re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?([eE]-?\d+)?", c) for c in filled):
        return "number"
    return "text"


def _convert(path: str, name: str, cell: str | None, kind: ColumnType) -> Value:
    if cell is None:
        return None
    if kind == "list":
        return [part.strip() for part in cell.split(_SEPARATOR) if part.strip()]
    if kind == "text":
        return cell
    try:
        return int(cell) if kind == "integer" else float(cell)
    except ValueError as error:
        raise MarqueryError(
            f"metadata of {path}: {name} is {cell!r}, but the index holds {kind}s there; "
            "correct the cell or rename the column"
        ) from error


def check_column(name: str, types: dict[str, ColumnType]) -> ColumnType:
    """The type of a column that a filter names.

    Raises:
        UsageError: there is no such column.
    """
    own: dict[str, ColumnType] = {"path": "text", "sha256": "text", "id": "integer"}
    own |= {"width": "integer", "height": "integer", "words": "text"}
    known = {**own, **types}
    if name not in known:
        raise UsageError("where", f"there is no column {name!r}", f"there are {', '.join(known)}")
    return known[name]
