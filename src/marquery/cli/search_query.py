"""The search itself of ``marquery search``: through a folder, or in an index."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from marquery.cli.explaining import explain_hits
from marquery.cli.search_options import Asked
from marquery.console import say_skipped
from marquery.kinds import DEFAULT_ENCODER

if TYPE_CHECKING:
    from PIL import Image

    from marquery.embedding import Hit
    from marquery.encoder import LogoEncoder
    from marquery.explanation import Explanation
    from marquery.index import LogoIndex, Match


@dataclass(frozen=True)
class InFolder:
    """What a folder gave."""

    hits: "Sequence[Hit]"
    explained: "dict[str, Explanation]"
    """Of the first hits, by path; empty where none were asked for."""


@dataclass(frozen=True)
class InIndex:
    """What an index gave."""

    hits: "Sequence[Match]"
    explained: "dict[str, Explanation]"
    index: "LogoIndex"
    """As it was searched."""


def search_in_folder(asked: Asked, folder: Path) -> InFolder:
    """Compare one image with every logo below a folder, whose embeddings are kept."""
    from marquery.images import load_logo

    picture = load_logo(asked.images[0])
    encoder, hits = _nearest(picture, folder, asked.model or DEFAULT_ENCODER, asked.k)
    explained = {}
    if asked.explain is not None:
        explained = explain_hits(encoder, picture, [hit.path for hit in hits])
    return InFolder(hits, explained)


def search_in_index(asked: Asked, place: Path | str) -> InIndex:
    """Ask an index."""
    from marquery.allocator import keep_little_memory
    from marquery.decoding import check_whole_size
    from marquery.images import load_logo
    from marquery.index import LogoIndex

    keep_little_memory()  # columns of an index are read once, in pieces
    pictures = [load_logo(image) for image in asked.images]
    if pictures and asked.search["part"] is not None:
        check_whole_size(pictures[0], asked.images[0], "part")
    index = LogoIndex.open(
        place, encoder=asked.model, version=asked.at, words_from=asked.words_from
    )
    if asked.report:
        from marquery.searchreport import at_one_version

        index = at_one_version(index)
    hits = index.search(pictures, **asked.search)
    explained = {}
    if asked.explain is not None:
        paths = [hit.path for hit in hits]
        explained = explain_hits(
            index.encoder,
            pictures[0],
            paths,
            asked.search["part"],
            _weights(asked),
            asked.search["words"],
            {hit.path: hit.register_words for hit in hits},
        )
    return InIndex(hits, explained, index)


def _weights(asked: Asked) -> dict[str, float]:
    """What the search compared: what the index chooses where nothing was asked for."""
    from marquery.index.strategies.weights import weights_of

    options = ("part", "words", "like", "unlike")
    given = {name: asked.search[name] for name in options}
    return weights_of(asked.search["strategy"], images=asked.images, **given)


def _nearest(
    picture: "Image.Image", folder: Path, model: str, k: int
) -> "tuple[LogoEncoder, list[Hit]]":
    from contextlib import ExitStack

    from marquery.embedding import embed_folder, search_folder
    from marquery.encoder import LogoEncoder
    from marquery.progress import progress_bar

    encoder = LogoEncoder.load(model)
    with ExitStack() as stack:
        gallery = embed_folder(
            encoder, folder, lambda count: stack.enter_context(progress_bar("embedding", count))
        )
    say_skipped(gallery.skipped)
    return encoder, search_folder(encoder.embed([picture])[0], gallery, k)
