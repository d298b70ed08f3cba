"""Reading and embedding the logos of an index: in threads, or for many, in processes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from marquery.arrays import Float32Array, UInt8Array
from marquery.cores import usable_cores
from marquery.embedding.loop import embed_each
from marquery.embedding.spreading import spread
from marquery.encoder import LogoEncoder
from marquery.encoder.graph_model import GraphModel
from marquery.errors import ImageError
from marquery.files import Stamp
from marquery.index.storage.reading import ReadLogo, read_logo
from marquery.index.strategies.columns import StoredColumn
from marquery.index.strategies.embedding import embed_once
from marquery.index.strategies.registry import stored_columns
from marquery.processes import Pool, WorkerPool

#: Logos from which processes are started: each takes about a second until it works.
PROCESSES_FROM = 192
# Logos a process from which building the faster engines takes less time than it saves.
_ENGINES_FROM = 256
#: What a process does, see :func:`worker`.
WORKER = "marquery.index.storage.reading_workers:worker"
# Logos a task, and pictures a call of the encoder within a process.
_TASK = 8
# Pictures a call of the encoder; bounds memory to about 40 MB at 224 px.
_SQUARES = 256
# Pictures for which every engine pays.
_MANY = 10_000


@dataclass(frozen=True)
class ReadingJob:
    """A file to read: under a new id, or in place of what it was."""

    path: str
    """As text, see :mod:`marquery.names`."""
    stamp: Stamp
    sha256: str
    id: int


#: What was read of a file, without its pictures, and the (P, D) vectors of those.
Found = tuple[ReadingJob, ReadLogo | ImageError, Float32Array]


class LogoReader:
    """Reads and embeds logos; to be closed, which ends its processes.

    Args:
        encoder: embeds the pictures.
        folder: where the same encoder is stored, for processes to load.
        columns: what is stored of a logo.
        expected: how many logos there are to read in all; processes pay for many only.
        compressed: vectors of columns that compress them may be computed in a lower precision.
        pool: does it instead, if given; whoever made it closes it.
    """

    def __init__(
        self,
        encoder: LogoEncoder,
        folder: Path,
        columns: Sequence[StoredColumn[Any]],
        expected: int,
        pool: Pool | None = None,
        *,
        compressed: bool = False,
    ) -> None:
        self._encoder = encoder
        self._columns = columns
        self._own: WorkerPool | None = None
        self._pool = pool
        if pool is not None:
            return
        cores = usable_cores()
        # Another process knows only what is defined in this package.
        ours = all(type(c).__module__.startswith("marquery.") for c in columns)
        stored = encoder.is_on_cpu and GraphModel.is_there(folder)
        if cores > 1 and expected >= PROCESSES_FROM and stored and ours:
            arguments = worker_arguments(columns, compressed, expected, cores)
            self._pool = self._own = WorkerPool(cores, WORKER, (folder, *arguments))

    def read(self, jobs: Sequence[ReadingJob]) -> Iterator[Found]:
        """What was read of files, not always in their order."""
        if self._pool is None:
            yield from _in_threads(self._encoder, self._columns, jobs)
            return
        yield from spread(
            self._pool, jobs, _TASK, path_of=lambda job: job.path, failed=_without_vectors
        )

    def close(self) -> None:
        """End the processes."""
        if self._own is not None:
            self._own.close()
        self._pool = self._own = None


def worker_arguments(
    columns: Sequence[StoredColumn[Any]], compressed: bool, expected: int, processes: int
) -> tuple[list[str], bool]:
    """What a :func:`worker` is given beside the encoder's folder.

    Args:
        columns: to store.
        compressed: vectors of columns that compress them may be computed in a lower precision.
        expected: logos to read in all.
        processes: that share them.
    """
    many = expected >= processes * _ENGINES_FROM
    return [column.name for column in columns], compressed and many


def worker(
    folder: Path, names: Sequence[str], compressed: bool = False
) -> Callable[[Sequence[ReadingJob]], list[Found]]:
    """What a process does with a task.

    Args:
        folder: of the stored encoder.
        names: of the columns to store.
        compressed: vectors of columns that compress them may be computed in a lower precision, with
            an engine for many logos.
    """
    cv2.setNumThreads(1)
    encoder = LogoEncoder.load(folder)
    if compressed:
        encoder.make_ready(_MANY)
    columns = [column for column in stored_columns() if column.name in set(names)]

    def read_some(jobs: Sequence[ReadingJob]) -> list[Found]:
        found: list[Found] = []
        for job in jobs:
            try:
                logo = _read(encoder, columns, job)
            except ImageError as error:
                found.append(_without_vectors(job, error))
                continue
            rough = [
                c.compresses and compressed for c in columns for _ in range(logo.counts[c.name])
            ]
            vectors = embed_once(encoder, logo.squares, rough)
            found.append((job, replace(logo, squares=[]), vectors))
        return found

    return read_some


def _without_vectors(job: ReadingJob, error: ImageError) -> Found:
    return job, error, np.empty((0, 0), np.float32)


def _read(encoder: LogoEncoder, columns: Sequence[StoredColumn[Any]], job: ReadingJob) -> ReadLogo:
    return read_logo(job.path, job.stamp, job.sha256, encoder.square, columns)


def _in_threads(
    encoder: LogoEncoder, columns: Sequence[StoredColumn[Any]], jobs: Sequence[ReadingJob]
) -> Iterator[Found]:
    def read(job: ReadingJob) -> tuple[ReadLogo, list[UInt8Array]]:
        logo = _read(encoder, columns, job)
        # Without its pictures, which would be kept until the chunk is written.
        return replace(logo, squares=[]), logo.squares

    yield from embed_each(jobs, read, encoder.embed_squares, batch_size=_SQUARES, ahead=64)
