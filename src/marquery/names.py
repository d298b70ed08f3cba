r"""Names of files as text: every name that a disk may hold, told, stored and printed.

A name on disk is bytes. Most are UTF-8 and are their own text, whatever characters they hold. Bytes
that are no UTF-8 are written ``\xe9`` (backslash, x, two lower-case hexadecimal digits); a
backslash that stands before such a sequence by itself is written ``\x5c``. So the text is valid
Unicode, tells each name from every other, and leads back to the file.
"""

import os
import re
from pathlib import Path

StrPath = str | os.PathLike[str]

# Python holds a byte B that is no UTF-8 as the code point U+DC00 + B.
_UNDECODED = re.compile(r"[\udc80-\udcff]|\\(?=x[0-9a-f]{2})")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://")
_HALVES = re.compile(r"[\ud800-\udfff]")
_WRITTEN = re.compile(r"\\x(5c|[89a-f][0-9a-f])")
# Moves the cursor, rings, ends a line, turns the direction of writing, or is half a character.
_UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def path_to_text(path: StrPath) -> str:
    r"""A path as valid Unicode, from which :func:`text_to_path` makes the path again.

    >>> path_to_text(os.fsdecode(b"caf\xe9.png"))
    'caf\\xe9.png'
    """

    def write(match: re.Match[str]) -> str:
        return f"\\x{ord(match[0]) & 0xFF:02x}"

    return _UNDECODED.sub(write, os.fspath(path))


def text_to_path(text: StrPath) -> Path:
    """The path that :func:`path_to_text` wrote."""
    return Path(_told(os.fspath(text)))


def is_elsewhere(path: StrPath) -> bool:
    """Whether a file or folder is at an address, and not on a disk.

    >>> is_elsewhere("s3://bucket/logos"), is_elsewhere("logos"), is_elsewhere("c:/logos")
    (True, False, False)
    """
    return not isinstance(path, Path) and _ADDRESS.match(os.fspath(path)) is not None


def source_of(text: StrPath) -> Path | str:
    """What is read under a text of :func:`path_to_text`: the path, or the address."""
    return _told(os.fspath(text)) if is_elsewhere(text) else text_to_path(text)


def existing_path(path: StrPath) -> Path:
    """The file that is meant by a path as the disk has it, or by its text.

    Where there are files for both readings, a string means the text, as results hold it, and a
    ``Path`` the path, as folders list it.
    """
    given = Path(path)
    told = text_to_path(given)
    if told == given:
        return given
    first, second = (told, given) if isinstance(path, str) else (given, told)
    return second if os.path.lexists(second) and not os.path.lexists(first) else first


def as_unicode(text: str) -> str:
    """Text that every encoding of Unicode takes: half characters are written as escapes.

    What :func:`path_to_text` wrote stays as it is.
    """
    return _HALVES.sub(_escape, text)


def printable(text: object) -> str:
    r"""Text on one line that cannot steer a terminal.

    Control characters, marks that turn the direction of writing, line separators and half
    characters are written as Python escapes them: ``\x1b``, ``\u202e``; bytes that are no UTF-8 as
    :func:`path_to_text` writes them. All else stays, spaces and joiners of every kind included.

    >>> printable("a\x1b[31m.png")
    'a\\x1b[31m.png'
    """

    return _UNPRINTABLE.sub(_escape, str(text))


def printable_lines(text: object) -> str:
    """The same for text of several lines, which stay lines."""
    return "\n".join(map(printable, str(text).split("\n")))


def _told(text: str) -> str:
    def read(match: re.Match[str]) -> str:
        code = int(match[1], 16)
        return chr(code) if code < 0x80 else chr(0xDC00 + code)

    return _WRITTEN.sub(read, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no UTF-8
        return f"\\x{code & 0xFF:02x}"
    short = {9: "\\t", 10: "\\n", 13: "\\r"}.get(code)
    return short or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
