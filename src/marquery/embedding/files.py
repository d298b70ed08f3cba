"""What to embed, and what came of it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from marquery.arrays import Float32Array
from marquery.errors import ImageError
from marquery.images import find_images
from marquery.names import existing_path


@dataclass(frozen=True)
class EmbeddedFiles:
    """Vectors of the files that could be read, and the others with the reason."""

    paths: list[str]
    """As text, see :mod:`marquery.names`."""
    vectors: Float32Array
    """(N, dim), L2-normalised, row i for ``paths[i]``."""
    skipped: list[ImageError]


def collect_files(arguments: Sequence[str | os.PathLike[str]]) -> tuple[list[Path], list[Path]]:
    """The files that were named, and the image files below the folders that were named.

    Returns:
        ``(named, found)``: an unreadable file among ``named`` is an error, one among ``found`` is
        skipped.

    Raises:
        ImageError: an argument does not exist.
    """
    named: list[Path] = []
    found: list[Path] = []
    for argument in map(existing_path, arguments):
        if argument.is_dir():
            found.extend(find_images(argument))
        elif os.path.lexists(argument):
            named.append(argument)
        else:
            raise ImageError(
                argument, "no such file or folder; name an image, or a folder of images"
            )
    # Path.resolve() fails on links to themselves.
    seen = set(map(os.path.realpath, named))
    return named, [path for path in found if os.path.realpath(path) not in seen]
