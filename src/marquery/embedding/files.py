"""What to embed, and what came of it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from marquery.arrays import Float32Array
from marquery.errors import ImageError
from marquery.images import find_images, find_pictures
from marquery.names import StrPath, existing_path, is_elsewhere

#: A file of the disk, or one at an address.
Named = os.PathLike[str]


@dataclass(frozen=True)
class EmbeddedFiles:
    """Vectors of the files that could be read, and the others with the reason."""

    paths: list[str]
    """As text, see :mod:`marquery.names`."""
    vectors: Float32Array
    """(N, dim), L2-normalised, row i for ``paths[i]``."""
    skipped: list[ImageError]


def collect_files(arguments: Sequence[StrPath]) -> tuple[list[Named], list[Named]]:
    """The files that were named, and the image files below the folders and addresses that were
    named.

    Returns:
        ``(named, found)``: an unreadable file among ``named`` is an error, one among ``found`` is
        skipped.

    Raises:
        ImageError: an argument does not exist.
        MarqueryError: an address cannot be reached, or nothing is there.
    """
    named: list[Named] = []
    found: list[Named] = []
    for given in arguments:
        if is_elsewhere(given):
            files = find_pictures(given)
            is_one = [os.fspath(file) for file in files] == [os.fspath(given)]
            (named if is_one else found).extend(files)
            continue
        argument = existing_path(given)
        if argument.is_dir():
            found.extend(find_images(argument))
        elif os.path.lexists(argument):
            named.append(argument)
        else:
            raise ImageError(
                argument, "no such file or folder; name an image, or a folder of images"
            )
    # Path.resolve() fails on links to themselves.
    seen = set(map(_real, named))
    return named, [path for path in found if _real(path) not in seen]


def _real(file: Named) -> str:
    return os.fspath(file) if is_elsewhere(file) else os.path.realpath(file)
