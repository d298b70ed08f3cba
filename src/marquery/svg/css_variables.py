"""Custom properties of CSS (``--name: value``) and their uses (``var(--name, fall-back)``).

The renderer knows neither. A use finds what is set for the element itself or for one around it;
what style sheets set was written to the elements before (:mod:`marquery.svg.css_cascade`).
"""

import re
from collections.abc import Callable, Iterator

#: A custom property's name -> its value.
Properties = dict[str, str]
Lookup = Callable[[str], str | None]

_USE = re.compile(r"\bvar\(", re.I)
_NAME = re.compile(r"\s*(--[^\s,()]+)\s*")
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.S)
# Uses inside each other, all uses of one value, and letters that it may grow to: properties can
# stand for each other and grow without end.
_MAX_NESTED = 16
_MAX_USES = 1000
_MAX_LENGTH = 20_000
_PLACES = re.compile(r"""["'();]""")


def has_variables(text: str) -> bool:
    """Whether a text uses custom properties."""
    return _USE.search(text) is not None


def substituted(value: str, lookup: Lookup) -> str | None:
    """A value with its ``var(...)`` put in; ``None`` if one has neither a value nor a fall-back.

    Also ``None`` where properties stand for each other without end, or for too much.

    Args:
        value: of a property or attribute.
        lookup: the value of a custom property, if it is set.
    """
    return _Substitution(lookup).of(value, 0)


class _Substitution:
    """One value's uses of custom properties, counted."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._uses = 0

    def of(self, value: str, nested: int) -> str | None:
        if nested > _MAX_NESTED:
            return None
        out: list[str] = []
        done = size = 0
        found = _USE.search(value)
        while found is not None:
            end = _closing(value, found.end())
            known = self._value(value, found.end(), end, nested)
            size += len(known or "")
            if known is None or size > _MAX_LENGTH:
                return None
            out += [value[done : found.start()], known.strip()]
            done = end + 1
            found = _USE.search(value, done)
        out.append(value[done:])
        return "".join(out)

    def _value(self, value: str, start: int, end: int, nested: int) -> str | None:
        """What one use stands for; its parentheses hold ``value[start:end]``."""
        name = _NAME.match(value, start, end)
        self._uses += 1
        if name is None or self._uses > _MAX_USES:
            return None
        own = self._lookup(name.group(1))
        known = None if own is None else self.of(own, nested + 1)
        if known is None and value[name.end() : name.end() + 1] == ",":
            known = self.of(value[name.end() + 1 : end], nested + 1)
        return known


def _closing(value: str, start: int) -> int:
    """Where the parenthesis that was opened before ``start`` is closed, or the end of the text."""
    depth, quote = 1, ""
    for found in _PLACES.finditer(value, start):
        letter = found.group()
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
            if depth == 0:
                return found.start()
    return len(value)


def without_comments(text: str) -> str:
    """Text of CSS with a space for each comment; one that does not end reaches to the end."""
    return _COMMENT.sub(" ", text)


def declarations(text: str) -> Iterator[tuple[str, str]]:
    """Properties and values of a ``style`` attribute or of a rule's block."""
    start, depth, quote = 0, 0, ""
    ends = []
    for found in _PLACES.finditer(text):
        letter = found.group()
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "()":
            depth = max(0, depth + (1 if letter == "(" else -1))
        elif depth == 0:
            ends.append(found.start())
    for end in [*ends, len(text)]:
        name, colon, value = text[start:end].partition(":")
        if colon and name.strip():
            yield name.strip(), value.strip()
        start = end + 1


def defined(text: str) -> Properties:
    """The custom properties that a ``style`` attribute or a rule's block sets."""
    if "--" not in text:
        return {}
    found = declarations(without_comments(text))
    return {name: value for name, value in found if name.startswith("--")}


def computed(own: Properties, inherited: Properties) -> Properties:
    """The custom properties that count for an element and what is inside it.

    Args:
        own: those that are set for it, which may use each other and those around it.
        inherited: those of the element around it, without uses.
    """
    if not own:
        return inherited
    given = {**inherited, **own}
    found = dict(inherited)
    for name, value in own.items():
        word = value.lower()
        known = None if word == "initial" else substituted(value, given.get)
        if known is None:
            found.pop(name, None)
        elif word not in ("inherit", "unset"):
            found[name] = known
    return found


def resolved_block(text: str, lookup: Lookup) -> str:
    """A ``style`` attribute with its uses put in; what has no value is what it is without it."""
    kept = []
    for name, value in declarations(text):
        if name.startswith("--"):
            continue
        found = substituted(value, lookup) if has_variables(value) else value
        kept.append(f"{name}:{'unset' if found is None else found}")
    return ";".join(kept)
