"""Conditions in SQL, in which LanceDB filters."""

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

_WRITTEN_NUMBER = r"^-?[0-9]{1,28}([.][0-9]{1,10})?$"
_DECIMAL = "try_cast({} AS decimal(38, 10))"


def to_sql(condition: Condition) -> str:
    """A condition in the SQL of DataFusion, in which LanceDB filters; text is quoted."""
    match condition:
        case And(terms):
            return f"({' AND '.join(map(to_sql, terms))})"
        case Or(terms):
            return f"({' OR '.join(map(to_sql, terms))})"
        case Not(IsMissing(column)):
            return f"({_name(column)} IS NOT NULL)"
        case Not(term):
            # SQL knows a third value, which stands for false here: its opposite is true.
            return f"(NOT coalesce({to_sql(term)}, false))"
        case Compare(column, operator, value):
            return f"({_name(column)} {operator} {_literal(value)})"
        case CompareWritten(column, operator, number):
            written, name = _DECIMAL.format, _name(column)
            by_number = f"{written(name)} {operator} {written(_literal(number))}"
            by_text = f"{name} {operator} {_literal(number)}"
            is_number = f"regexp_like({name}, '{_WRITTEN_NUMBER}')"
            return f"(({is_number} AND {by_number}) OR (NOT {is_number} AND {by_text}))"
        case OneOf(column, values):
            listed = ", ".join(map(_literal, values))
            return f"({_name(column)} IN ({listed}))" if values else "false"
        case Within(column, low, high):
            return f"({_name(column)} BETWEEN {_literal(low)} AND {_literal(high)})"
        case HasMember(column, member):
            return f"array_has({_name(column)}, {_literal(member)})"
        case SameText(column, text, is_list):
            if not is_list:
                return f"(lower({_name(column)}) = lower({_literal(text)}))"
            if ";" in text:  # no member has one: they are parted by it
                return f"array_has({_name(column)}, {_literal(text)})"
            return f"contains(lower({_joined(column)}), lower({_literal(f';{text};')}))"
        case Matches(column, pattern, is_list):
            if is_list:
                return f"regexp_like({_joined(column)}, {_literal(f';({pattern});')})"
            return f"regexp_like({_name(column)}, {_literal(f'^({pattern})$')})"
        case HasText():
            return _has_text(condition)
        case IsMissing(column):
            return f"({_name(column)} IS NULL)"


def _has_text(condition: HasText) -> str:
    column, text = condition.column, condition.text
    if condition.is_list:
        if ";" in text:
            return "false"  # no member has one: they are parted by it
        # A separator before each member turns "a member begins with" into "is within".
        text = f";{text}" if condition.at_start else text
        return f"contains(lower({_joined(column)}), {_literal(text.lower())})"
    function = "starts_with" if condition.at_start else "contains"
    return f"{function}(lower({_name(column)}), {_literal(text.lower())})"


def _joined(column: str) -> str:
    """The members of a list with a separator before and after each; null where there are none."""
    return f"nullif(concat(';', array_to_string({_name(column)}, ';'), ';'), ';;')"


def _name(column: str) -> str:
    return f"`{column}`"


def _literal(value: Scalar) -> str:
    if isinstance(value, date):
        return f"date '{value.isoformat()}'"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)
