"""The letters that text in a drawing can be drawn with: those of the fonts in the package.

They are Noto Sans, regular and bold, without the letters beyond Latin, Greek and Cyrillic: the same
on every machine, whatever fonts it has. Other letters are not drawn, and are told.
"""

from bisect import bisect_right
from pathlib import Path

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


def missing_letters(texts: list[Element]) -> str:
    """Letters of ``text`` elements that the fonts do not have, the first ten of them."""
    found = dict.fromkeys(letter for text in texts for part in text.itertext() for letter in part)
    lacking = [letter for letter in found if letter.isprintable() and not _has(ord(letter))]
    return "".join(lacking[:_MOST])


def _has(code: int) -> bool:
    row = bisect_right(_FIRST, code) - 1
    return row >= 0 and code <= RANGES[row][1]
