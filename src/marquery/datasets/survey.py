"""Looking at every file of a set, a few threads at a time: which can be read, and why not the
others.
"""

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import overload

from PIL import Image, UnidentifiedImageError

from marquery.cores import usable_cores
from marquery.errors import ImageError
from marquery.files import open_regular
from marquery.images import load_image
from marquery.names import text_to_path
from marquery.rasters import DEFAULT_LIMITS

#: Says what is wrong with a file, if anything.
Examine = Callable[[Path], ImageError | None]

# Files a thread takes at once: a task for each of a million files would cost more than the files.
_CHUNK = 64
# A JPEG ends in this mark; some writers put a few bytes behind it.
_JPEG_END = b"\xff\xd9"
_TAIL = 1024


class FilesBelow(Sequence[Path]):
    """Files of a folder, each made a path when it is asked for.

    A million paths take 0.4 GB that are looked at, their names a fifth of it.

    Args:
        root: the folder.
        names: relative to it, as text (:mod:`marquery.names`).
    """

    def __init__(self, root: Path, names: Sequence[str]) -> None:
        self._root, self._names = root, names

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, index: int) -> Path: ...

    @overload
    def __getitem__(self, index: slice) -> "FilesBelow": ...

    def __getitem__(self, index: int | slice) -> "Path | FilesBelow":
        if isinstance(index, slice):
            return FilesBelow(self._root, self._names[index])
        return self._root / text_to_path(self._names[index])


def examine_pixels(file: Path) -> ImageError | None:
    """The error of decoding a file whole."""
    try:
        load_image(file)
    except ImageError as error:
        return error
    return None


def examine_header(file: Path) -> ImageError | None:
    """What the header of a file and, of a JPEG, its end tell of it; about ten times as fast as
    decoding.

    Sees missing, empty, oversized and cut-off files and what is no image; not every broken pixel.
    """
    if file.suffix.lower() in {".svg", ".svgz"}:
        return examine_pixels(file)
    try:
        with open_regular(file) as stream:
            size = os.fstat(stream.fileno()).st_size
            if size == 0:
                return ImageError(file, "the file is empty; save the image again")
            if size > DEFAULT_LIMITS.max_bytes:
                limit = DEFAULT_LIMITS.max_bytes
                return ImageError(
                    file, f"{size:,} bytes are over the limit of {limit:,}; make it smaller"
                )
            with Image.open(stream) as image:
                width, height, kind = *image.size, image.format
            stream.seek(max(0, size - _TAIL))
            cut = kind in {"JPEG", "MPO"} and _JPEG_END not in stream.read()
    except ImageError as error:
        return error
    except UnidentifiedImageError:  # SVG under another ending, or no image
        return examine_pixels(file)
    except Exception as error:  # Pillow's plugins raise nearly anything on broken headers
        return ImageError(file, f"cannot be read ({error}); save the image again")
    if width * height > DEFAULT_LIMITS.max_pixels or max(width, height) > DEFAULT_LIMITS.max_side:
        return ImageError(file, f"{width} x {height} pixels are over the limit; make it smaller")
    if cut:
        return ImageError(file, "the file is cut off (no end mark); save the image again")
    return None


def survey(
    files: Sequence[Path],
    examine: Examine,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> dict[int, ImageError]:
    """What is wrong with files, by their place in ``files``, in order; nothing of those that are
    well.

    Args:
        files: the files.
        examine: :func:`examine_header` or :func:`examine_pixels`.
        threads: how many at a time; default one a core.
        progress: called with the number of files done since the last call.
    """

    def look(start: int, part: Sequence[Path]) -> dict[int, ImageError]:
        errors = ((place, examine(file)) for place, file in enumerate(part, start))
        return {place: error for place, error in errors if error is not None}

    threads = threads or usable_cores()
    found: dict[int, ImageError] = {}
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[tuple[int, Future[dict[int, ImageError]]]] = deque()

        def finish_one() -> None:
            count, future = waiting.popleft()
            found.update(future.result())
            if progress is not None:
                progress(count)

        for start in range(0, len(files), _CHUNK):
            part = files[start : start + _CHUNK]
            waiting.append((len(part), pool.submit(look, start, part)))
            if len(waiting) > 4 * threads:
                finish_one()
        while waiting:
            finish_one()
    return found
