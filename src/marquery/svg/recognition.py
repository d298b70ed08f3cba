"""Telling SVG by its content, whatever the file is called."""

import re

GZIP_MAGIC = b"\x1f\x8b"
_HEAD = 1024
# Marks of UTF-8, UTF-16 and UTF-32, in the order in which they are tried: the mark of UTF-32 begins
# with that of UTF-16.
MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# How "<" is written by an encoding without a mark.
_UNMARKED = (
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_MARKUP = re.compile(r"\s*<[!?:A-Za-z_]")


def unicode_encoding(data: bytes) -> tuple[str, int] | None:
    """Name of the UTF encoding that a text shows by its first bytes, and the length of its mark.

    ``None`` where the first bytes say nothing: UTF-8 without a mark, or an encoding of one byte a
    letter.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return encoding, len(mark)
    for start, encoding in _UNMARKED:
        if data.startswith(start):
            return encoding, 0
    return None


def looks_like_svg(data: bytes) -> bool:
    """Whether a file's content is markup, or packed by gzip as ``.svgz`` files are.

    No raster format starts so: a TGA file could start with the byte of ``<``, but not with a letter
    behind it in all but contrived cases.
    """
    if data.startswith(GZIP_MAGIC):
        return True
    encoding, skipped = unicode_encoding(data) or ("latin-1", 0)
    head = data[skipped : skipped + _HEAD]
    return _MARKUP.match(head.decode(encoding, "replace")) is not None
