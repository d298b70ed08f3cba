"""Sums of CSS (``calc``, ``min``, ``max``, ``clamp``) worked out where their numbers are known."""

import math
from collections.abc import Callable
from functools import reduce
from typing import Any, NamedTuple

#: Pixels in a length, degrees in an angle.
UNITS = {
    "px": (1.0, "px"),
    "in": (96.0, "px"),
    "cm": (96 / 2.54, "px"),
    "mm": (96 / 25.4, "px"),
    "q": (96 / 101.6, "px"),
    "pt": (96 / 72, "px"),
    "pc": (16.0, "px"),
    "deg": (1.0, "deg"),
    "grad": (0.9, "deg"),
    "turn": (360.0, "deg"),
    "rad": (180 / math.pi, "deg"),
}
_CONSTANTS = {"pi": math.pi, "e": math.e}
_NAMES = ("calc(", "min(", "max(", "clamp(")


class Amount(NamedTuple):
    """A number and what it counts: ``""``, ``"px"``, ``"deg"`` or ``"%"``."""

    number: float
    unit: str

    def __str__(self) -> str:
        return f"{self.number:.10g}{self.unit}"


def has_sums(text: str) -> bool:
    """Whether a value may hold a sum."""
    lower = text.lower()
    return any(name in lower for name in _NAMES)


def plain_sums(value: str) -> str:
    """A value with each sum as a number; those of what is not known here stay.

    >>> plain_sums("translate(calc(1px + 2 * 3px), max(1in, 5px))"), plain_sums("calc(l - 1)")
    ('translate(7px, 96px)', 'calc(l - 1)')
    """
    import tinycss2  # few drawings need it

    try:
        return "".join(map(_written, tinycss2.parse_component_value_list(value)))
    except (RecursionError, ArithmeticError):
        return value


def _written(token: Any) -> str:
    if token.type != "function":
        return str(token.serialize())
    if f"{token.lower_name}(" in _NAMES:
        found = amount(token)
        return str(token.serialize() if found is None else found)
    return f"{token.name}({''.join(map(_written, token.arguments))})"


def amount(token: Any) -> Amount | None:
    """What a number, a length, a share or a sum amounts to; ``None`` if that is not known here."""
    if token.type == "number":
        return Amount(token.value, "")
    if token.type == "percentage":
        return Amount(token.value, "%")
    if token.type == "dimension" and token.lower_unit in UNITS:
        factor, unit = UNITS[token.lower_unit]
        return Amount(token.value * factor, unit)
    if token.type == "ident" and token.lower_value in _CONSTANTS:
        return Amount(_CONSTANTS[token.lower_value], "")
    if token.type == "() block":
        return _sum(token.content)
    if token.type == "function":
        return _function(token.lower_name, token.arguments)
    return None


def _function(name: str, tokens: list[Any]) -> Amount | None:
    given = [_sum(part) for part in _parted(tokens, ",")]
    amounts = [one for one in given if one is not None]
    if len(amounts) < len(given) or len({one.unit for one in amounts}) != 1:
        return None
    if name == "calc" and len(amounts) == 1:
        return amounts[0]
    if name == "clamp" and len(amounts) == 3:
        return max(amounts[0], min(amounts[1], amounts[2]))
    return {"min": min, "max": max}[name](amounts) if name in ("min", "max") else None


def _parted(tokens: list[Any], mark: str) -> list[list[Any]]:
    parts: list[list[Any]] = [[]]
    for token in tokens:
        if token == mark:
            parts.append([])
        elif token.type not in ("whitespace", "comment"):
            parts[-1].append(token)
    return parts


def _sum(tokens: list[Any]) -> Amount | None:
    return _folded(tokens, {"+": _plus, "-": _minus}, _product)


def _product(tokens: list[Any]) -> Amount | None:
    return _folded(tokens, {"*": _times, "/": _over}, _single)


def _single(tokens: list[Any]) -> Amount | None:
    return amount(tokens[0]) if len(tokens) == 1 else None


_Operation = Callable[[Amount, Amount], Amount | None]


def _folded(
    tokens: list[Any],
    operations: dict[str, _Operation],
    inner: Callable[[list[Any]], Amount | None],
) -> Amount | None:
    """Terms between the signs of some operations, from the left to the right."""
    terms: list[list[Any]] = [[]]
    signs: list[_Operation] = []
    for token in tokens:
        if token.type == "literal" and token.value in operations:
            signs.append(operations[token.value])
            terms.append([])
        elif token.type not in ("whitespace", "comment"):
            terms[-1].append(token)
    found = [inner(term) if term else None for term in terms]
    steps = zip(signs, found[1:], strict=True)
    return reduce(lambda so_far, step: _applied(step[0], so_far, step[1]), steps, found[0])


def _applied(operation: _Operation, one: Amount | None, other: Amount | None) -> Amount | None:
    return None if one is None or other is None else operation(one, other)


def _plus(one: Amount, other: Amount) -> Amount | None:
    return Amount(one.number + other.number, one.unit) if one.unit == other.unit else None


def _minus(one: Amount, other: Amount) -> Amount | None:
    return _plus(one, Amount(-other.number, other.unit))


def _times(one: Amount, other: Amount) -> Amount | None:
    if "" not in (one.unit, other.unit):
        return None
    return Amount(one.number * other.number, one.unit or other.unit)


def _over(one: Amount, other: Amount) -> Amount | None:
    return None if other.unit or not other.number else Amount(one.number / other.number, one.unit)
