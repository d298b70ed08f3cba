"""Texts of the code as cells of a table in Markdown."""

import re


def cell(text: str) -> str:
    """A text in one line, whose bars end no cell."""
    return " ".join(text.split()).replace("|", "\\|")


def plain(text: str) -> str:
    """Text in which nothing but code is taken for Markdown or HTML."""
    parts = text.replace("\b", "").split("`")
    if len(parts) % 2 == 0:  # a backtick without its mate
        return _escaped(text.replace("`", r"\`"))
    parts[::2] = map(_escaped, parts[::2])
    return "`".join(parts)


def _escaped(text: str) -> str:
    return re.sub(r"([*_\[\]])", r"\\\1", text).replace("<", "&lt;")


def sentence(text: str) -> str:
    """A text of a docstring as a sentence in a cell."""
    said = cell(text.replace("``", "`"))
    return said[:1].upper() + said[1:] if said[:1].isascii() else said  # not a Greek letter
