"""Drawing many icons in parallel processes, with what an earlier run left taken as it is."""

import multiprocessing
import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from rich.progress import Progress

from marquery.datasets.openlogos.iconify import Icon
from marquery.datasets.openlogos.render import Rendered, render_icon

_CHUNK = 32


def draw_icons(
    icons: Sequence[Icon], root: Path, size: int, jobs: int, bar: Progress
) -> dict[str, Rendered | None]:
    """Render every icon; by icon id what was drawn, or ``None`` where nothing could be seen.

    Raises:
        OSError: a file could not be written; every file that exists is whole.
    """
    task = bar.add_task("drawing", total=len(icons))
    drawn: dict[str, Rendered | None] = {}
    chunks = [icons[i : i + _CHUNK] for i in range(0, len(icons), _CHUNK)]
    if jobs == 1 or len(chunks) <= 1:
        for chunk in chunks:
            drawn.update(_draw_chunk(chunk, root, size))
            bar.advance(task, len(chunk))
        return drawn
    with ProcessPoolExecutor(
        min(jobs, len(chunks)),
        mp_context=multiprocessing.get_context("fork"),
        initializer=_end_with_parent,
        initargs=(os.getpid(),),
    ) as pool:
        futures = {pool.submit(_draw_chunk, chunk, root, size): len(chunk) for chunk in chunks}
        try:
            for future in as_completed(futures):
                drawn.update(future.result())
                bar.advance(task, futures[future])
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return drawn


def _draw_chunk(icons: Sequence[Icon], root: Path, size: int) -> dict[str, Rendered | None]:
    return {icon.id: render_icon(icon, root, size) for icon in icons}


def _end_with_parent(parent: int) -> None:
    """A worker whose parent was killed would wait for work for ever; watch for that."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
