"""Reading many images with a few threads, in order, a bounded number ahead."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from marquery.cores import usable_cores

S = TypeVar("S")
T = TypeVar("T")
# More would only wait for the network.
_MOST_THREADS = 8


def map_images(
    images: Sequence[S],
    read: Callable[[S], T],
    threads: int | None = None,
    ahead: int = 256,
) -> Iterator[T]:
    """``read`` applied to each image, results in order; Pillow decodes and resizes without the GIL.

    An error of ``read`` is raised at its place in the order.

    Args:
        images: what to read.
        read: called in threads.
        threads: how many; default one a core, at least 2 and at most 8.
        ahead: how many results may wait to be taken.
    """
    with ThreadPoolExecutor(threads or _threads()) as pool:
        waiting: deque[Future[T]] = deque()
        try:
            for image in images:
                waiting.append(pool.submit(read, image))
                if len(waiting) >= ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _threads() -> int:
    return min(max(usable_cores(), 2), _MOST_THREADS)
