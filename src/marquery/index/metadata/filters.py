"""A small language for filters on metadata, and its translation to what the database reads.

Nothing of what a user writes reaches the database as it is: names are looked up, numbers are parsed and text is
quoted.

    nice = 25 and vienna ^= 26.4 and (office in (EM, DE) or filed between 2019-01-01 and 2021-12-31)

``=  !=  <  <=  >  >=`` compare, ``^=`` asks for a beginning, ``~`` for text within, upper and lower case alike;
``in (a, b)``, ``between a and b``, ``is missing``, ``is not missing``; ``and``, ``or``, ``not`` and brackets.
Of a list, one member has to fit; ``!=`` asks that none does. Text with spaces stands in quotes.
"""

import re
from dataclasses import dataclass

from marquery.errors import UsageError
from marquery.index.metadata.columns import ColumnType, check_column

#: Columns of metadata are stored under this prefix, so that they cannot meet the index's own.
PREFIX = "meta_"
_TOKEN = re.compile(
    r"""\s*(?:(?P<op>\^=|!=|<=|>=|[=<>~(),])|"(?P<double>[^"]*)"|'(?P<single>[^']*)'|"""
    r"""(?P<word>[^\s"'(),=<>~^!]+))"""
)
_COMPARE = ("=", "!=", "<", "<=", ">", ">=")
_DEEPEST = 50


@dataclass(frozen=True)
class _Token:
    text: str
    kind: str  # "op", "word" or "text" (quoted)


def to_sql(where: str, types: dict[str, ColumnType], has_words: bool = True) -> str:
    """Translate a filter to a condition of the database.

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
        self.where, self.types, self.has_words = where, types, has_words
        self.tokens = self._split()
        self.at = 0
        self.depth = 0

    def parse(self) -> str:
        sql = self._or()
        if self.at < len(self.tokens):
            raise self._error(f"{self.tokens[self.at].text!r} is one too many")
        return sql

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

    def _or(self) -> str:
        terms = [self._and()]
        while self._take("or"):
            terms.append(self._and())
        return f"({' OR '.join(terms)})" if len(terms) > 1 else terms[0]

    def _and(self) -> str:
        terms = [self._not()]
        while self._take("and"):
            terms.append(self._not())
        return f"({' AND '.join(terms)})" if len(terms) > 1 else terms[0]

    def _not(self) -> str:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self._error("brackets are too deep")
        try:
            if self._take("not"):
                # A row without a value does not fit a comparison, so it fits its opposite.
                return f"(NOT coalesce({self._not()}, false))"
            if self._take("("):
                inner = self._or()
                self._need(")")
                return inner
            return self._comparison()
        finally:
            self.depth -= 1

    def _comparison(self) -> str:
        name = self._next("a column").text.lower()
        kind = check_column(name, self.types)
        if name == "words" and name not in self.types and not self.has_words:
            raise self._error("no words were read yet", "rescan the index with RapidOCR installed")
        column = f"`{PREFIX}{name}`" if name in self.types else f"`{name}`"
        if self._take("is"):
            negated = self._take("not")
            self._need("missing")
            return f"({column} IS {'NOT ' if negated else ''}NULL)"
        if self._take("in"):
            self._need("(")
            fits = [_equals(column, kind, self._value(kind))]
            while self._take(","):
                fits.append(_equals(column, kind, self._value(kind)))
            self._need(")")
            return f"({' OR '.join(fits)})"
        if self._take("between"):
            if kind == "list":
                raise self._error(f"{name} is a list and has no order")
            low = self._value(kind)
            self._need("and")
            return f"({column} BETWEEN {low} AND {self._value(kind)})"
        operator = self._next("=, !=, <, >, ^=, ~, in, between or is").text
        if operator in ("^=", "~"):
            if kind not in ("text", "list"):
                raise self._error(f"{name} is a number", "use = < > or between")
            return _like(column, kind, self._next("a value").text, operator == "^=")
        if operator not in _COMPARE:
            raise self._error(f"{operator!r} is no comparison")
        value = self._value(kind)
        if operator == "=":
            return _equals(column, kind, value)
        if operator == "!=":
            return f"(NOT coalesce({_equals(column, kind, value)}, false))"
        if kind == "list":
            raise self._error(f"{name} is a list and has no order")
        return f"({column} {operator} {value})"

    def _value(self, kind: ColumnType) -> str:
        token = self._next("a value")
        if token.kind == "op":
            raise self._error(f"a value is missing before {token.text!r}")
        if kind in ("text", "list"):
            return _quote(token.text)
        if not re.fullmatch(r"-?\d{1,18}(\.\d{1,18})?", token.text):
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

    def _error(self, what: str, remedy: str = "") -> UsageError:
        return UsageError("where", f"{self.where!r}: {what}", remedy)


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _equals(column: str, kind: ColumnType, value: str) -> str:
    return f"array_has({column}, {value})" if kind == "list" else f"({column} = {value})"


def _like(column: str, kind: ColumnType, text: str, beginning: bool) -> str:
    if kind == "list":
        # A separator before each member turns "a member begins with" into "is within".
        column = f"concat(';', array_to_string({column}, ';'))"
        text = f";{text}" if beginning else text
        beginning = False
    function = "starts_with" if beginning else "contains"
    return f"{function}(lower({column}), {_quote(text.lower())})"
