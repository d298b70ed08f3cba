"""Fonts of the printed report, and characters that none of them has."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from marquery.searchreport.view import escaped

if TYPE_CHECKING:
    from typst import Fonts

_SCRIPTS = {"CJK": "Chinese", "HIRAGANA": "Japanese", "KATAKANA": "Japanese", "HANGUL": "Korean"}
# Up to so many missing characters are named one by one.
_NAMED = 12


def report_fonts() -> "Fonts":
    """Typst's own fonts and those that are installed on the machine."""
    import typst

    return typst.Fonts()


def bring_to_fonts(values: Any, can_draw: Callable[[str], bool]) -> tuple[Any, set[str]]:
    """Texts with the numbers of characters in the place of those that cannot be drawn.

    Args:
        values: texts within lists, tuples and dictionaries.
        can_draw: whether the fonts have all that some text needs.

    Returns:
        The same with such texts, tuples as lists; and the characters that were replaced.
    """
    characters = {c for text in _texts(values) for c in text if not c.isascii() or _is_control(c)}
    unknown = undrawn(characters, can_draw)
    values = _mapped(values, lambda text: _replaced(text, unknown))
    # A combining mark and its letter may be in different fonts, neither of which can draw both
    # together.
    words = {w for text in _texts(values) for w in text.split() if not w.isascii()}
    broken = undrawn(words, can_draw)
    lost = {c for word in broken for c in word if not c.isascii()}
    if broken:
        values = _mapped(values, lambda text: _without(text, broken))
    return values, unknown | lost


def undrawn(texts: set[str], can_draw: Callable[[str], bool]) -> set[str]:
    """The texts that cannot be drawn, found by bisection."""

    def search(some: list[str]) -> Iterator[str]:
        # Separated by spaces, so that no two combine into one glyph.
        if not some or can_draw(" ".join(some)):
            return
        if len(some) == 1:
            yield some[0]
            return
        middle = len(some) // 2
        yield from search(some[:middle])
        yield from search(some[middle:])

    return set(search(sorted(texts)))


def lack(unknown: set[str]) -> str:
    """A sentence for the report, in ASCII, on what it could not show; empty if nothing."""
    if not unknown:
        return ""
    return (
        f"No font at hand has some characters of this report ({_scripts(unknown)}): they stand as "
        "their "
        f"Unicode numbers, such as {escaped(min(unknown))}."
    )


def lack_and_remedy(unknown: set[str]) -> str:
    """The same for who makes the report: the characters themselves, and what to install."""
    named = " ".join(sorted(unknown)[:_NAMED]) + (" …" if len(unknown) > _NAMED else "")
    eastern = any(_script(c) in _SCRIPTS.values() for c in unknown)
    remedy = "on Debian: fonts-noto-" + ("cjk" if eastern else "core")
    return (
        f"no font at hand has {named} ({_scripts(unknown)}), which the PDF shows as Unicode "
        "numbers, such as "
        f"{escaped(min(unknown))}; install a font that has them ({remedy}), or make an .html report"
    )


def _scripts(characters: Iterable[str]) -> str:
    return ", ".join(sorted({_script(c) for c in characters}))


def _script(character: str) -> str:
    """Such as ``Thai``, by the first word of the character's Unicode name."""
    if unicodedata.category(character)[0] not in "LM":
        return "symbols"
    first = unicodedata.name(character, "other").split()[0]
    return _SCRIPTS.get(first, first.capitalize())


def _is_control(character: str) -> bool:
    """Whether an ASCII character is none that a text is made of, such as NUL."""
    return not character.isprintable() and character not in "\t\n\r"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: _mapped(item, change) for name, item in value.items()}
    return [_mapped(v, change) for v in value] if isinstance(value, (list, tuple)) else value


def _replaced(text: str, characters: Iterable[str]) -> str:
    return text.translate({ord(c): escaped(c) for c in characters})


def _without(text: str, words: set[str]) -> str:
    return "".join(
        _replaced(part, {c for c in part if not c.isascii()}) if part in words else part
        for part in re.split(r"(\s+)", text)
    )
