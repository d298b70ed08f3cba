"""Embedding any number of files into a parquet table, piece by piece, so that a killed job goes
on.
"""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from marquery.arrays import Float32Array
from marquery.console import Progress
from marquery.elsewhere import stamp_of_source
from marquery.embedding.loop import embed_in_parts
from marquery.embedding.machines import embed_on_machines
from marquery.encoder.encoder import LogoEncoder
from marquery.encoder.engine_choice import EngineChoice, PrecisionChoice
from marquery.encoder.engines import Engine
from marquery.errors import ImageError, MarqueryError, UsageError
from marquery.files import Stamp, exclusive_lock, unwritable, write_atomically
from marquery.images import load_logo
from marquery.json_text import parse_json
from marquery.names import path_to_text, source_of
from marquery.processes import Machines

_JOB, _LOCK = "job.json", "lock"
_PART_ROWS = 2048

# Of a file that is not there; reading it gives the reason.
_NO_STAMP = Stamp(-1, -1)


@dataclass(frozen=True)
class Written:
    """What a job has come to: rows in the table, and the files that could not be read."""

    rows: int
    skipped: list[ImageError]


class TableJob:
    """One table to be written: columns ``path`` (string, see :mod:`marquery.names`) and
    ``embedding`` (list of float32), one row a file.

    Finished rows are kept in parts beside the table, in a hidden folder, until the table is whole.
    A job that was killed is taken up by the next of the same table and encoder: rows of files that
    have not changed since are not computed again, and none is written twice.

    >>> job = TableJob(encoder, files, Path("logos.parquet"))  # doctest: +SKIP
    >>> job.run()  # doctest: +SKIP

    Args:
        encoder: the encoder.
        files: image files; one that is named twice gets one row.
        out: the table.
        engine, precision: see :meth:`marquery.LogoEncoder.embed`.
        part_rows: rows that a kill may cost, a part's size.
        machines: read and embed; None: this one does. They find the files under the same paths.
    """

    def __init__(
        self,
        encoder: LogoEncoder,
        files: Sequence[str | os.PathLike[str]],
        out: Path,
        *,
        engine: EngineChoice = "auto",
        precision: PrecisionChoice = "auto",
        part_rows: int = _PART_ROWS,
        machines: Machines | None = None,
    ) -> None:
        self._machines = machines
        self.encoder = encoder
        self.out = out
        self.parts = out.with_name(f".{out.name}.parts")
        self._part_rows = part_rows if machines is None else machines.chunk
        self._stamps = {path_to_text(file): stamp_of_source(file) or _NO_STAMP for file in files}
        self._engine: Engine = encoder.engine(len(self._stamps), engine, precision)
        self._kept = self._take_up()

    @property
    def total(self) -> int:
        """Number of files, each counted once."""
        return len(self._stamps)

    @property
    def done(self) -> int:
        """How many of them an earlier run has embedded."""
        return len(self._kept)

    @property
    def engine_name(self) -> str:
        """Engine and precision in words."""
        return f"{self._engine.name}, {self._engine.precision}"

    def run(self, progress: Progress | None = None) -> Written:
        """Embed what is missing and write the table.

        Args:
            progress: called with the number of files done since the last call.

        Raises:
            MarqueryError: no file can be read, another process writes this table, or the disk is
                full; what was embedded is kept.
        """
        try:
            self.parts.mkdir(parents=True, exist_ok=True)
            refusal = (
                f"{self.out}: another process is writing it; "
                "wait until it is done or name another file"
            )
            with exclusive_lock(self.parts / _LOCK, refusal):
                self._kept = self._take_up()  # once more: another process may have ended meanwhile
                self._begin()
                skipped = self._embed(progress)
                rows = self._merge()
                shutil.rmtree(self.parts)
        except OSError as error:  # of the place; what is read has errors of its own
            raise unwritable(self.out, error) from error
        if not rows:
            raise MarqueryError(
                f"{self.out}: not written, since none of the files could be read; "
                f"the first is {skipped[0]}"
            )
        return Written(rows, skipped)

    def _identity(self) -> dict[str, Any]:
        return {
            "format": 1,
            "encoder": self.encoder.fingerprint(),
            "precision": self._engine.precision,
        }

    def _take_up(self) -> set[str]:
        """Files whose rows are there already; none if the parts are of another encoder."""
        try:
            job = parse_json((self.parts / _JOB).read_text())
        except (OSError, ValueError):
            job = None
        if job != self._identity():
            return set()
        return {path for part in self._part_files() for path in self._paths(part)}

    def _begin(self) -> None:
        if not self._kept:
            for part in self._part_files():
                part.unlink()
        text = json.dumps(self._identity())
        write_atomically(self.parts / _JOB, lambda path: path.write_text(text))

    def _part_files(self) -> list[Path]:
        return sorted(self.parts.glob("[0-9]*.parquet"))

    def _paths(self, part: Path) -> list[str]:
        paths: list[str] = self._rows(part, [])["path"].to_pylist()
        return paths

    def _rows(self, part: Path, columns: list[str]) -> Any:
        """A part's ``path`` and other columns, of those files alone that are wanted and have not
        changed since.
        """
        table = _read(part, ["path", *columns, "size", "time"])
        names = table["path"].to_pylist()
        stamps = map(Stamp, table["size"].to_pylist(), table["time"].to_pylist())
        good = [self._stamps.get(n) == s for n, s in zip(names, stamps, strict=True)]
        return table.filter(good).select(["path", *columns])

    def _embed(self, progress: Progress | None) -> list[ImageError]:
        missing = [path for path in self._stamps if path not in self._kept]
        numbers = count(len(self._part_files()))

        def keep(paths: list[str], vectors: Float32Array) -> None:
            self._write_part(next(numbers), paths, vectors)

        if self._machines is not None:
            # Its precision is part of what a table is, so it is chosen here for all machines.
            chosen = (self._engine.name, self._engine.precision)
            return embed_on_machines(
                self._machines,
                self.encoder,
                missing,
                keep,
                chosen=chosen,
                part_size=self._part_rows,
                progress=progress,
            )
        return embed_in_parts(
            missing,
            lambda path: self.encoder.square(load_logo(source_of(path))),
            lambda squares: self._engine(np.stack(squares)),
            keep,
            part_size=self._part_rows,
            batch_size=self._engine.batch_size,
            progress=progress,
        )

    def _write_part(self, number: int, paths: list[str], vectors: Float32Array) -> None:
        import pyarrow as pa

        stamps = [self._stamps[path] for path in paths]
        table = pa.table(
            {
                "path": pa.array(paths, pa.string()),
                "embedding": _lists(vectors),
                "size": pa.array([s.size for s in stamps], pa.int64()),
                "time": pa.array([s.modified for s in stamps], pa.int64()),
            }
        )
        write_atomically(self.parts / f"{number:08d}.parquet", lambda path: _write(path, table))

    def _merge(self) -> int:
        """Put the parts together, one at a time, and leave out what is there twice."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = pa.schema([("path", pa.string()), ("embedding", pa.list_(pa.float32()))])
        written: set[str] = set()

        def write(scratch: Path) -> None:
            with scratch.open("wb") as file, pq.ParquetWriter(file, schema) as writer:
                for part in self._part_files():
                    rows = self._rows(part, ["embedding"])
                    paths = rows["path"].to_pylist()
                    new = rows.filter([path not in written for path in paths])
                    if len(new):
                        writer.write_table(new.cast(schema))
                        written.update(paths)

        if any(self._paths(part) for part in self._part_files()):
            write_atomically(self.out, write)
        return len(written)


def check_table(out: Path) -> None:
    """Find out, before the work, whether a table can be written to ``out``.

    Raises:
        UsageError: ``out`` is a folder, or its name does not end in ``.parquet``.
        MarqueryError: the place cannot be written.
    """
    if out.is_dir():
        raise UsageError("out", f"{out} is a folder", "name a file")
    if out.suffix.lower() != ".parquet":
        raise UsageError(
            "out", f"{out} does not end in .parquet", "name a file that ends in .parquet"
        )
    probe = out.with_name(f".{out.name}.probe")
    write_atomically(probe, lambda path: path.touch())
    probe.unlink()


def _read(part: Path, columns: list[str]) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Opened here, since pyarrow wants names to be UTF-8.
        with part.open("rb") as file:
            return pq.read_table(file, columns=columns)
    except (OSError, KeyError, pa.ArrowException) as error:
        raise MarqueryError(
            f"{part}: is damaged; delete the folder {part.parent} and start again"
        ) from error


def _write(part: Path, table: Any) -> None:
    import pyarrow.parquet as pq

    with part.open("wb") as file:
        pq.write_table(table, file)


def _lists(vectors: Float32Array) -> Any:
    import pyarrow as pa

    offsets = np.arange(0, vectors.size + 1, vectors.shape[1], dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(vectors.ravel(), pa.float32()))
