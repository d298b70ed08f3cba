"""Conditions of a style sheet (``@media``, ``@supports``), answered for a picture that is shown in
its own size on a screen with a light ground.

So colours for dark screens, as icons of web sites have them, are not taken for the drawing's. An
answer is ``None`` where nothing is known; what depends on it is not met, whether negated or not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tinycss2
from cssselect2 import SelectorError, compile_selector_list

from marquery.svg.css_sums import amount

#: A component value of tinycss2, which has no types of its own.
Token = Any
Answer = bool | None

#: Features with a word for a value.
_WORDS = {
    "prefers-color-scheme": "light",
    "prefers-contrast": "no-preference",
    "prefers-reduced-motion": "no-preference",
    "prefers-reduced-transparency": "no-preference",
    "prefers-reduced-data": "no-preference",
    "forced-colors": "none",
    "inverted-colors": "none",
    "scripting": "none",
    "hover": "hover",
    "any-hover": "hover",
    "pointer": "fine",
    "any-pointer": "fine",
    "update": "fast",
    "display-mode": "browser",
    "color-gamut": "srgb",
    "dynamic-range": "standard",
    "video-dynamic-range": "standard",
    "overflow-block": "scroll",
    "overflow-inline": "scroll",
}
_NONE = frozenset({"none", "no-preference"})
_COUNTS = {"color": 8.0, "color-index": 0.0, "monochrome": 0.0, "grid": 0.0, "resolution": 96.0}
_UNITS = {
    "px": 1.0,
    "em": 16.0,
    "rem": 16.0,
    "in": 96.0,
    "pt": 96 / 72,
    "pc": 16.0,
    "q": 96 / 101.6,
    "mm": 96 / 25.4,
    "cm": 96 / 2.54,
    "dpi": 1.0,
    "dpcm": 2.54,
    "dppx": 96.0,
    "x": 96.0,
}
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
}
_BLANK = frozenset({"whitespace", "comment"})


@dataclass(frozen=True)
class Page:
    """What a drawing is shown on: its own size in pixels, ``None`` if nothing says it."""

    width: float | None = None
    height: float | None = None

    def number(self, feature: str) -> float | None:
        """The value of a feature that has a number."""
        if feature in ("width", "height"):
            return self.width if feature == "width" else self.height
        if feature == "aspect-ratio" and self.width and self.height:
            return self.width / self.height
        return _COUNTS.get(feature)

    def word(self, feature: str) -> str | None:
        """The value of a feature that has a word."""
        if feature == "orientation" and self.width and self.height:
            return "landscape" if self.width > self.height else "portrait"
        return _WORDS.get(feature)


def is_shown(condition: str | list[Token], page: Page) -> bool:
    """Whether what stands under a condition of ``@media`` counts.

    >>> is_shown("print", Page()), is_shown("(min-width: 1in) or (width: 5px)", Page(96, 96))
    (False, True)

    Args:
        condition: the text, or what tinycss2 makes of it.
        page: that the drawing is shown on.
    """
    is_text = isinstance(condition, str)
    tokens: Any = tinycss2.parse_component_value_list(condition) if is_text else condition
    queries = _split(tokens)
    return queries == [[]] or any(_query(one, page) is True for one in queries)


def is_supported(condition: list[Token]) -> bool:
    """Whether what stands under a condition of ``@supports`` counts: browsers know what drawings
    ask for, and what the renderer does not know of it is rewritten or told.
    """
    return _condition(_seen(condition), _supports) is True


def _split(tokens: list[Token]) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in _seen(tokens):
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _seen(tokens: list[Token]) -> list[Token]:
    return [token for token in tokens if token.type not in _BLANK]


def _word(tokens: list[Token], at: int) -> str:
    is_word = at < len(tokens) and tokens[at].type == "ident"
    return str(tokens[at].lower_value) if is_word else ""


def _query(tokens: list[Token], page: Page) -> Answer:
    def in_parentheses(token: Token) -> Answer:
        return _feature(_seen(token.content), page) if token.type == "() block" else None

    has_mark = _word(tokens, 0) in ("not", "only") and _word(tokens, 1) != ""
    is_negated = has_mark and _word(tokens, 0) == "not"
    rest = tokens[1:] if has_mark else tokens
    medium = _word(rest, 0)
    if medium in ("", "not"):
        return _condition(rest, in_parentheses)
    found: Answer = medium in ("all", "screen")
    if len(rest) > 1:
        if _word(rest, 1) != "and" or any(_word(rest, at) == "or" for at in range(len(rest))):
            return None
        behind = _condition(rest[2:], in_parentheses)
        found = found and behind
    return _not(found) if is_negated else found


def _condition(tokens: list[Token], leaf: Callable[[Token], Answer]) -> Answer:
    """``not A``, ``A and B ...`` or ``A or B ...``, each in parentheses or answered by ``leaf``."""

    def one(token: Token) -> Answer:
        if token.type == "() block":
            inside = _seen(token.content)
            if inside and (inside[0].type == "() block" or _word(inside, 0) == "not"):
                return _condition(inside, leaf)
        return leaf(token)

    if _word(tokens, 0) == "not":
        return _not(one(tokens[1])) if len(tokens) == 2 else None
    words = {_word(tokens, at) for at in range(1, len(tokens), 2)}
    if len(tokens) % 2 == 0 or len(words) > 1 or not words <= {"and", "or"}:
        return None
    answers = [one(token) for token in tokens[::2]]
    settling = words == {"or"}  # what settles the whole, whatever the others are
    if settling in answers:
        return settling
    return None if None in answers else not settling


def _not(answer: Answer) -> Answer:
    return None if answer is None else not answer


def _feature(tokens: list[Token], page: Page) -> Answer:
    """What stands in parentheses: ``color``, ``min-width: 2px``, ``1px < width <= 2px``."""
    name = _word(tokens, 0)
    if len(tokens) == 1:
        number, word = page.number(name), page.word(name)
        return number != 0 if number is not None else None if word is None else word not in _NONE
    if len(tokens) > 2 and tokens[1] == ":":
        return _equal(name, tokens[2:], page)
    parts: list[list[Token]] = [[]]
    signs: list[str] = []
    for token in tokens:
        if token in ("<", ">", "="):
            if signs and not parts[-1] and token == "=":
                signs[-1] += "="
                continue
            signs.append(token.value)
            parts.append([])
        else:
            parts[-1].append(token)
    values = [_number(part, page) for part in parts]
    known = [value for value in values if value is not None]
    if not signs or len(known) != len(values) or not set(signs) <= set(_COMPARE):
        return None
    return all(_COMPARE[s](a, b) for s, a, b in zip(signs, known, known[1:], strict=False))


def _equal(name: str, value: list[Token], page: Page) -> Answer:
    word = page.word(name)
    if word is not None:
        return _word(value, 0) == word
    sign = {"min-": ">=", "max-": "<="}.get(name[:4], "=")
    has, wanted = page.number(name[4:] if sign != "=" else name), _number(value, page)
    return None if has is None or wanted is None else _COMPARE[sign](has, wanted)


def _number(tokens: list[Token], page: Page) -> float | None:
    if len(tokens) == 3 and tokens[1] == "/":
        above, below = _number(tokens[:1], page), _number(tokens[2:], page)
        return above / below if above is not None and below else None
    if len(tokens) != 1:
        return None
    token = tokens[0]
    if token.type == "ident":
        return page.number(token.lower_value)
    unit = _UNITS.get(token.lower_unit) if token.type == "dimension" else None
    if unit is not None:
        return float(token.value * unit)
    found = amount(token)
    return found.number if found is not None and found.unit in ("", "px") else None


def _supports(token: Token) -> Answer:
    if token.type == "() block":
        return any(part == ":" for part in token.content)
    if token.type != "function" or token.lower_name != "selector":
        return None
    try:
        return len(compile_selector_list(token.arguments)) > 0
    except SelectorError:
        return False
