"""The letters that text in a drawing can be drawn with: those of the fonts in the package.

They are Noto Sans, regular and bold, without the letters beyond Latin, Greek and Cyrillic: the same
on every machine, whatever fonts it has. Other letters are not drawn, and are told.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from marquery.svg.document import Element

#: Family of the fonts in the package, which stand in for every other one.
FAMILY = "Noto Sans"
#: The font files.
FONTS = tuple(str(file) for file in sorted((Path(__file__).parent / "fonts").glob("*.ttf")))
#: First and last of each row of letters that the fonts have.
RANGES = (
    *((0x20, 0x7E), (0xA0, 0x17F), (0x192, 0x192), (0x218, 0x21B), (0x2C6, 0x2DD), (0x300, 0x377)),
    *((0x37A, 0x37F), (0x384, 0x38A), (0x38C, 0x38C), (0x38E, 0x3A1), (0x3A3, 0x3E1)),
    *((0x3F0, 0x45F), (0x490, 0x4FF), (0x1E00, 0x1EFF), (0x2010, 0x2027), (0x2030, 0x203A)),
    *((0x2044, 0x2044), (0x2070, 0x2071), (0x2074, 0x208E), (0x2090, 0x2094), (0x20A0, 0x20C0)),
    *((0x2100, 0x2126), (0x212E, 0x212E), (0x2212, 0x2212), (0x25CC, 0x25CC)),
)
_FIRST = [first for first, _ in RANGES]
# So many are told.
_MOST = 10
# What nobody sees: control and format characters, half characters, separators.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
# They choose between forms of the letter before them.
_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))

_TEXTS = etree.XPath("//*[local-name() = 'text']")
# Text of HTML, which nothing here draws. Where it is one of several choices, another is drawn.
_HTML = etree.XPath(
    "//*[local-name() = 'foreignObject' and not(ancestor::*[local-name()='switch'])]"
)


def texts_of(root: Element) -> list[Element]:
    """The ``text`` elements of a drawing."""
    found: list[Element] = _TEXTS(root)
    return found


def missing_letters(root: Element) -> str:
    """Letters of a drawing that are not drawn, the first ten of them: those of its text that the
    fonts do not have, and those of HTML inside it.
    """
    drawn = dict.fromkeys(_letters(texts_of(root)))
    lacking = [letter for letter in drawn if _is_seen(letter) and not _has(ord(letter))]
    lacking += [letter for letter in _letters(_HTML(root)) if _is_seen(letter)]
    return "".join(map(_shown, list(dict.fromkeys(lacking))[:_MOST]))


def _letters(elements: list[Element]) -> Iterator[str]:
    return (letter for element in elements for part in element.itertext() for letter in part)


def _is_seen(letter: str) -> bool:
    if any(ord(letter) in row for row in _SELECTORS):
        return False
    return unicodedata.category(letter) not in _UNSEEN


def _shown(letter: str) -> str:
    """A letter as it can be told: those of icons in a font of their own have no look elsewhere."""
    return letter if letter.isprintable() else f"(U+{ord(letter):04X})"


def _has(code: int) -> bool:
    row = bisect_right(_FIRST, code) - 1
    return row >= 0 and code <= RANGES[row][1]
