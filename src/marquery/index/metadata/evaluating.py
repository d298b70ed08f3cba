"""Whether a row fulfils a condition, for stores that cannot ask it themselves."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marquery.index.metadata.conditions import (
    And,
    Compare,
    CompareWritten,
    Comparison,
    Condition,
    HasMember,
    HasText,
    IsMissing,
    Matches,
    Not,
    OneOf,
    Or,
    SameText,
    Within,
)

_NUMBER = re.compile(r"-?[0-9]{1,28}([.][0-9]{1,10})?")


def fulfils(row: Mapping[str, Any], condition: Condition) -> bool:
    """Whether a condition holds for a row.

    Args:
        row: column -> value; None is null.
        condition: of columns of the row.
    """
    match condition:
        case And(terms):
            return all(fulfils(row, term) for term in terms)
        case Or(terms):
            return any(fulfils(row, term) for term in terms)
        case Not(term):
            return not fulfils(row, term)
        case IsMissing(column):
            return row[column] is None
    value = row[condition.column]
    if value is None:
        return False
    match condition:
        case Compare(_, operator, other):
            return _compare(value, operator, other)
        case CompareWritten(_, operator, number):
            if _NUMBER.fullmatch(value):
                return _compare(Decimal(value), operator, Decimal(number))
            return _compare(value, operator, number)
        case OneOf(_, values):
            return value in values
        case Within(_, low, high):
            return bool(low <= value <= high)
        case HasMember(_, member):
            return member in value
        case SameText(_, text, is_list):
            return text.lower() in [str(v).lower() for v in (value if is_list else [value])]
        case Matches(_, pattern, is_list):
            return any(re.fullmatch(pattern, v) for v in (value if is_list else [value]))
        case HasText(_, text, at_start, is_list):
            members = [str(v).lower() for v in (value if is_list else [value])]
            asked = text.lower()
            return any(m.startswith(asked) if at_start else asked in m for m in members)
    raise AssertionError(condition)


def _compare(value: Any, operator: Comparison, other: Any) -> bool:
    match operator:
        case "=":
            return bool(value == other)
        case "<":
            return bool(value < other)
        case "<=":
            return bool(value <= other)
        case ">":
            return bool(value > other)
        case ">=":
            return bool(value >= other)
