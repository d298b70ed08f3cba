"""JSON records that are kept beside an encoder's weights."""

import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from marquery.errors import MarqueryError
from marquery.files import write_atomically
from marquery.json_text import parse_json

Record = TypeVar("Record", bound=BaseModel)


def load_record(kind: type[Record], path: Path, name: str, again: str) -> Record | None:
    """The record in a file; ``None`` where there is no such file.

    Args:
        kind: class of the record.
        path: its file.
        name: what it is, in words, for the message.
        again: how another is made, in words, for the message.

    Raises:
        MarqueryError: the file is damaged.
    """
    if not path.is_file():
        return None
    try:
        return kind.model_validate(parse_json(path.read_text()))
    except (OSError, ValueError, ValidationError) as error:
        raise MarqueryError(f"{path}: not a readable {name}; delete it, or {again}") from error


def save_record(record: BaseModel, path: Path) -> None:
    """Write a record whole or not at all."""
    text = json.dumps(record.model_dump(), indent=2) + "\n"
    write_atomically(path, lambda scratch: scratch.write_text(text))
