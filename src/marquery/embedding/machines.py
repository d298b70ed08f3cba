"""Embedding files on other machines, part by part."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from marquery.arrays import Float32Array
from marquery.console import Progress
from marquery.embedding.loop import Embedded, keep_parts
from marquery.embedding.spreading import spread
from marquery.encoder.encoder import LogoEncoder
from marquery.encoder.engine_choice import EngineChoice, PrecisionChoice
from marquery.encoder.gpu import move_to_gpu
from marquery.errors import ImageError
from marquery.images import load_logo
from marquery.names import source_of
from marquery.processes import Machines

# Files a task: a second or less of work, which is lost with a machine.
_TASK = 32


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
    with tempfile.TemporaryDirectory(prefix="marquery-") as scratch:
        stored = Path(scratch) / "encoder"
        encoder.save(stored)
        with machines.pool(f"{__name__}:worker", stored, chosen) as pool:

            def embed(part: Sequence[str]) -> Iterator[Embedded]:
                return spread(pool, part, _TASK, path_of=str, failed=lambda path, why: (path, why))

            return keep_parts(paths, embed, keep, part_size=part_size, progress=progress)


def worker(
    folder: Path, engine: EngineChoice, precision: PrecisionChoice
) -> Callable[[Sequence[str]], list[Embedded]]:
    """What a machine does with the paths of a task.

    Args:
        folder: of the stored encoder.
        engine, precision: as they were chosen for the job.
    """
    encoder = LogoEncoder.load(folder)
    if engine == "pytorch":
        move_to_gpu(encoder)
    compute = encoder.engine(_TASK, engine, precision)

    def embed_some(paths: Sequence[str]) -> list[Embedded]:
        found: list[Embedded] = []
        squares = []
        for path in paths:
            try:
                squares.append(encoder.square(load_logo(source_of(path))))
            except ImageError as error:
                found.append((path, error))
        bad = {path for path, _ in found}
        good = [path for path in paths if path not in bad]
        if good:
            found += zip(good, compute(np.stack(squares)), strict=True)
        return found

    return embed_some
