"""What a filter asks for that no logo has, and what may be meant."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from marquery.index.metadata.conditions import And, Condition, Not, Or, SameText
from marquery.index.metadata.values import fold_value

# Values that are compared letter by letter at most: a column of names of many marks is long.
_MOST_COMPARED = 200_000
_NEAR, _OFFERED = 0.6, 3


def asked_values(condition: Condition) -> Iterator[SameText]:
    """The values that a filter compares text and lists with, whole."""
    match condition:
        case And(terms) | Or(terms):
            for term in terms:
                yield from asked_values(term)
        case Not(term):
            yield from asked_values(term)
        case SameText():
            yield condition


def near_values(asked: str, values: Sequence[str]) -> list[str]:
    """The values of a column that are spelt most like one, the nearest first."""
    if len(values) > _MOST_COMPARED:
        return []
    by_fold = {fold_value(value): value for value in values}
    near = get_close_matches(fold_value(asked), by_fold, _OFFERED, _NEAR)
    return [by_fold[value] for value in near]


def hint(column: str, asked: str, values: Sequence[str]) -> str:
    """A sentence on a value that a column has not: ``no office is EMM; did you mean EM?``

    Args:
        column: its name.
        asked: the value.
        values: that the column has.
    """
    near = near_values(asked, values)
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"no {column.replace('_', ' ')} is {asked}{meant}"
