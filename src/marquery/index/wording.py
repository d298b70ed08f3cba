"""How alike the words of logos are."""

import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

# A likeness of parts or of words in another order counts a little less than one of the whole.
_PARTS = 0.95


def plain(text: str) -> str:
    """Lower case, without accents, with single spaces for all that is neither letter nor digit."""
    wide = unicodedata.normalize("NFKD", text).casefold()
    kept = (c if c.isalnum() else " " for c in wide if not unicodedata.combining(c))
    return " ".join("".join(kept).split())


def word_similarity(query: str, gallery: Sequence[str]) -> npt.NDArray[np.float32]:
    """How alike some words are to those of many logos.

    The larger of two likenesses: of the letters, spaces left out (1 minus insertions and deletions by the length
    of both), and of parts, whatever the order of words (RapidFuzz's ``WRatio``), which counts 0.95 times.

    Args:
        query: :func:`plain` text.
        gallery: N plain texts.

    Returns:
        float32 (N,), 0 to 1; 1 for equal letters, 0 where there are none.
    """
    from rapidfuzz import fuzz, process

    if not query or not len(gallery):
        return np.zeros(len(gallery), np.float32)
    joined = [text.replace(" ", "") for text in gallery]
    letters = process.cdist([query.replace(" ", "")], joined, scorer=fuzz.ratio, dtype=np.float32)
    parts = process.cdist([query], gallery, scorer=fuzz.WRatio, dtype=np.float32)
    return np.asarray(np.maximum(letters[0], _PARTS * parts[0]) / 100, np.float32)
