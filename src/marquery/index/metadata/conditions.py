"""Conditions on the rows of a table, as a small tree that every vector store can translate.

A condition either holds for a row or does not: there is no third value. A comparison with a column
that is null does not hold, so ``Not`` of it does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

Scalar = str | int | float | date
Comparison = Literal["=", "<", "<=", ">", ">="]


@dataclass(frozen=True)
class Compare:
    """The value of a column, compared with another; text is ordered by code points."""

    column: str
    operator: Comparison
    value: Scalar


@dataclass(frozen=True)
class CompareWritten:
    """A column of text, compared with a number: rows that are written as numbers (digits, with a
    point or without) by their number, all others by code points.
    """

    column: str
    operator: Comparison
    number: str
    """At most 28 digits before the point and 10 after it."""


@dataclass(frozen=True)
class OneOf:
    """The value of a column is one of several."""

    column: str
    values: Sequence[Scalar]


@dataclass(frozen=True)
class Within:
    """The value of a column lies between two, both included."""

    column: str
    low: Scalar
    high: Scalar


@dataclass(frozen=True)
class HasMember:
    """A column of lists of text has this member."""

    column: str
    member: str


@dataclass(frozen=True)
class SameText:
    """A column of text, or a member of a column of lists, is a text; upper and lower case are
    one.
    """

    column: str
    text: str
    is_list: bool


@dataclass(frozen=True)
class Matches:
    """The whole of a column of text, or of a member of a column of lists, has a form."""

    column: str
    pattern: str
    """Regular expression of digits, points and hyphens, with groups, classes and counts; nothing in
    which engines differ.
    """
    is_list: bool


@dataclass(frozen=True)
class HasText:
    """A column of text, or a member of a column of lists, has a text in it; upper and lower case
    are one.
    """

    column: str
    text: str
    at_start: bool
    """Only at its beginning."""
    is_list: bool


@dataclass(frozen=True)
class IsMissing:
    """A column is null."""

    column: str


@dataclass(frozen=True)
class Not:
    """The opposite of a condition."""

    term: "Condition"


@dataclass(frozen=True)
class And:
    """All of several conditions."""

    terms: tuple["Condition", ...]


@dataclass(frozen=True)
class Or:
    """At least one of several conditions."""

    terms: tuple["Condition", ...]


Condition = (
    Compare
    | CompareWritten
    | OneOf
    | Within
    | HasMember
    | SameText
    | Matches
    | HasText
    | IsMissing
    | Not
    | And
    | Or
)
