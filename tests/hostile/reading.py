"""What reading a broken file may come to: a picture, or one sentence."""

import time
import warnings

from marquery.errors import ImageError
from marquery.images import DEFAULT_LIMITS, decode_image

#: Longest side of a picture that reading gives.
_SIDE = DEFAULT_LIMITS.max_side
# Seconds for one file: the wall time after which a drawing is ended, and some.
_PATIENCE = 45
_OUTCOMES = (
    ("is not a readable", "refused: not readable"),
    ("processor time", "refused: processor time"),
    ("in time", "refused: wall time"),
    ("memory", "refused: memory"),
    ("inside each other", "refused: depth"),
    ("too deeply", "refused: depth"),
    ("entities", "refused: entities"),
    ("more elements", "refused: elements"),
    ("pixels", "refused: pixels"),
    ("bytes", "refused: bytes"),
)


def outcome(data: bytes) -> str:
    """What reading a file's content came to.

    Raises:
        AssertionError: it came to what it must not come to.
    """
    began = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = decode_image(data, "file")
        except ImageError as error:
            text = str(error)
            assert text.startswith("file: "), text
            assert text.isprintable(), text
            assert len(text) < 500, text
            found = next((name for word, name in _OUTCOMES if word in text), "refused: other")
        else:
            assert image.mode == "RGB", image.mode
            assert max(image.size) <= _SIDE, image.size
            found = "read"
    took = time.monotonic() - began
    assert took < _PATIENCE, f"{took:.0f} s"
    return found
