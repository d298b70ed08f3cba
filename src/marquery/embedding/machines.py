"""Embedding files on other machines, part by part."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from marquery.arrays import Float32Array
from marquery.console import Progress
from marquery.encoder.encoder import LogoEncoder
from marquery.encoder.engine_choice import EngineChoice, PrecisionChoice
from marquery.encoder.gpu import move_to_gpu
from marquery.errors import ImageError
from marquery.images import load_logo
from marquery.names import text_to_path
from marquery.processes import Machines, Pool, WorkerDied

# Files a task: a second or less of work, which is lost with a machine.
_TASK = 32
_Embedded = tuple[str, Float32Array | ImageError]


def embed_on_machines(
    machines: Machines,
    encoder: LogoEncoder,
    paths: Sequence[str],
    keep: Callable[[list[str], Float32Array], None],
    *,
    chosen: tuple[EngineChoice, PrecisionChoice],
    part_size: int,
    progress: Progress | None = None,
) -> list[ImageError]:
    """Embed files on other machines; each part is handed over to be stored before the next begins.

    Args:
        machines: find the files under these paths.
        encoder: is sent to them.
        paths: image files that are not stored yet.
        keep: stores a part: readable paths and their vectors, float32 (n, dim), n >= 1.
        chosen: engine and precision.
        part_size: files a part.
        progress: called with the number of files done since the last call.

    Returns:
        The files that could not be read, and why.
    """
    if not paths:
        return []
    skipped: list[ImageError] = []
    with tempfile.TemporaryDirectory(prefix="marquery-") as scratch:
        stored = Path(scratch) / "encoder"
        encoder.save(stored)
        with machines.pool(f"{__name__}:worker", stored, chosen) as pool:
            for start in range(0, len(paths), part_size):
                done: list[str] = []
                vectors: list[Float32Array] = []
                for path, found in _answers(pool, paths[start : start + part_size]):
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


def worker(
    folder: Path, engine: EngineChoice, precision: PrecisionChoice
) -> Callable[[Sequence[str]], list[_Embedded]]:
    """What a machine does with the paths of a task.

    Args:
        folder: of the stored encoder.
        engine, precision: as they were chosen for the job.
    """
    encoder = LogoEncoder.load(folder)
    if engine == "pytorch":
        move_to_gpu(encoder)
    compute = encoder.engine(_TASK, engine, precision)

    def embed_some(paths: Sequence[str]) -> list[_Embedded]:
        found: list[_Embedded] = []
        squares = []
        for path in paths:
            try:
                squares.append(encoder.square(load_logo(text_to_path(path))))
            except ImageError as error:
                found.append((path, error))
        bad = {path for path, _ in found}
        good = [path for path in paths if path not in bad]
        if good:
            found += zip(good, compute(np.stack(squares)), strict=True)
        return found

    return embed_some


def _answers(pool: Pool, paths: Sequence[str]) -> Iterator[_Embedded]:
    tasks = [paths[start : start + _TASK] for start in range(0, len(paths), _TASK)]
    done = 0
    while done < len(tasks):
        try:
            for found in pool.map(tasks[done:]):
                done += 1
                yield from found
        except WorkerDied:
            # One of these files ended the processes that read it.
            for path in tasks[done]:
                try:
                    yield from next(pool.map([[path]]))
                except WorkerDied:
                    reason = "ended the process that read it"
                    yield path, ImageError(path, reason, passing=True)
            done += 1
