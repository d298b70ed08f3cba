"""A small language for filters on metadata, read into a condition that every store can translate.

Nothing of what a user writes reaches a store as it is: names are looked up and numbers are parsed.

    nice = 25 and vienna ^= 26.4 and (office in (EM, DE) or filed between 2019-01-01 and 2021-12-31)

``=  !=  <  <=  >  >=`` compare, ``^=`` asks for a beginning, ``~`` for text within, all with upper
and lower case alike; ``in (a, b)``, ``between a and b``, ``is missing``, ``is not missing``;
``and``, ``or``, ``not`` and brackets. Of a list, one member has to fit; ``!=`` asks that none does.
Text with spaces stands in quotes. Text put in order with a number (``fee >= 15``) is compared by
number where it is one.

A date's value is a day, a month or a year: ``filed = 2020``, ``filed > 2020-05``,
``filed = 2019..2021``, ``filed < 31.12.2020``. Codes may have leading zeros or none: ``vienna =
1.15`` is ``01.15``, and begins ``01.15.03``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from marquery.errors import UsageError
from marquery.index.metadata.conditions import (
    And,
    Comparison,
    Condition,
    HasText,
    IsMissing,
    Not,
    Or,
)
from marquery.index.metadata.numbers import between, is_number
from marquery.index.metadata.types import ColumnType, check_column
from marquery.index.metadata.values import begins_with, compare
from marquery.names import as_unicode

#: Columns of metadata are stored under this prefix, so that they cannot meet the index's own.
PREFIX = "meta_"
_TOKEN = re.compile(
    r"""\s*(?:(?P<op>\^=|!=|<=|>=|[=<>~(),])|"(?P<double>[^"]*)"|'(?P<single>[^']*)'|"""
    r"""(?P<word>[^\s"'(),=<>~^!]+))"""
)
_ORDERS: dict[str, Comparison] = {"=": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_DEEPEST = 50

_FORM = "write it like this: nice = 25 and owner ~ cola"


@dataclass(frozen=True)
class _Token:
    text: str
    kind: str  # "op", "word" or "text" (quoted)


def parse_filter(where: str, types: dict[str, ColumnType], has_words: bool = True) -> Condition:
    """Read a filter.

    Args:
        where: a filter in the language above.
        types: metadata columns of the index.
        has_words: whether the index has a column for the words that were read.

    Raises:
        UsageError: the filter cannot be understood; the sentence says where.
    """
    return _Parser(where, types, has_words).parse()


class _Parser:
    """Recursive descent: or, and, not, comparison."""

    def __init__(self, where: str, types: dict[str, ColumnType], has_words: bool) -> None:
        # As names that are no UTF-8 are stored.
        self.where, self.types, self.has_words = as_unicode(where), types, has_words
        self.tokens = self._split()
        self.at = 0
        self.depth = 0

    def parse(self) -> Condition:
        condition = self._or()
        if self.at < len(self.tokens):
            raise self._error(f"{self.tokens[self.at].text!r} is one too many")
        return condition

    def _split(self) -> list[_Token]:
        tokens, at = [], 0
        while self.where[at:].strip():
            match = _TOKEN.match(self.where, at)
            if match is None:
                raise self._error(f"cannot read {self.where[at:].strip()[:20]!r}")
            at = match.end()
            kind = match.lastgroup or ""
            tokens.append(_Token(match[kind], {"op": "op", "word": "word"}.get(kind, "text")))
        return tokens

    def _or(self) -> Condition:
        terms = [self._and()]
        while self._take("or"):
            terms.append(self._and())
        return Or(tuple(terms)) if len(terms) > 1 else terms[0]

    def _and(self) -> Condition:
        terms = [self._not()]
        while self._take("and"):
            terms.append(self._not())
        return And(tuple(terms)) if len(terms) > 1 else terms[0]

    def _not(self) -> Condition:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self._error("brackets are too deep")
        try:
            if self._take("not"):
                return Not(self._not())
            if self._take("("):
                inner = self._or()
                self._need(")")
                return inner
            return self._comparison()
        finally:
            self.depth -= 1

    def _comparison(self) -> Condition:
        name = self._next("a column").text.lower()
        kind = check_column(name, self.types)
        if name == "words" and name not in self.types and not self.has_words:
            raise self._error("no words were read yet", "rescan the folder of the logos")
        column = PREFIX + name if name in self.types else name
        if self._take("is"):
            negated = self._take("not")
            self._need("missing")
            return Not(IsMissing(column)) if negated else IsMissing(column)
        if self._take("in"):
            self._need("(")
            fits = [self._compared(column, kind, "=")]
            while self._take(","):
                fits.append(self._compared(column, kind, "="))
            self._need(")")
            return Or(tuple(fits)) if len(fits) > 1 else fits[0]
        if self._take("between"):
            if kind == "list":
                raise self._error(f"{name} is a list and has no order")
            low = self._value(kind)
            self._need("and")
            high = self._value(kind)
            self._check_single(kind, low, high)
            return self._told(lambda: between(partial(compare, column, kind), low, high))
        operator = self._next("=, !=, <, >, ^=, ~, in, between or is").text
        if operator in ("^=", "~"):
            if kind == "date" and operator == "^=":
                return self._compared(column, kind, "=")
            if kind == "date":
                raise self._error(f"{name} is a date", "use = < > or between")
            if kind not in ("text", "list"):
                raise self._error(
                    f"{name} is a number", "use = < > or between, or have it read as text"
                )
            text = self._next("a value").text
            if operator == "^=":
                return begins_with(column, kind, text)
            return HasText(column, text, at_start=False, is_list=kind == "list")
        if operator not in ("!=", *_ORDERS):
            raise self._error(f"{operator!r} is no comparison")
        if operator == "!=":
            return Not(self._compared(column, kind, "="))
        if kind == "list" and operator != "=":
            self._value(kind)
            raise self._error(f"{name} is a list and has no order")
        return self._compared(column, kind, _ORDERS[operator])

    def _compared(self, column: str, kind: ColumnType, operator: Comparison) -> Condition:
        """A column compared with the value that comes next; ``a..b`` is a range."""
        value = self._value(kind)
        low, dots, high = value.partition("..")
        if dots and operator == "=" and kind in ("date", "integer", "number"):
            if ".." in high:
                self._check_single(kind, value)
            return self._told(lambda: between(partial(compare, column, kind), low, high))
        self._check_single(kind, value)
        return self._told(lambda: compare(column, kind, operator, value))

    def _check_single(self, kind: ColumnType, *values: str) -> None:
        """Refuse a range where one number is needed."""
        for value in values:
            if ".." in value and kind in ("integer", "number"):
                raise self._error(f"{value!r} is no number", "a range stands after = alone: 2..5")

    def _told(self, make: Callable[[], Condition]) -> Condition:
        """A condition; what is wrong with its value is told with the filter."""
        try:
            return make()
        except UsageError as error:
            remedy = error.remedy if isinstance(error.remedy, str) else error.remedy(str)
            raise self._error(error.problem, remedy) from error

    def _value(self, kind: ColumnType) -> str:
        token = self._next("a value")
        if token.kind == "op":
            raise self._error(f"a value is missing before {token.text!r}")
        several = token.text.split("..") if ".." in token.text else [token.text]
        if kind in ("integer", "number") and not all(map(is_number, several)):
            raise self._error(f"{token.text!r} is no number")
        return token.text

    def _take(self, word: str) -> bool:
        if self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.kind != "text" and token.text.lower() == word:
                self.at += 1
                return True
        return False

    def _need(self, word: str) -> None:
        if not self._take(word):
            raise self._error(f"{word!r} is missing")

    def _next(self, wanted: str) -> _Token:
        if self.at == len(self.tokens):
            raise self._error(f"ends where {wanted} is needed")
        self.at += 1
        return self.tokens[self.at - 1]

    def _error(self, problem: str, remedy: str = _FORM) -> UsageError:
        return UsageError("where", f"{self.where!r}: {problem}", remedy)
