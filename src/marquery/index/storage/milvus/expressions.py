"""Conditions in the filter language of Milvus, and what is left of them where it has no words."""

import json
from collections.abc import Callable
from datetime import date

from marquery.index.metadata.conditions import (
    And,
    Compare,
    CompareWritten,
    Condition,
    HasMember,
    HasText,
    IsMissing,
    Matches,
    Not,
    OneOf,
    Or,
    SameText,
    Scalar,
    Within,
)

#: Holds for every row.
ALL = "key >= 0"
_NONE = "key < 0"
_OPERATORS = {"=": "==", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def split(condition: Condition | None, field: Callable[[str], str]) -> tuple[str, Condition | None]:
    """A filter that lets through what fulfils a condition, and the condition that is to be asked of
    what comes through; None if the filter says it all.

    Args:
        condition: None: every row.
        field: from a column to its field.
    """
    if condition is None:
        return ALL, None
    if _is_native(condition):
        return _written(condition, field), None
    if isinstance(condition, And):
        native = tuple(term for term in condition.terms if _is_native(term))
        left = tuple(term for term in condition.terms if not _is_native(term))
        return (_written(And(native), field) if native else ALL), And(left)
    return ALL, condition


def columns_of(condition: Condition) -> set[str]:
    """The columns that a condition asks for."""
    match condition:
        case And(terms) | Or(terms):
            return set().union(*map(columns_of, terms))
        case Not(term):
            return columns_of(term)
        case _:
            return {condition.column}


def _is_native(condition: Condition) -> bool:
    match condition:
        case And(terms) | Or(terms):
            return all(map(_is_native, terms))
        case Not(term):
            return _is_native(term)
        case CompareWritten() | HasText() | SameText() | Matches():
            # Numbers within text, text whatever its case, and its form: no Milvus compares these.
            return False
        case _:
            return True


def _written(condition: Condition, field: Callable[[str], str]) -> str:
    match condition:
        case And(terms):
            return f"({' and '.join(_written(term, field) for term in terms)})" if terms else ALL
        case Or(terms):
            return f"({' or '.join(_written(term, field) for term in terms)})" if terms else _NONE
        case Not(term):
            return f"(not {_written(term, field)})"
        case Compare(column, operator, value):
            return _there(field(column), f"{{}} {_OPERATORS[operator]} {_literal(value)}")
        case OneOf(column, values):
            listed = ", ".join(map(_literal, values))
            return _there(field(column), f"{{}} in [{listed}]") if values else f"({_NONE})"
        case Within(column, low, high):
            both = f"{{}} >= {_literal(low)}) and ({{}} <= {_literal(high)}"
            return _there(field(column), both)
        case HasMember(column, member):
            return _there(field(column), f"json_contains({{}}, {_literal(member)})")
        case IsMissing(column):
            name = field(column)
            if name.startswith("c"):
                return f"(not (exists {name}))"
            return f'({name} == "")' if name.startswith("b") else f"({_NONE})"
    raise AssertionError(condition)


def _there(name: str, test: str) -> str:
    """A test of a field, false where the value is null: a later Milvus has a third value for it."""
    said = "(" + test.replace("{}", name) + ")"
    return f"((exists {name}) and {said})" if name.startswith("c") else said


def _literal(value: Scalar) -> str:
    plain = value.isoformat() if isinstance(value, date) else value
    return json.dumps(plain, ensure_ascii=False)
