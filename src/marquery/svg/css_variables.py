"""Custom properties of CSS (``--name: value``) and their uses (``var(--name, fall-back)``).

The renderer knows neither. Properties are looked up as browsers do for what drawings contain: those
of the element itself, of its ancestors, and those that a style sheet sets for ``:root``, an element
name, a class or an id. In a style sheet, which is rewritten as a text, a use finds what is set by a
rule with the same selector or for the whole drawing.
"""

import re
from collections.abc import Callable, Iterator

from marquery.svg.document import Element

#: A custom property's name -> its value.
Properties = dict[str, str]
Lookup = Callable[[str], str | None]

_USE = re.compile(r"\bvar\(", re.I)
_NAME = re.compile(r"\s*(--[^\s,()]+)\s*")
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.S)
_WHOLE = frozenset({":root", "svg", "*", "html", ":root,svg"})
_SIMPLE = re.compile(r"[.#]?[A-Za-z_][\w-]*\Z")
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
    return {name: value for name, value in declarations(text) if name.startswith("--")}


def resolved_block(text: str, lookup: Lookup) -> str:
    """A ``style`` attribute or a block with its uses put in; what has no value is left out."""
    kept = []
    for name, value in declarations(text):
        if name.startswith("--"):
            continue
        found = substituted(value, lookup) if has_variables(value) else value
        if found is not None:
            kept.append(f"{name}:{found}")
    return ";".join(kept)


class Sheets:
    """What the style sheets of a drawing set, and the sheets without custom properties.

    Args:
        texts: content of the ``style`` elements.
    """

    def __init__(self, texts: list[str]) -> None:
        self._by_selector: dict[str, Properties] = {}
        self._whole: Properties = {}
        for text in texts:
            if "--" in text:
                self._read(without_comments(text))

    def properties_of(self, element: Element, is_root: bool) -> Properties:
        """What is set for an element itself by its name, classes and id."""
        if not self._by_selector and not self._whole:
            return {}
        found = dict(self._whole) if is_root else {}
        tag = element.tag.rpartition("}")[2]
        names = [tag, *(f".{c}" for c in (element.get("class") or "").split())]
        for name in [*names, f"#{element.get('id')}"]:
            found |= self._by_selector.get(name, {})
        return found

    def rewritten(self, text: str, root: Properties) -> str:
        """A sheet with the uses of custom properties put in.

        Args:
            text: the sheet.
            root: properties of the outermost element.
        """
        out: list[str] = []
        for selector, block in rules(without_comments(text)):
            if block is None:
                out.append(selector)
                continue
            near: Properties = {}
            for one in selector.split(","):
                near |= self._by_selector.get(one.strip(), {})
            values = {**root, **near}
            out.append(f"{selector}{{{resolved_block(block, values.get)}}}")
        return "".join(out)

    def _read(self, text: str) -> None:
        for selector, block in rules(text):
            properties = defined(block or "")
            if not properties:
                continue
            for one in (part.strip() for part in selector.split(",")):
                if one in _WHOLE:
                    self._whole |= properties
                elif _SIMPLE.match(one):
                    self._by_selector[one] = {**self._by_selector.get(one, {}), **properties}


def rules(text: str) -> Iterator[tuple[str, str | None]]:
    """Selector and block of each rule; other texts (at-rules' heads, closing braces) with None."""
    done, closed = 0, -1
    while True:
        opened = text.find("{", done)
        if opened < 0:
            yield text[done:], None
            return
        # Of "@media x { a { ... } }" the head is a text and the rule inside is a rule.
        inner = text.find("{", opened + 1)
        if closed < opened:
            closed = text.find("}", opened + 1)
        if closed < 0:
            yield text[done:], None
            return
        if 0 <= inner < closed:
            yield text[done : opened + 1], None
            done = opened + 1
            continue
        head = text[done:opened]
        cut = head.rfind("}") + 1
        if cut:
            yield head[:cut], None
        yield head[cut:], text[opened + 1 : closed]
        done = closed + 1
