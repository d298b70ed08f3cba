"""CSV that is safe to open in a spreadsheet, although file names and words in logos are
untrusted.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

# Characters that start a formula in a spreadsheet, or that it skips before one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def to_safe_csv(lines: Iterable[Sequence[Any]]) -> bytes:
    """Lines of cells as UTF-8 CSV with a byte order mark, so that spreadsheets recognise the
    encoding.

    Lists are joined by ``;``. Text that a spreadsheet would run as a formula begins with ``'``.
    """
    out = io.StringIO(newline="")
    csv.writer(out).writerows([safe_cell(value) for value in line] for line in lines)
    return out.getvalue().encode("utf-8-sig")


def safe_cell(value: Any) -> Any:
    """One cell as it is written."""
    if isinstance(value, list):
        value = ";".join(value)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value
