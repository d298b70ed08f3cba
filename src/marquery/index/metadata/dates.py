"""Dates as offices and readers write them: days of a column, and days, months and years of a
filter.

ISO (``2020-05-31``), day first with points (``31.5.2020``), with a month's English name
(``31 May 2020``, ``May 31, 2020``), and with strokes where only one reading is possible
(``31/05/2020``). A two-digit year is none.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

#: Which number comes first where a date is written with strokes.
Order = Literal["day", "month"]
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR = r"(?P<year>[12][0-9]{3})"
_MONTH = r"(?P<month>0?[1-9]|1[0-2])"
_DAY = r"(?P<day>0?[1-9]|[12][0-9]|3[01])"
_NAME = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
# Offices' exports add a time that says nothing.
_MIDNIGHT = r"(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+00:00)?)?"
_DAYS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_YEAR}(?P<mark>[-/.]){_MONTH}(?P=mark){_DAY}{_MIDNIGHT}",
        rf"{_DAY}\.\s?{_MONTH}\.\s?{_YEAR}{_MIDNIGHT}",
        rf"{_DAY}[-\s.]*{_NAME}[-\s,]*{_YEAR}",
        rf"{_NAME}\s*{_DAY},?\s+{_YEAR}",
    )
)
_STROKES = re.compile(rf"([0-9]{{1,2}})([/-])([0-9]{{1,2}})\2{_YEAR}{_MIDNIGHT}")
_WITHOUT_MARKS = re.compile(r"(?P<year>[12][0-9]{3})(?P<month>[0-9]{2})(?P<day>[0-9]{2})")
_MONTH_OF_YEAR = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (rf"{_YEAR}[-/.]{_MONTH}", rf"{_MONTH}[/.]{_YEAR}", rf"{_NAME}\s*{_YEAR}")
)
_LAST_YEAR = 2999


@dataclass(frozen=True)
class Span:
    """The days that a date of a filter means: one, a month's or a year's."""

    first: date
    last: date


class AmbiguousDateError(ValueError):
    """A date that can be read in two ways; ``readings`` are both, as ISO writes them."""

    def __init__(self, text: str, readings: tuple[str, str]) -> None:
        super().__init__(text)
        self.readings = readings


def parse_day(text: str, order: Order | None = None) -> date | None:
    """The day that a cell names; None if it names none.

    Args:
        text: as written.
        order: which number comes first in a date with strokes; None: it has to be clear.

    Raises:
        AmbiguousDateError: it can be read in two ways.
    """
    text = text.strip()
    for form in _DAYS:
        if (found := form.fullmatch(text)) is not None:
            return _day(found)
    strokes = _STROKES.fullmatch(text)
    if strokes is None:
        return None
    one, other, year = int(strokes[1]), int(strokes[3]), int(strokes["year"])
    day_first, month_first = _real(year, other, one), _real(year, one, other)
    if order is not None:
        return day_first if order == "day" else month_first
    if day_first and month_first and day_first != month_first:
        raise AmbiguousDateError(text, (day_first.isoformat(), month_first.isoformat()))
    return day_first or month_first


def parse_span(text: str) -> Span | None:
    """The days that a filter's value names: a day, a month or a year; None if it names none.

    Raises:
        AmbiguousDateError: it can be read in two ways.
    """
    text = text.strip()
    if re.fullmatch(r"[12][0-9]{3}", text):
        return Span(date(int(text), 1, 1), date(int(text), 12, 31))
    for form in _MONTH_OF_YEAR:
        if (found := form.fullmatch(text)) is not None:
            year, month = int(found["year"]), _month(found)
            first = date(year, month, 1)
            after = date(year + month // 12, month % 12 + 1, 1)
            return Span(first, after - timedelta(days=1))
    whole = _WITHOUT_MARKS.fullmatch(text)
    day = _day(whole) if whole is not None else parse_day(text)
    return None if day is None else Span(day, day)


def order_of(cells: Iterable[str]) -> Order | None:
    """Which number comes first in a column's dates with strokes, by cells that can be read in one
    way only; None where none tells, or they tell different things.
    """
    told: set[Order] = set()
    for cell in cells:
        strokes = _STROKES.fullmatch(cell.strip())
        if strokes is None:
            continue
        one, other = int(strokes[1]), int(strokes[3])
        if one > 12:
            told.add("day")
        if other > 12:
            told.add("month")
    return told.pop() if len(told) == 1 else None


def _day(found: re.Match[str]) -> date | None:
    return _real(int(found["year"]), _month(found), int(found["day"]))


def _month(found: re.Match[str]) -> int:
    groups = found.groupdict()
    name = groups.get("name")
    return int(groups["month"]) if name is None else 1 + _MONTHS.index(name[:3].lower())


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year <= _LAST_YEAR else None
    except ValueError:
        return None
