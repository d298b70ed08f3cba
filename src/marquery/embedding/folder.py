"""A folder's embeddings, kept between searches: only new and changed files are embedded again."""

import hashlib
import warnings
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from marquery.arrays import Float32Array
from marquery.caches import cache_folder
from marquery.console import ProgressStart
from marquery.embedding.files import EmbeddedFiles
from marquery.embedding.loop import embed_in_parts
from marquery.encoder import LogoEncoder
from marquery.errors import MarqueryError
from marquery.files import Stamp, stamp_of, write_atomically
from marquery.images import find_images, load_logo
from marquery.names import path_to_text, printable, text_to_path

# Files after which the cache is written: what a killed search computes again, at most.
_PART_SIZE = 4096
_BATCH_SIZE = 256


def embed_folder(
    encoder: LogoEncoder,
    folder: Path,
    progress: ProgressStart | None = None,
    cache: Path | None = None,
) -> EmbeddedFiles:
    """Embeddings of all images below a folder, from the cache where a file has not changed since.

    Args:
        encoder: the encoder; each has a cache of its own.
        folder: the folder, read recursively.
        progress: called with the number of files to embed, if there are any; returns what to call
            as they are done.
        cache: folder of the caches; default ``$XDG_CACHE_HOME/marquery/embeddings``.

    Raises:
        MarqueryError: the folder does not exist or holds no readable image.
    """
    files = find_images(folder)
    if not files:
        raise MarqueryError(f"{folder}: no images there; name a folder with logos")
    place = _cache_file(cache or cache_folder("embeddings"), folder, encoder)
    names = [path_to_text(file) for file in files]
    found = zip(names, map(stamp_of, files), strict=True)
    stamps = {name: stamp for name, stamp in found if stamp is not None}
    kept = {path: v for path, (stamp, v) in _read(place).items() if stamps.get(path) == stamp}
    missing = [name for name in names if name not in kept]

    def keep(paths: list[str], vectors: Float32Array) -> None:
        kept.update(zip(paths, vectors, strict=True))
        _write(place, {p: (stamps[p], vector) for p, vector in kept.items() if p in stamps})

    skipped = embed_in_parts(
        missing,
        lambda name: encoder.square(load_logo(text_to_path(name))),
        encoder.embed_squares,
        keep,
        part_size=_PART_SIZE,
        batch_size=_BATCH_SIZE,
        progress=progress(len(missing)) if progress and missing else None,
    )
    paths = [name for name in names if name in kept]
    if not paths:
        raise MarqueryError(
            f"{folder}: none of its {len(files)} images could be read; the first is {skipped[0]}"
        )
    return EmbeddedFiles(paths, np.stack([kept[p] for p in paths]), skipped)


def _cache_file(cache: Path, folder: Path, encoder: LogoEncoder) -> Path:
    # The folder as given, too: paths in the answer are joined to it.
    places = [path_to_text(folder), path_to_text(folder.resolve())]
    key = "\n".join([*places, encoder.fingerprint()])
    return cache / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.npz"


def _read(place: Path) -> dict[str, tuple[Stamp, Float32Array]]:
    if not place.is_file():
        return {}
    try:
        with np.load(place, allow_pickle=False) as stored:
            rows = zip(stored["paths"], stored["stamps"], stored["vectors"], strict=True)
            return {str(path): (Stamp(int(size), int(time)), v) for path, (size, time), v in rows}
    except (OSError, EOFError, ValueError, KeyError, BadZipFile):  # a damaged cache is no loss
        return {}


def _write(place: Path, kept: dict[str, tuple[Stamp, Float32Array]]) -> None:
    def save(path: Path) -> None:
        with path.open("wb") as file:
            np.savez(
                file,
                paths=np.array(list(kept)),
                stamps=np.array([(s.size, s.modified) for s, _ in kept.values()], dtype=np.int64),
                vectors=np.stack([vector for _, vector in kept.values()]),
            )

    try:
        write_atomically(place, save)
    except MarqueryError as error:  # the search can do without
        warnings.warn(
            f"embeddings are not kept for the next search: {printable(error)}", stacklevel=2
        )
