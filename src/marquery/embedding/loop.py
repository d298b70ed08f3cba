"""The one loop that embeds many files: unreadable ones are set aside, finished parts are kept.

Whoever calls it decides what an item is, what is read of it, and where finished parts go: a table's
parts, a folder's cache, or an index.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import numpy as np

from marquery.arrays import Float32Array, UInt8Array
from marquery.console import Progress
from marquery.encoder.threaded_map import map_images
from marquery.errors import ImageError

T = TypeVar("T")
R = TypeVar("R")
#: A path with its vector, float32 (dim,), or why it has none.
Embedded = tuple[str, Float32Array | ImageError]


def embed_each(
    items: Sequence[T],
    read: Callable[[T], tuple[R, Sequence[UInt8Array]]],
    compute: Callable[[Sequence[UInt8Array]], Float32Array],
    *,
    batch_size: int,
    ahead: int = 256,
) -> Iterator[tuple[T, R | ImageError, Float32Array]]:
    """Read items in threads and embed their pictures in batches.

    Args:
        items: what to embed.
        read: called in threads; gives what is to be kept of an item and its pictures, uint8 (S, S,
            3) each. It may raise ImageError.
        compute: embeds pictures: n of them -> float32 (n, dim).
        batch_size: pictures, at least, before ``compute`` is called; fewer in the end.
        ahead: items that may be read before their pictures are embedded.

    Returns:
        Each item with what was read of it and the vectors of its pictures, float32 (P, dim); or
        with the error and no vectors. Items of one batch come together; an unreadable one may come
        before readable ones that stand ahead of it.
    """
    waiting: list[tuple[T, R, int]] = []
    pictures: list[UInt8Array] = []

    def try_to_read(item: T) -> tuple[R, Sequence[UInt8Array]] | ImageError:
        try:
            return read(item)
        except ImageError as error:
            return error

    def flush() -> Iterator[tuple[T, R, Float32Array]]:
        vectors = compute(pictures)
        pictures.clear()
        start = 0
        for item, content, count in waiting:
            yield item, content, vectors[start : start + count]
            start += count
        waiting.clear()

    for item, found in zip(items, map_images(items, try_to_read, ahead=ahead), strict=True):
        if isinstance(found, ImageError):
            yield item, found, np.empty((0, 0), np.float32)
            continue
        content, own = found
        waiting.append((item, content, len(own)))
        pictures += own
        if len(pictures) >= batch_size:
            yield from flush()
    if pictures:
        yield from flush()


def embed_in_parts(
    paths: Sequence[str],
    square: Callable[[str], UInt8Array],
    compute: Callable[[Sequence[UInt8Array]], Float32Array],
    keep: Callable[[list[str], Float32Array], None],
    *,
    part_size: int,
    batch_size: int,
    progress: Progress | None = None,
) -> list[ImageError]:
    """Embed files here, part by part; see :func:`keep_parts`.

    Args:
        paths: image files that are not stored yet.
        square: reads a file: uint8 (S, S, 3); called in threads.
        compute: embeds pictures: n of them -> float32 (n, dim).
        keep: stores a part: readable paths and their vectors, float32 (n, dim), n >= 1.
        part_size: files a part: what is lost, at most, when the process is killed.
        batch_size: pictures a call of ``compute``.
        progress: called with the number of files done since the last call.

    Returns:
        The files that could not be read, and why.
    """

    def read(path: str) -> tuple[None, list[UInt8Array]]:
        return None, [square(path)]

    def embed(part: Sequence[str]) -> Iterator[Embedded]:
        for path, error, vectors in embed_each(part, read, compute, batch_size=batch_size):
            yield path, vectors[0] if error is None else error

    return keep_parts(paths, embed, keep, part_size=part_size, progress=progress)


def keep_parts(
    paths: Sequence[str],
    embed: Callable[[Sequence[str]], Iterable[Embedded]],
    keep: Callable[[list[str], Float32Array], None],
    *,
    part_size: int,
    progress: Progress | None = None,
) -> list[ImageError]:
    """Embed files part by part; each part is handed over to be stored before the next begins.

    A caller that was killed goes on by leaving out the files that ``keep`` has stored.

    Args:
        paths: image files that are not stored yet.
        embed: embeds a part: each of its paths with a vector, float32 (dim,), or why there is none.
        keep: stores a part: readable paths and their vectors, float32 (n, dim), n >= 1.
        part_size: files a part: what is lost, at most, when the process is killed.
        progress: called with the number of files done since the last call.

    Returns:
        The files that could not be read, and why.
    """
    skipped: list[ImageError] = []
    for start in range(0, len(paths), part_size):
        done: list[str] = []
        vectors: list[Float32Array] = []
        for path, found in embed(paths[start : start + part_size]):
            if isinstance(found, ImageError):
                skipped.append(found)
            else:
                done.append(path)
                vectors.append(found)
            if progress is not None:
                progress(1)
        if done:
            keep(done, np.stack(vectors))
    return skipped
