"""JSON of files that may be damaged."""

import json
from typing import Any


def parse_json(text: str | bytes) -> Any:
    """What a text says.

    Raises:
        ValueError: it is not JSON, or has so many values inside each other that it cannot be read.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("too many values inside each other") from error
