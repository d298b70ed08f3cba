"""What codes of figures are called, as an office or a user writes it in a CSV file."""

import os
from collections.abc import Mapping
from pathlib import Path

from marquery.errors import MarqueryError
from marquery.index.metadata.csv_lines import read_lines
from marquery.index.metadata.types import column_name
from marquery.index.metadata.values import code_numbers

# What their columns may be called, in the order in which they are taken.
_CODES = ("code", "vienna_code", "vienna", "category", "number")
_NAMES = ("name", "title", "description", "heading", "text", "label")


class CodeNames:
    """Names of dotted codes and of their branches; leading zeros make no difference.

    >>> CodeNames({"01.15": "Weather"}).name("1.15")
    'Weather'
    """

    def __init__(self, names: Mapping[str, str] | None = None) -> None:
        """Keep names.

        Args:
            names: code, such as ``1``, ``1.15`` or ``01.15.03`` -> what it is called.
        """
        told = {code_numbers(code): name for code, name in (names or {}).items()}
        self._names = {numbers: name for numbers, name in told.items() if numbers}

    def __len__(self) -> int:
        return len(self._names)

    def name(self, code: str) -> str:
        """What a code is called; empty where nothing is said."""
        numbers = code_numbers(code)
        return self._names.get(numbers, "") if numbers else ""

    def around(self, code: str) -> str:
        """What a code is called, or else the narrowest branch around it that has a name."""
        numbers = code_numbers(code) or ()
        branches = (numbers[:length] for length in range(len(numbers), 0, -1))
        return next((self._names[b] for b in branches if b in self._names), "")


def read_code_names(file: str | os.PathLike[str]) -> CodeNames:
    """Read names of codes from a CSV file with a header line, such as ``code,name``.

    The code's column may also be called ``vienna``, ``category`` or ``number``, the name's
    ``title``, ``description``, ``heading``, ``text`` or ``label``; other columns are passed over. A
    row names a category (``1``), a division (``1.15``) or a section (``1.15.3``).

    Raises:
        MarqueryError: the file cannot be read, lacks a column, or has a row that names no code or
            one that is named already.
    """
    place = Path(file)
    header, lines = read_lines(place, _CODES)
    columns = [column_name(written) for written in header]
    at_code, at_name = _column(place, columns, _CODES), _column(place, columns, _NAMES)
    names: dict[str, str] = {}
    seen: dict[tuple[int, ...], str] = {}
    for number, line in lines:
        cells = [cell.strip() for cell in line] + [""] * len(columns)
        code, name = cells[at_code], " ".join(cells[at_name].split())
        numbers = code_numbers(code)
        if numbers is None:
            raise MarqueryError(
                f"{place}: row {number} has {code!r} for a code; write it as 1, 1.15 or 1.15.3"
            )
        if seen.setdefault(numbers, name) != name:
            raise MarqueryError(
                f"{place}: row {number} names {code} a second time ({seen[numbers]}, {name}); "
                "keep one of them"
            )
        names[code] = name
    return CodeNames(names)


def _column(place: Path, columns: list[str], known: tuple[str, ...]) -> int:
    for name in known:
        if name in columns:
            return columns.index(name)
    raise MarqueryError(
        f"{place}: has no column {known[0]!r}; begin it with a header line such as code,name"
    )
