"""Comparing a column with a number, whatever the number and whatever the column's type.

A store compares a column of whole numbers with whole numbers of the same size alone. Here any
number is brought to that: ``filed > 2.5`` is ``filed >= 3``, and a width over 3,000,000,000 is none
that a column of 32 bits can hold.
"""

import math
import re
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from marquery.index.metadata.conditions import (
    And,
    Compare,
    CompareWritten,
    Comparison,
    Condition,
    IsMissing,
    Not,
    OneOf,
    Within,
)
from marquery.index.metadata.types import INTEGER_RANGE, OWN_RANGES, ColumnType, parse_number

# What the decimals of 38 digits hold in which written numbers are compared.
_WRITTEN = re.compile(r"-?[0-9]{1,28}(\.[0-9]{1,10})?")


def is_number(text: str) -> bool:
    """Whether a filter's value is a number."""
    return parse_number(text) is not None


def compare_number(column: str, kind: ColumnType, operator: Comparison, text: str) -> Condition:
    """A column of numbers compared with a number.

    Args:
        column: of the table.
        kind: ``"integer"`` or ``"number"``.
        operator: how.
        text: the number as written, see :func:`is_number`.
    """
    value = Decimal(text)
    if kind == "number":
        return _compare_float(column, operator, float(value))
    low, high = OWN_RANGES.get(column, INTEGER_RANGE)
    if operator == "=":
        is_whole = value == value.to_integral_value()
        return (
            Compare(column, "=", int(value)) if is_whole and low <= value <= high else _no(column)
        )
    if operator in (">", ">="):
        above = _floor(value) + 1 if operator == ">" else _ceiling(value)
        if above > high:
            return _no(column)
        return Compare(column, ">=", above) if above > low else _any(column)
    below = _ceiling(value) - 1 if operator == "<" else _floor(value)
    if below < low:
        return _no(column)
    return Compare(column, "<=", below) if below < high else _any(column)


def compare_text(column: str, operator: Comparison, text: str) -> Condition:
    """A column of text put in order with a value: rows that are written as numbers by their number,
    where the value is one, all others by code points.

    Args:
        column: of the table.
        operator: how; ``=`` compares the text alone.
        text: the value.
    """
    if operator == "=" or not _WRITTEN.fullmatch(text):
        return Compare(column, operator, text)
    return CompareWritten(column, operator, text)


def between(compare: Callable[[Comparison, str], Condition], low: str, high: str) -> Condition:
    """A column's value lies between two, both included.

    Args:
        compare: the column with a value.
        low: the least value.
        high: the greatest.
    """
    above, below = compare(">=", low), compare("<=", high)
    if isinstance(above, Compare) and isinstance(below, Compare):
        return Within(above.column, above.value, below.value)
    return And((above, below))


def _compare_float(column: str, operator: Comparison, value: float) -> Condition:
    if math.isfinite(value):
        return Compare(column, operator, value)
    holds = operator in ("<", "<=") if value > 0 else operator in (">", ">=")
    return _any(column) if holds else _no(column)


def _floor(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_FLOOR))


def _ceiling(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_CEILING))


def _no(column: str) -> Condition:
    return OneOf(column, ())


def _any(column: str) -> Condition:
    """Holds wherever there is a value."""
    return Not(IsMissing(column))
