"""A folder's embeddings, kept between searches: only new and changed files are embedded again."""

import hashlib
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from marquery.arrays import Float32Array
from marquery.embedding.embedding import EmbeddedFiles, embed_files
from marquery.encoder import LogoEncoder
from marquery.encoder.loading import Progress
from marquery.errors import ImageError, MarqueryError
from marquery.files import write_atomically
from marquery.images import find_images

# path -> (size, modification time in ns): what tells a changed file.
Stamps = dict[str, tuple[int, int]]
_SAVE_EVERY = 4096


def embed_folder(
    encoder: LogoEncoder,
    folder: Path,
    progress: Callable[[int], Progress] | None = None,
    cache: Path | None = None,
) -> EmbeddedFiles:
    """Embeddings of all images below a folder, from the cache where a file has not changed since.

    Args:
        encoder: the encoder; each has a cache of its own.
        folder: the folder, read recursively.
        progress: called with the number of files to embed, if there are any; returns what to call as they
            are done.
        cache: folder of the caches; default ``$XDG_CACHE_HOME/marquery/embeddings``.

    Raises:
        MarqueryError: the folder does not exist or holds no readable image.
    """
    files = find_images(folder)
    if not files:
        raise MarqueryError(f"{folder}: no images there; name a folder with logos")
    place = _cache_file(cache or default_cache(), folder, encoder)
    stamps: Stamps = {str(f): (s.st_size, s.st_mtime_ns) for f in files if (s := _stat(f))}
    kept = {path: v for path, (stamp, v) in _read(place).items() if stamps.get(path) == stamp}
    missing = [f for f in files if str(f) not in kept]
    skipped: list[ImageError] = []
    advance = progress(len(missing)) if progress and missing else None
    # Saved now and then, so that a killed search of a large folder does not begin anew.
    for start in range(0, len(missing), _SAVE_EVERY):
        fresh = embed_files(encoder, missing[start : start + _SAVE_EVERY], advance)
        kept.update(zip(fresh.paths, fresh.vectors, strict=True))
        skipped += fresh.skipped
        _write(place, kept, stamps)
    paths = [str(f) for f in files if str(f) in kept]
    if not paths:
        raise MarqueryError(f"{folder}: none of its {len(files)} images could be read")
    return EmbeddedFiles(paths, np.stack([kept[p] for p in paths]), skipped)


def default_cache() -> Path:
    """Where embeddings of folders are kept: below the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "marquery" / "embeddings"


def _stat(file: Path) -> os.stat_result | None:
    try:
        return file.stat()
    except OSError:  # it went away after it was listed
        return None


def _cache_file(cache: Path, folder: Path, encoder: LogoEncoder) -> Path:
    # The folder as given, too: paths in the answer are joined to it.
    key = "\n".join([str(folder), str(folder.resolve()), encoder.fingerprint()])
    return cache / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.npz"


def _read(place: Path) -> dict[str, tuple[tuple[int, int], Float32Array]]:
    if not place.is_file():
        return {}
    try:
        with np.load(place, allow_pickle=False) as stored:
            rows = zip(stored["paths"], stored["stamps"], stored["vectors"], strict=True)
            return {str(path): ((int(size), int(time)), v) for path, (size, time), v in rows}
    except (OSError, EOFError, ValueError, KeyError, BadZipFile):  # a damaged cache is no loss
        return {}


def _write(place: Path, kept: dict[str, Float32Array], stamps: Stamps) -> None:
    if not kept:
        return

    def save(path: Path) -> None:
        with path.open("wb") as file:
            np.savez(
                file,
                paths=np.array(list(kept)),
                stamps=np.array([stamps[p] for p in kept], dtype=np.int64),
                vectors=np.stack(list(kept.values())),
            )

    try:
        write_atomically(place, save)
    except MarqueryError as error:  # the search can do without
        warnings.warn(f"embeddings are not kept for the next search: {error}", stacklevel=2)
