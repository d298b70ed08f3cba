"""The lines of a CSV file as spreadsheets and offices write it."""

import csv
from collections.abc import Collection
from pathlib import Path

from marquery.errors import MarqueryError
from marquery.index.metadata.types import column_name

# In the order in which they are tried: spreadsheets take another where commas stand in numbers.
_SEPARATORS = (",", ";", "\t")


def read_lines(
    place: Path, known: Collection[str] = ("path",)
) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header, and the rows that say anything, each with the number of its line.

    Cells are separated by commas, semicolons or tabs: by that with which the header has one of the
    known columns. Empty cells beyond the header's columns are left out.

    Args:
        place: the file.
        known: columns, of which the header has at least one.

    Raises:
        MarqueryError: it cannot be read, is no CSV, or a row does not fit the header.
    """
    try:
        with place.open(newline="", encoding="utf-8-sig") as stream:
            first = stream.readline()
            stream.seek(0)
            # Strict, since a quote that is never closed swallows all rows behind it.
            reader = csv.reader(stream, delimiter=_separator(first, known), strict=True)
            header = next(reader, [])
            lines = [(reader.line_num, line) for line in reader if any(map(str.strip, line))]
    except FileNotFoundError as error:
        raise MarqueryError(
            f"{place}: there is no such file; name a table that is there"
        ) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MarqueryError(
            f"{place}: cannot be read as UTF-8 CSV ({error}); save it as that"
        ) from error
    while header and not header[-1].strip():
        header.pop()
    for number, line in lines:
        while len(line) > len(header) and not line[-1].strip():
            line.pop()
        if len(line) > len(header):
            raise MarqueryError(
                f"{place}: row {number} has {len(line)} cells for {len(header)} columns; "
                "put cells that hold commas in quotes"
            )
    return header, lines


def _separator(first: str, known: Collection[str]) -> str:
    def has_one(separator: str) -> bool:
        cells = next(csv.reader([first], delimiter=separator), [])
        return any(column_name(cell) in known for cell in cells)

    return next(filter(has_one, _SEPARATORS), ",")
