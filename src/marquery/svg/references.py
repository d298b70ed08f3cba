"""References of a drawing: those to its own elements stay, all others are taken out.

References are found after the XML parser has resolved character references and entities, and are
written anew in the one spelling that every renderer reads.
"""

import re
from collections.abc import Callable
from urllib.parse import unquote

_URL = re.compile(r"\burl\(", re.I)
_SPACE = re.compile(r"[ \t\r\n\f]*")
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})[ \t\r\n\f]?|([^\r\n]))")
# What ends a value: nothing can follow that would stand in for a reference that was taken out.
_END = frozenset(";}!,/")
# An id that can stand between parentheses without quotes.
_SIMPLE_ID = re.compile(r"[^\s()'\"<>&\\]+\Z")


class Ids:
    """Ids of elements that references name, each in a spelling that needs no quotes.

    Drawing programs make ids of the names of layers, such as ``Mask (1)``.
    """

    def __init__(self) -> None:
        #: An id that cannot stand without quotes -> the one that takes its place.
        self.renamed: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        """The id as it is to be written, of the element as well."""
        if _SIMPLE_ID.match(name):
            return name
        return self.renamed.setdefault(name, f"marquery-id-{len(self.renamed)}")


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
