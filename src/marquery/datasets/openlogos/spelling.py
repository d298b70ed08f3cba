"""A name as a key: letters and digits only."""

import re

_PUNCTUATION = re.compile(r"[^a-z0-9]+")
_DOTTED = re.compile(r"(?<=[a-z0-9]{2})dot(js|io|net|com|org|ai|dev|sh|app|gg|fm|me|co|rs|tv|cc)$")


def squeeze(name: str) -> str:
    """Letters and digits only; ``dotjs`` and ``dotio`` at the end lose their dot as others write
    it.
    """
    return _DOTTED.sub(r"\1", _PUNCTUATION.sub("", name.lower()))
