"""Reading many images with a few threads, in order, a bounded number ahead."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from marquery.images import ImageSource

T = TypeVar("T")

#: Called with the number of images done since the last call.
Progress = Callable[[int], None]


def map_images(
    images: Sequence[ImageSource],
    read: Callable[[ImageSource], T],
    threads: int = 2,
    ahead: int = 256,
) -> Iterator[T]:
    """``read`` applied to each image, results in order; Pillow decodes and resizes without the GIL.

    An error of ``read`` is raised at its place in the order.
    """
    with ThreadPoolExecutor(threads) as pool:
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
