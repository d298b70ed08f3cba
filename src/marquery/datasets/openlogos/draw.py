"""Work on many logos in parallel processes, with a progress bar that tells the rate and the end."""

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from marquery.datasets.openlogos.iconify import Icon
from marquery.datasets.openlogos.render import Rendered, render_icon
from marquery.progress import progress_bar

_CHUNK = 32
Item = TypeVar("Item")
Result = TypeVar("Result")
P = ParamSpec("P")


def draw_icons(
    icons: Sequence[Icon], root: Path, size: int, jobs: int, shown: bool | None
) -> dict[str, Rendered | None]:
    """Render every icon; by icon id what was drawn, or ``None`` where nothing could be seen.

    Args:
        icons: what to render.
        root: folder that is written.
        size: pixels of the longest side.
        jobs: processes.
        shown: show a bar; None: if stderr is a terminal.

    Raises:
        OSError: a file could not be written; every file that exists is whole.
    """
    return dict(in_parallel("drawing", _draw_chunk, icons, jobs, shown, root, size))


def in_parallel(
    label: str,
    work: Callable[Concatenate[Sequence[Item], P], list[Result]],
    items: Sequence[Item],
    jobs: int,
    shown: bool | None,
    *args: P.args,
    **kwargs: P.kwargs,
) -> list[Result]:
    """Call ``work(some_items, *args)`` on all items in ``jobs`` processes; results come in any
    order.

    The first error ends the work: what has not begun is cancelled, and the
    error is raised. ``shown`` as for :func:`marquery.progress.progress_bar`.

    Args:
        label: title of the progress bar.
        work: called in each process with some of the items.
        items: what to work on.
        jobs: processes.
        shown: show a bar; None: if stderr is a terminal.
        args, kwargs: passed on to ``work``.
    """
    chunks = [items[i : i + _CHUNK] for i in range(0, len(items), _CHUNK)]
    with progress_bar(label, len(items), unit="logos", shown=shown) as advance:
        results: list[Result] = []
        if jobs == 1 or len(chunks) <= 1:
            for chunk in chunks:
                results += work(chunk, *args, **kwargs)
                advance(len(chunk))
            return results
        with ProcessPoolExecutor(
            min(jobs, len(chunks)),
            mp_context=multiprocessing.get_context("fork"),
            initializer=_end_with_parent,
            initargs=(os.getpid(),),
        ) as pool:
            futures = {pool.submit(work, chunk, *args, **kwargs): len(chunk) for chunk in chunks}
            try:
                for future in as_completed(futures):
                    results += future.result()
                    advance(futures[future])
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        return results


def _draw_chunk(icons: Sequence[Icon], root: Path, size: int) -> list[tuple[str, Rendered | None]]:
    return [(icon.id, render_icon(icon, root, size)) for icon in icons]


def _end_with_parent(parent: int) -> None:
    """A worker whose parent was killed would wait for work for ever; watch for that."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
