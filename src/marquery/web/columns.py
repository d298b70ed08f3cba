"""Which metadata stands on a hit's card, and what a logo is called."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from marquery.index.metadata.types import Value

#: Columns that name a mark, the best first. Its owner is not its name.
_TITLES = ("mark", "name", "title", "brand", "mark_name", "word", "denomination", "verbal_element")
# What an office's register is read by, in the order in which it stands on a card.
_READ_BY = (
    r"office|authority|register|country|jurisdiction",
    r"(application|registration|serial|mark|file)?_?(number|no|nr)|reference",
    r"owner|holder|applicant|proprietor",
    r"nice|class|classes|goods",
    r"status|state",
    r"filed|date|filing_?date|application_?date|registered|registration_?date",
)
#: Columns on a card at most, where nobody chose.
_MOST = 6


def plain(value: Value) -> str:
    """A metadata value as text."""
    if value is None:
        return ""
    return ", ".join(value) if isinstance(value, list) else str(value)


def title_of(metadata: Mapping[str, Value], name: str) -> str:
    """What a logo is called: by its metadata, else by its file."""
    for column in _TITLES:
        if text := plain(metadata.get(column)):
            return text
    return Path(name).stem


def default_columns(columns: Iterable[str]) -> tuple[str, ...]:
    """The columns that a card shows where nobody chose: those a register is read by, else the
    first.
    """
    names = [column for column in columns if column not in _TITLES]
    read_by: list[str] = []
    for form in _READ_BY:
        pattern = re.compile(rf"(?:{form})(?:_?(?:list|code|codes|name|classes))?")
        found = [n for n in names if pattern.fullmatch(n) and n not in read_by]
        read_by += found[:1]
    return tuple((read_by or names)[:_MOST])


def lookup_columns(columns: Mapping[str, str]) -> list[tuple[str, str]]:
    """Columns by which marks are looked up, with their types: titles, and what cards show."""
    titles = [name for name in _TITLES if name in columns][:1]
    codes = [n for n in columns if re.search("vienna|figur|locarno", n)]
    names = dict.fromkeys((*titles, *default_columns(columns), *codes))
    return [(name, columns[name]) for name in names]


def fields_of(metadata: Mapping[str, Value], chosen: Sequence[str] | None) -> list[tuple[str, str]]:
    """Labels and texts of a card: the same fields on every card, empty where nothing is said.

    Args:
        metadata: of the logo, with all columns of the index.
        chosen: columns; None: nobody chose.
    """
    names = default_columns(metadata) if chosen is None else [n for n in chosen if n in metadata]
    return [(label_of(name), plain(metadata[name])) for name in names]


def label_of(column: str) -> str:
    """A column's name as a label."""
    return column.replace("_", " ")


def read_choice(text: str | None) -> tuple[str, ...] | None:
    """The columns that a cookie names; None where nobody chose."""
    return None if text is None else tuple(filter(None, text.split(".")))


def write_choice(columns: Iterable[str]) -> str:
    """Columns as a cookie keeps them; their names are of letters, digits and _."""
    return ".".join(columns) or "."
