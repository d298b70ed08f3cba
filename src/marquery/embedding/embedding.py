"""Embedding files of which some may be unreadable: those are skipped and reported."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from marquery.arrays import Float32Array, UInt8Array
from marquery.encoder import LogoEncoder
from marquery.encoder.loading import Progress, map_images
from marquery.errors import ImageError, MarqueryError, UsageError
from marquery.files import write_atomically
from marquery.images import ImageSource, find_images

_CHUNK = 256


@dataclass(frozen=True)
class EmbeddedFiles:
    """Vectors of the files that could be read, and the others with the reason."""

    paths: list[str]
    vectors: Float32Array
    """(N, dim), L2-normalised, row i for ``paths[i]``."""
    skipped: list[ImageError]


def collect_files(arguments: Sequence[str | os.PathLike[str]]) -> tuple[list[Path], list[Path]]:
    """Files named as such, and the image files below the folders that were named.

    Returns:
        ``(named, found)``: an unreadable file among ``named`` is an error, one among ``found`` is skipped.

    Raises:
        MarqueryError: an argument does not exist.
        ImageError: an argument does not exist.
    """
    named: list[Path] = []
    found: list[Path] = []
    for argument in map(Path, arguments):
        if argument.is_dir():
            found.extend(find_images(argument))
        elif argument.exists():
            named.append(argument)
        else:
            raise ImageError(argument, "no such file or folder")
    seen = {path.resolve() for path in named}
    return named, [path for path in found if path.resolve() not in seen]


def embed_files(
    encoder: LogoEncoder,
    files: Sequence[Path],
    progress: Progress | None = None,
) -> EmbeddedFiles:
    """Embed files one chunk at a time; unreadable ones are left out and listed.

    Args:
        encoder: what embeds them.
        files: images.
        progress: told how many files are done.
    """
    paths: list[str] = []
    skipped: list[ImageError] = []
    parts: list[Float32Array] = [np.empty((0, encoder.dim), np.float32)]

    def read(file: ImageSource) -> UInt8Array | ImageError:
        try:
            return encoder.square(file)
        except ImageError as error:
            return error

    for start in range(0, len(files), _CHUNK):
        chunk = files[start : start + _CHUNK]
        squares: list[UInt8Array] = []
        for file, square in zip(chunk, map_images(chunk, read), strict=True):
            if isinstance(square, ImageError):
                skipped.append(square)
            else:
                paths.append(str(file))
                squares.append(square)
        parts.append(encoder.embed_squares(squares))
        if progress is not None:
            progress(len(chunk))
    return EmbeddedFiles(paths, np.concatenate(parts), skipped)


def check_parquet(out: Path) -> None:
    """Find out, before the work, whether :func:`write_parquet` will be able to write ``out``.

    Raises:
        UsageError: ``out`` is a folder.
        MarqueryError: pyarrow is not installed, or the place cannot be written.
    """
    if out.is_dir():
        raise UsageError(f"--out {out}: is a folder; name a file")
    if find_spec("pyarrow") is None:
        raise MarqueryError("parquet needs the extra: pip install 'marquery[search]'")
    write_atomically(out.with_name(f".{out.name}.probe"), lambda path: path.touch())
    out.with_name(f".{out.name}.probe").unlink()


def write_parquet(embedded: EmbeddedFiles, out: Path) -> None:
    """Write columns ``path`` (string) and ``embedding`` (list of float32), one row a file.

    Raises:
        MarqueryError: nothing to write, or the place cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not embedded.paths:
        raise MarqueryError(f"{out}: none of the files could be read, so nothing was written")
    flat = pa.array(embedded.vectors.ravel(), type=pa.float32())
    dim = embedded.vectors.shape[1]
    offsets = pa.array(np.arange(0, len(flat) + 1, dim, dtype=np.int32))
    table = pa.table(
        {
            "path": pa.array(embedded.paths, type=pa.string()),
            "embedding": pa.ListArray.from_arrays(offsets, flat),
        }
    )
    write_atomically(out, lambda path: pq.write_table(table, path))
