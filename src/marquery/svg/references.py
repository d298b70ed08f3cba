"""References of a drawing: those to its own elements stay, all others are taken out.

References are found after the XML parser has resolved character references and entities, and are
written anew in the one spelling that every renderer reads.
"""

import re
from collections.abc import Callable
from urllib.parse import unquote

from marquery.svg.css_variables import declarations

_URL = re.compile(r"\burl\(", re.I)
_SPACE = re.compile(r"[ \t\r\n\f]*")
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})[ \t\r\n\f]?|([^\r\n]))")
# What ends a value: nothing can follow that would stand in for a reference that was taken out.
_END = frozenset(";}!,/")
_LOCAL = re.compile(r"url\(#([^)]*)\)")
_PAINTED = frozenset({"fill", "stroke"})
PAINT_SERVERS = frozenset({"linearGradient", "radialGradient", "pattern"})
#: Properties -> the elements that they may refer to.
_WANTED = {
    **dict.fromkeys(_PAINTED, PAINT_SERVERS),
    "clip-path": frozenset({"clipPath"}),
    "mask": frozenset({"mask"}),
    "filter": frozenset({"filter"}),
}
# An id that can stand between parentheses without quotes.
_SIMPLE_ID = re.compile(r"[^\s()'\"<>&\\]+\Z")


class Ids:
    """Ids of elements that references name, each in a spelling that needs no quotes.

    Drawing programs make ids of the names of layers, such as ``Mask (1)``.
    """

    def __init__(self, kinds: dict[str, str] | None = None) -> None:
        #: What an id, as it is written, is the name of.
        self.kinds = kinds or {}
        #: An id that cannot stand without quotes -> the one that takes its place.
        self.renamed: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        """The id as it is to be written, of the element as well."""
        if _SIMPLE_ID.match(name):
            return name
        new = self.renamed.setdefault(name, f"marquery-id-{len(self.renamed)}")
        if name in self.kinds:
            self.kinds[new] = self.kinds[name]
        return new


def local_urls(value: str, written: Callable[[str], str] = str) -> str:
    """Text of CSS or of an attribute with each ``url(...)`` as ``url(#id)``.

    Quotes, spaces, CSS escapes, percent escapes and capitals are undone. A reference to anything
    but an element of the drawing becomes ``none``, or the fall-back paint behind it if there is
    one. The time is linear in the length of the text.

    Args:
        value: the text.
        written: how an id is written, see :class:`Ids`.
    """
    found = _URL.search(value)
    if found is None:
        return value
    out: list[str] = []
    done = 0
    while found is not None:
        out.append(value[done : found.start()])
        content = _content(value, found.end())
        if content is None:  # it is never closed: the rest of the text belongs to it
            out.append("none")
            return "".join(out)
        target, done = content
        name = local_name(_unescaped(target))
        if name is not None:
            out.append(f"url(#{written(name)})")
        else:
            behind = _skipped(value, done)
            if behind == len(value) or value[behind] in _END:
                out.append("none")
        found = _URL.search(value, done)
    out.append(value[done:])
    return "".join(out)


def settled_block(text: str, kinds: dict[str, str]) -> str:
    """A ``style`` attribute with :func:`settled_reference` of each property."""
    found = ((name, settled_reference(name, value, kinds)) for name, value in declarations(text))
    return ";".join(f"{name}:{value}" for name, value in found)


def settled_reference(name: str, value: str, kinds: dict[str, str]) -> str:
    """A property that refers to an element of the wrong kind, or to none, as browsers take it.

    >>> settled_reference("fill", "url(#a) red", {"a": "rect"})
    'red'
    >>> settled_reference("filter", "url(#a)", {"a": "filter"})
    'url(#a)'

    Args:
        name: of the property.
        value: with references as :func:`local_urls` writes them.
        kinds: ids and the names of their elements.
    """
    wanted = _WANTED.get(name)
    if wanted is None or all(kinds.get(one) in wanted for one in _LOCAL.findall(value)):
        return value
    second = _LOCAL.sub("", value).strip() if name in _PAINTED else ""
    return second if second and not second.startswith("!") else f"none {second}".rstrip()


def local_name(reference: str) -> str | None:
    """The id of the element that a reference names; ``None`` if it is not one of the drawing."""
    reference = reference.strip()
    if not reference.startswith("#") or len(reference) == 1:
        return None
    return unquote(reference[1:]) if "%" in reference else reference[1:]


def _content(value: str, start: int) -> tuple[str, int] | None:
    """What stands between the parentheses of ``url(``, and where the text goes on."""
    start = _skipped(value, start)
    quote = value[start : start + 1]
    if quote in {'"', "'"}:
        end = value.find(quote, start + 1)
        close = -1 if end < 0 else value.find(")", end + 1)
        return None if close < 0 else (value[start + 1 : end], close + 1)
    end = value.find(")", start)
    return None if end < 0 else (value[start:end], end + 1)


def _skipped(value: str, start: int) -> int:
    space = _SPACE.match(value, start)
    return start if space is None else space.end()


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(
        lambda found: _letter(int(found[1], 16)) if found[1] else str(found[2]), text
    )


def _letter(code: int) -> str:
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
