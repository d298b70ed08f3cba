"""Adding logos to an index: in chunks, each written whole, so that a killed run goes on where it
was.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from marquery.arrays import Float32Array
from marquery.elsewhere import stamp_of_source
from marquery.encoder.threaded_map import map_images
from marquery.errors import ImageError
from marquery.files import Stamp, why_unreadable
from marquery.index.metadata.columns import Metadata
from marquery.index.metadata.conditions import OneOf
from marquery.index.storage.changes import (
    add_metadata_columns,
    add_optional_columns,
    build_missing_indices,
    describe,
    fill_words,
)
from marquery.index.storage.folder import IndexFolder
from marquery.index.storage.ids import IdCounter
from marquery.index.storage.known import Known, known_files
from marquery.index.storage.reading import ReadLogo, content_hash
from marquery.index.storage.reading_workers import (
    WORKER,
    LogoReader,
    ReadingJob,
    worker_arguments,
)
from marquery.index.storage.rows import (
    Row,
    make_row,
    metadata_field,
    metadata_types,
    stored_rows,
    table_schema,
    to_table,
    without_metadata,
)
from marquery.index.storage.summary import ChangeSummary
from marquery.index.storage.unreadable import Unreadable, read_unreadable, write_unreadable
from marquery.index.strategies.columns import StoredColumn, VectorSizes
from marquery.index.strategies.ocr import word_reader
from marquery.index.strategies.registry import stored_columns
from marquery.index.strategies.words import WORDS
from marquery.names import path_to_text, source_of
from marquery.processes import Machines

#: Files a chunk: what is lost, at most, when a run is killed.
CHUNK = 512
# Rows that are changed or removed at once.
_MANY = 5000
# There from the first row of an index until its first build has ended.
_FIRST_BUILD = "first-build"


#: A file's stamp and why it cannot be read.
_Failure = tuple[Stamp, ImageError]


class Writer:
    """One change of an index; to be used while :meth:`IndexFolder.writing` is held.

    Args:
        folder: of the index.
        machines: read and embed; None: this one does.
    """

    def __init__(self, folder: IndexFolder, machines: Machines | None = None) -> None:
        self.folder = folder
        self.machines = machines
        self.table = folder.table()
        self._mark = folder.path / _FIRST_BUILD
        self.progress: Callable[[int], object] | None = None
        self.projection = folder.projection
        self.columns = self._columns()
        self.known = known_files(self.table)
        self.by_hash = {k.sha256: path for path, k in reversed(self.known.items())}
        self.ids = IdCounter(folder.path, 1 + max((k.id for k in self.known.values()), default=-1))
        self.unreadable = read_unreadable(folder.path)
        self.summary = ChangeSummary()

    def _columns(self) -> list[StoredColumn[Any]]:
        """What is stored of a logo: a table keeps the columns that it was made with, and optional
        ones.
        """
        every = stored_columns()
        if self.table is None:
            return every
        return [c for c in every if c.optional or c.name in self.table.schema.names]

    @property
    def _sizes(self) -> VectorSizes:
        return VectorSizes(self.folder.config.dim, self.projection.dim)

    def pending(self, files: Sequence[os.PathLike[str]]) -> list[tuple[str, Stamp]]:
        """Files that are new or have changed, their paths as text; those that were found unreadable
        and would be again are left out.
        """
        todo = []
        for file in files:
            path, stamp = path_to_text(file), stamp_of_source(file)
            if stamp is None:
                if os.path.lexists(file):  # else it went away after it was listed
                    self.summary.skipped.append(why_unreadable(Path(file)))
                continue
            known, bad = self.known.get(path), self.unreadable.get(path)
            if known is not None and known.stamp == stamp:
                self.summary.unchanged += 1
            elif bad is not None and bad.is_final(stamp):
                self.summary.skipped.append(ImageError(path, bad.reason))
            else:
                todo.append((path, stamp))
        return todo

    def write(self, todo: Sequence[tuple[str, Stamp]], metadata: Metadata | None) -> None:
        """Embed and store files, chunk by chunk."""
        self.folder.check_writing()
        if self.table is None:
            self._mark.touch()
        if todo:
            add_optional_columns(self.table, self.columns, self._sizes)
        if self.table is not None and metadata is not None:
            add_metadata_columns(self.table, metadata)
        columns = [c for c in self.columns if c is not WORDS or self.folder.config.words]
        with self._reader(columns, len(todo)) as reader:
            for start in range(0, len(todo), self._chunk):
                self._write_chunk(todo[start : start + self._chunk], reader, metadata)

    @property
    def _chunk(self) -> int:
        return CHUNK if self.machines is None else self.machines.chunk

    @contextmanager
    def _reader(self, columns: Sequence[StoredColumn[Any]], expected: int) -> Iterator[LogoReader]:
        stored = self.folder.path / "encoder"
        compressed = self.folder.projection.loses_more_than_bfloat16
        with ExitStack() as opened:
            pool = None
            if self.machines is not None and expected:
                # How many processes the machines have is not known here.
                arguments = worker_arguments(columns, compressed, expected, processes=4)
                pool = opened.enter_context(self.machines.pool(WORKER, stored, arguments))
            reader = LogoReader(
                self.folder.encoder, stored, columns, expected, pool, compressed=compressed
            )
            yield opened.enter_context(closing(reader))

    def without_words(self, paths: Iterable[str]) -> list[str]:
        """Those of some stored logos whose words were never looked for, if this index keeps
        words.
        """
        if not self.folder.config.words:
            return []
        return [p for p in paths if p in self.known and not self.known[p].has_words]

    def read_words(self, paths: Sequence[str]) -> None:
        """Read the words of stored logos that were indexed without; the rest of them stays as it
        is.
        """
        if not paths or self.table is None:
            return
        reader = word_reader()
        if isinstance(reader, str):
            self.summary.no_words = reader
            return
        add_optional_columns(self.table, self.columns, self._sizes)
        for start in range(0, len(paths), CHUNK):
            some = paths[start : start + CHUNK]
            ids = {path: self.known[path].id for path in some}
            self.folder.check_writing()
            self.summary.words_read += fill_words(self.table, ids)
            if self.progress is not None:
                self.progress(len(some))

    def describe(self, paths: Iterable[str], metadata: Metadata) -> None:
        """Bring the metadata of logos that are stored up to date."""
        if self.table is None:
            return
        self.folder.check_writing()
        add_metadata_columns(self.table, metadata)
        wanted = set(paths) & set(metadata.rows)
        self.summary.described = describe(self.table, wanted, metadata, _MANY)

    def remove(self, paths: Iterable[str]) -> None:
        """Take logos out; their ids are not given again."""
        self.ids.keep()
        self.folder.share()
        ids = [self.known[path].id for path in paths if path in self.known]
        if self.table is not None:
            for start in range(0, len(ids), _MANY):
                self.folder.check_writing()
                self.table.delete(OneOf("id", ids[start : start + _MANY]))
        self.summary.removed = len(ids)

    def forget_skipped(self, gone: Callable[[str], bool]) -> None:
        """Drop files from the list of unreadable ones, and keep the list."""
        kept = {path: file for path, file in self.unreadable.items() if not gone(path)}
        if len(kept) < len(self.unreadable):
            self.unreadable = kept
            write_unreadable(self.folder.path, kept)

    def finish(self) -> None:
        """Tidy the table, and build or update the approximate index if it is large. The versions
        through which the first build came about, killed or not, go: they would double its size.
        """
        if self.table is None:
            return
        self.folder.check_writing()
        done, is_first = self.summary, self._mark.exists()
        changed = done.added or done.updated or done.described or done.removed or done.words_read
        if changed or is_first:
            self.table.optimise(forget=is_first)
        build_missing_indices(self.table, self.columns, self.folder.config.flat_limit)
        self._mark.unlink(missing_ok=True)

    def _write_chunk(
        self,
        chunk: Sequence[tuple[str, Stamp]],
        reader: LogoReader,
        metadata: Metadata | None,
    ) -> None:
        fresh, copies, bad = self._sort(chunk)
        self._advance(len(bad))
        self.ids.keep()
        self.folder.share()
        sources = self._sources(copies)  # before a file that they are taken from is replaced
        bad |= self._write_new(fresh, reader, metadata)
        sources |= self._sources([job for job in copies if job.sha256 not in sources])
        self._store(self._copies(copies, sources), metadata)
        # What they were to be copied from could not be read; they are files of their own.
        alone = [job for job in copies if job.sha256 not in sources]
        if alone:
            bad |= self._write_new(alone, reader, metadata)
        self._advance(len(copies) - len(alone))
        readable = {job.path for job in (*fresh, *copies)} - bad.keys()
        cured = [path for path in readable if self.unreadable.pop(path, None) is not None]
        if bad or cured:
            self.unreadable.update({path: Unreadable.of(*found) for path, found in bad.items()})
            self.summary.skipped += [error for _, error in bad.values()]
            write_unreadable(self.folder.path, self.unreadable)

    def _advance(self, files: int) -> None:
        if self.progress is not None and files:
            self.progress(files)

    def _write_new(
        self,
        jobs: Sequence[ReadingJob],
        reader: LogoReader,
        metadata: Metadata | None,
    ) -> dict[str, _Failure]:
        """Read, embed and store files; those that cannot be read."""
        bad: dict[str, _Failure] = {}
        logos: list[tuple[int, ReadLogo, Float32Array]] = []
        for job, logo, vectors in reader.read(jobs):
            self._advance(1)
            if isinstance(logo, ImageError):
                bad[job.path] = (job.stamp, logo)
            else:
                logos.append((job.id, logo, vectors))
        self.summary.embedded += len(logos)
        rows = [make_row(i, logo, v, self.columns, self.projection) for i, logo, v in logos]
        self._store(rows, metadata)
        return bad

    def _sort(
        self, chunk: Sequence[tuple[str, Stamp]]
    ) -> tuple[list[ReadingJob], list[ReadingJob], dict[str, _Failure]]:
        """Tell files to embed from those whose content is known, and from those that cannot be
        read.
        """
        fresh: list[ReadingJob] = []
        copies: list[ReadingJob] = []
        bad: dict[str, _Failure] = {}
        here: set[str] = set()
        digests = map_images([path for path, _ in chunk], _digest)
        for (path, stamp), digest in zip(chunk, digests, strict=True):
            if isinstance(digest, ImageError):
                bad[path] = (stamp, digest)
                continue
            known = self.known.get(path)
            job = ReadingJob(path, stamp, digest, self.ids.take() if known is None else known.id)
            seen = digest in self.by_hash or digest in here
            (copies if seen else fresh).append(job)
            here.add(digest)
        return fresh, copies, bad

    def _store(self, rows: Sequence[Row], metadata: Metadata | None) -> None:
        if not rows:
            return
        schema = self._schema(metadata)
        types = metadata_types(schema)
        values = {}
        if metadata is not None:
            values = {row.file.path: metadata.values(row.file.path, types) for row in rows}
        new = [row for row in rows if row.file.path not in self.known]
        stored = [row for row in rows if row.file.path in self.known]
        if new:
            content = to_table(new, schema, self.columns, values)
            self.folder.check_writing()
            if self.table is None:
                self.table = self.folder.create_table(content)
            else:
                self.table.add(content)
        if stored and self.table is not None:
            # Without a metadata file, what is known of a changed logo stays.
            kept = without_metadata(schema) if metadata is None else schema
            content = to_table(stored, kept, self.columns, values)
            self.folder.check_writing()
            self.table.upsert(content)
        for row in rows:
            self._note(row)
        read_here = self.folder.config.words
        if read_here and any(row.values.get(WORDS.name) is None for row in rows):
            reader = word_reader()
            self.summary.no_words = reader if isinstance(reader, str) else None

    def _schema(self, metadata: Metadata | None) -> pa.Schema:
        if self.table is not None:
            return self.table.schema
        schema = table_schema(self.columns, self._sizes)
        for name, kind in ({} if metadata is None else metadata.types).items():
            schema = schema.append(metadata_field(name, kind))
        return schema

    def _note(self, row: Row) -> None:
        file = row.file
        old = self.known.get(file.path)
        if old is None:
            self.summary.added += 1
        elif old.sha256 == file.sha256:  # only its time had changed
            self.summary.unchanged += 1
        else:
            self.summary.updated += 1
            if self.by_hash.get(old.sha256) == file.path:
                del self.by_hash[old.sha256]
        has_words = row.values.get(WORDS.name) is not None
        self.known[file.path] = Known(row.id, file.stamp, file.sha256, has_words)
        self.by_hash.setdefault(file.sha256, file.path)

    def _copies(self, jobs: Sequence[ReadingJob], sources: dict[str, Row]) -> list[Row]:
        """Rows of files whose content is that of another that is stored, with its vectors."""
        rows = []
        for job in jobs:
            source = sources.get(job.sha256)
            if source is None:
                continue
            if source.file.path != job.path:
                self.summary.duplicates.append((job.path, source.file.path))
            file = replace(source.file, path=job.path, stamp=job.stamp)
            rows.append(replace(source, id=job.id, file=file))
        return rows

    def _sources(self, jobs: Sequence[ReadingJob]) -> dict[str, Row]:
        """Rows to copy from, by the hash of their files."""
        found = {j.sha256: self.by_hash[j.sha256] for j in jobs if j.sha256 in self.by_hash}
        ids = [self.known[path].id for path in found.values()]
        return {r.file.sha256: r for r in stored_rows(self.table, ids, self.columns)}


def _digest(path: str) -> str | ImageError:
    try:
        return content_hash(source_of(path))
    except ImageError as error:
        return error
