"""Comparing a column with a value that a reader wrote: upper and lower case alike, figurative codes
with or without leading zeros, days, months and years of dates.
"""

import re
from contextlib import suppress

from marquery.errors import UsageError
from marquery.index.metadata.conditions import (
    And,
    Compare,
    Comparison,
    Condition,
    HasText,
    Matches,
    Not,
    Or,
    SameText,
    Scalar,
    Within,
)
from marquery.index.metadata.dates import AmbiguousDateError, Span, parse_span
from marquery.index.metadata.numbers import compare_number, compare_text
from marquery.index.metadata.types import ColumnType

_CODE = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3})*\.?")
# Columns of codes by their names, beside lists: in other text 1.05 may be an amount.
_CODES_BY_NAME = re.compile(r"vienna|figur|locarno|nice|class|code")
_ISO = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


def compare(column: str, kind: ColumnType, operator: Comparison, text: str) -> Condition:
    """A column compared with a value.

    Args:
        column: of the table.
        kind: its type; a list is compared by its members, with ``=`` alone.
        operator: how.
        text: the value as written.

    Raises:
        UsageError: the value is no date, or one that can be read in two ways.
    """
    if kind == "date":
        span = span_of(column, text)
        return _bounded(column, operator, span.first, span.last)
    if kind in ("integer", "number"):
        return compare_number(column, kind, operator, text)
    if operator == "=":
        return _same(column, kind, text)
    return _compare_written(column, operator, text)


def fold_value(text: str, has_codes: bool = False) -> str:
    """A value in the form in which equal ones are alike.

    Args:
        text: as written.
        has_codes: whether its column holds codes, see :func:`holds_codes`.
    """
    if has_codes and "." in text and _CODE.fullmatch(text):
        return ".".join(number.lstrip("0") or "0" for number in text.split("."))
    return text.lower()


def code_numbers(text: str) -> tuple[int, ...] | None:
    """The numbers of a dotted code, the widest branch first; None for what is no code.

    >>> code_numbers("01.15.03")
    (1, 15, 3)
    """
    if not _CODE.fullmatch(text):
        return None
    return tuple(int(number) for number in text.rstrip(".").split("."))


def holds_codes(column: str, kind: ColumnType) -> bool:
    """Whether dotted numbers in a column are codes, and not amounts."""
    return kind == "list" or (kind == "text" and _CODES_BY_NAME.search(column) is not None)


def begins_with(column: str, kind: ColumnType, text: str) -> Condition:
    """A column of text, or a member of a list, begins with a text; of a code whole numbers count.

    Args:
        column: of the table.
        kind: ``"text"`` or ``"list"``.
        text: its beginning.
    """
    plain = HasText(column, text, at_start=True, is_list=kind == "list")
    if not _CODE.fullmatch(text):
        return plain
    code = Matches(column, _code_pattern(text) + _further(text), kind == "list")
    # 26.1 is no beginning of 26.11, but 26 is one of 260, which may be no code at all.
    return code if "." in text.rstrip(".") else Or((plain, code))


def span_of(column: str, text: str) -> Span:
    """The days that a value means.

    Args:
        column: to be named in an error.
        text: the value as written.

    Raises:
        UsageError: it is no date, or one that can be read in two ways.
    """
    try:
        span = parse_span(text)
    except AmbiguousDateError as error:
        raise ambiguous(error) from error
    if span is None:
        name = column.removeprefix("meta_")
        raise UsageError(
            "where",
            f"{text!r} is no date, and {name} holds dates",
            "write a day as 2024-05-31, a month as 2024-05 or a year as 2024",
        )
    return span


def ambiguous(error: AmbiguousDateError) -> UsageError:
    """The refusal of a date that can be read in two ways."""
    one, other = error.readings
    return UsageError(
        "where", f"{str(error)!r} can be {one} or {other}", "write the one that is meant"
    )


def _same(column: str, kind: ColumnType, text: str) -> Condition:
    same = SameText(column, text, kind == "list")
    terms: list[Condition] = [same]
    if "." in text and _CODE.fullmatch(text) and not text.endswith("."):
        is_code = holds_codes(column, kind) or text.count(".") > 1
        pattern = _code_pattern(text) if is_code else _first_padded(text)
        terms.append(Matches(column, pattern, kind == "list"))
    if kind == "text":
        with suppress(AmbiguousDateError):  # then it is no date that is meant
            if (span := parse_span(text)) is not None:
                terms.append(_among_days(column, "=", span))
    return Or(tuple(terms)) if len(terms) > 1 else same


def _code_pattern(text: str) -> str:
    """Of a code with any zeros before its numbers: ``1.15`` is ``01.15``."""
    numbers = [number.lstrip("0") or "0" for number in text.rstrip(".").split(".")]
    return r"\.".join(f"0*{number}" for number in numbers)


def _further(text: str) -> str:
    return r"\.[0-9.]*" if text.endswith(".") else r"(\.[0-9.]*)?"


def _first_padded(text: str) -> str:
    """As :func:`_code_pattern`, where zeros after a point may count."""
    first, _, rest = text.partition(".")
    return rf"0*{first.lstrip('0') or '0'}\.{rest}"


def _compare_written(column: str, operator: Comparison, text: str) -> Condition:
    """A column of text in order: rows that are days by their date, the others as they are."""
    try:
        span = parse_span(text)
    except AmbiguousDateError as error:
        raise ambiguous(error) from error
    plain = compare_text(column, operator, text)
    if span is None:
        return plain
    is_day = Matches(column, _ISO, False)
    days = _among_days(column, operator, span)
    return Or((days, And((Not(is_day), plain))))


def _among_days(column: str, operator: Comparison, span: Span) -> Condition:
    """Rows of text that are days as ISO writes them, whose order is that of their letters."""
    first, last = span.first.isoformat(), span.last.isoformat()
    return And((Matches(column, _ISO, False), _bounded(column, operator, first, last)))


def _bounded(column: str, operator: Comparison, first: Scalar, last: Scalar) -> Condition:
    """Before a span is before its first day, after it is after its last."""
    if operator == "=":
        return Within(column, first, last)
    return Compare(column, operator, first if operator in ("<", ">=") else last)
