"""Files shared out to workers, several a task; one that ends its workers is set aside."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from marquery.errors import ImageError
from marquery.processes import Pool, WorkerDied

T = TypeVar("T")
R = TypeVar("R")


def spread(
    pool: Pool,
    items: Sequence[T],
    size: int,
    *,
    path_of: Callable[[T], str],
    failed: Callable[[T, ImageError], R],
) -> Iterator[R]:
    """What workers answer of items, one answer each, task by task.

    Where a task ends several workers, its items are given out one by one, and those that still end
    theirs are said to be unreadable for now.

    Args:
        pool: the workers; each answers a task, a sequence of items, with a list of answers.
        items: files to work on.
        size: items a task.
        path_of: names the file of an item.
        failed: the answer for an item that ended its workers.
    """
    tasks = [items[start : start + size] for start in range(0, len(items), size)]
    done = 0
    while done < len(tasks):
        try:
            for answers in pool.map(tasks[done:]):
                done += 1
                yield from answers
        except WorkerDied:
            for item in tasks[done]:
                yield from _alone(pool, item, path_of, failed)
            done += 1


def _alone(
    pool: Pool,
    item: T,
    path_of: Callable[[T], str],
    failed: Callable[[T, ImageError], R],
) -> Iterator[R]:
    try:
        yield from next(pool.map([[item]]))
    except WorkerDied as error:
        how = f" (signal {error.signal})" if error.signal else ""
        reason = f"ended the process that read it{how}"
        yield failed(item, ImageError(path_of(item), reason, passing=True))
