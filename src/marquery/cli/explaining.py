"""``marquery search --explain``: why the first hits were found."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from marquery.console import say, say_skipped
from marquery.errors import ImageError
from marquery.names import source_of

if TYPE_CHECKING:
    from PIL import Image

    from marquery.boxes import Box
    from marquery.encoder import LogoEncoder
    from marquery.explanation import Explanation

#: Hits that are explained, each in a second or so; more is no picture to look at.
EXPLAINED = 5


def explain_hits(
    encoder: "LogoEncoder",
    picture: "Image.Image",
    paths: Sequence[str],
    box: "Box | None" = None,
    strategy: "str | Mapping[str, float] | None" = None,
    words: str | None = None,
    register_words: "Mapping[str, str | None] | None" = None,
) -> "dict[str, Explanation]":
    """Explanations of the first hits by path; files that cannot be read are named and left out.

    Args:
        encoder: what the logos were compared with.
        picture: the query.
        paths: of the hits.
        box: rectangle x, y, width, height in pixels of the query.
        strategy: what was compared.
        words: what was looked for.
        register_words: of the hits, by path.
    """
    from marquery.explanation import explain

    found = {}
    skipped = []
    for path in paths[:EXPLAINED]:
        try:
            found[path] = explain(
                encoder,
                picture,
                source_of(path),
                part=box,
                strategy=strategy,
                words=words,
                register_words=(register_words or {}).get(path),
            )
        except ImageError as error:
            skipped.append(error)
    say_skipped(skipped)
    return found


def write_explanations(explained: "dict[str, Explanation]", out: Path) -> None:
    """One picture of all, each under its hit's path.

    Raises:
        UsageError: the file's ending names no picture format.
    """
    from marquery.decoding import SHEET_KEY
    from marquery.visualization.canvas import save_picture
    from marquery.visualization.explanation import draw_hits

    save_picture(draw_hits(list(explained.items())), out, SHEET_KEY)
    say(f"explanation: {out}")


def as_png(explanation: "Explanation") -> bytes:
    """The picture of an explanation without its sentences, encoded."""
    out = io.BytesIO()
    explanation.picture(sentences=False).save(out, format="PNG")
    return out.getvalue()
