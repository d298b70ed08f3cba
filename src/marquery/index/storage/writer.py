"""Adding logos to an index: in chunks, each written whole, so that a killed run goes on where it was."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from marquery.encoder.loading import map_images
from marquery.errors import ImageError
from marquery.images import ImageSource, UInt8Array
from marquery.index.metadata.columns import Metadata
from marquery.index.storage.changes import (
    add_columns,
    add_words_column,
    describe,
    fill_words,
    merge,
)
from marquery.index.storage.folder import Store
from marquery.index.storage.reading import (
    Drawing,
    Stamp,
    content_hash,
    read_drawing,
    stamp_of,
)
from marquery.index.storage.report import Report
from marquery.index.storage.schema import (
    Float32Array,
    Row,
    metadata_field,
    metadata_types,
    table_schema,
    to_table,
)
from marquery.index.storage.table import Known, build_ann, known_files, stored_rows
from marquery.index.strategies.ocr import word_reader
from marquery.index.strategies.projection import PART_DIM, Projection, fit_projection, identity

#: Files a chunk: what is lost, at most, when a run is killed.
CHUNK = 512
#: An index that begins with so many files has its part vectors projected.
PROJECTED_FROM = 2000
# Squares a call of the encoder; bounds memory to about 40 MB at 224 px.
_SQUARES = 256
# Rows that are changed or removed at once.
_MANY = 5000


@dataclass(frozen=True)
class _Job:
    """A file to write: under a new id, or in place of what it was."""

    path: str
    stamp: Stamp
    sha256: str
    id: int


class Writer:
    """One change of an index; to be used while :meth:`Store.writing` is held."""

    def __init__(self, store: Store, progress: Callable[[int], object] | None = None) -> None:
        self.store = store
        self.table = store.table()
        self.progress = progress
        self.projection: Projection | None = None if self.table is None else store.projection()
        self.known = known_files(self.table)
        self.by_hash = {k.sha256: path for path, k in reversed(self.known.items())}
        self.next_id = 1 + max((k.id for k in self.known.values()), default=-1)
        self.skipped = store.skipped()
        self.report = Report()

    def pending(self, files: Sequence[Path]) -> list[tuple[str, Stamp]]:
        """Files that are new or have changed; those found unreadable before are left out unless changed."""
        todo = []
        for path in map(str, files):
            stamp = stamp_of(Path(path))
            if stamp is None:  # it went away after it was listed
                continue
            known, bad = self.known.get(path), self.skipped.get(path)
            if known is not None and known.stamp == stamp:
                self.report.unchanged += 1
            elif bad is not None and bad[0] == stamp:
                self.report.skipped.append(ImageError(path, bad[1]))
            else:
                todo.append((path, stamp))
        return todo

    def write(self, todo: Sequence[tuple[str, Stamp]], metadata: Metadata | None) -> None:
        """Embed and store files, chunk by chunk."""
        if todo:
            add_words_column(self.table)
        if self.table is not None and metadata is not None:
            add_columns(self.table, metadata)
        order = list(todo)
        if self.table is None and len(todo) >= PROJECTED_FROM:
            # The projection is fitted to the first chunk: it had better be a sample of all.
            step = len(todo) // CHUNK
            order = [*todo[::step], *(t for i, t in enumerate(todo) if i % step)]
        fit = len(todo) >= PROJECTED_FROM
        for start in range(0, len(order), CHUNK):
            chunk = order[start : start + CHUNK]
            self._write_chunk(chunk, metadata, fit)
            if self.progress is not None:
                self.progress(len(chunk))

    def without_words(self, paths: Iterable[str]) -> list[str]:
        """Those of some stored logos whose words were never looked for, if this index keeps words."""
        if not self.store.config.words:
            return []
        return [p for p in paths if p in self.known and not self.known[p].has_words]

    def read_words(self, paths: Sequence[str]) -> None:
        """Read the words of stored logos that were indexed without; the rest of them stays as it is."""
        if not paths:
            return
        reader = word_reader()
        if isinstance(reader, str):
            self.report.no_words = reader
            return
        add_words_column(self.table)
        for start in range(0, len(paths), CHUNK):
            some = paths[start : start + CHUNK]
            ids = {path: self.known[path].id for path in some}
            self.report.words_read += fill_words(self.table, ids)
            if self.progress is not None:
                self.progress(len(some))

    def describe(self, paths: Iterable[str], metadata: Metadata) -> None:
        """Bring the metadata of logos that are stored up to date."""
        if self.table is None:
            return
        add_columns(self.table, metadata)
        wanted = set(paths) & set(metadata.rows)
        self.report.described = describe(self.table, wanted, metadata, _MANY)

    def remove(self, paths: Iterable[str]) -> None:
        """Take logos out."""
        ids = [self.known[path].id for path in paths if path in self.known]
        for start in range(0, len(ids), _MANY):
            some = ids[start : start + _MANY]
            self.table.delete(f"id IN ({', '.join(map(str, some))})")
        self.report.removed = len(ids)

    def forget_skipped(self, gone: Callable[[str], bool]) -> None:
        """Drop files from the list of unreadable ones, and keep the list."""
        self.skipped = {path: entry for path, entry in self.skipped.items() if not gone(path)}
        self.store.write_skipped(self.skipped)

    def finish(self) -> None:
        """Tidy the table, and build or update the approximate index if it is large."""
        if self.table is None:
            return
        done = self.report
        if done.added or done.updated or done.described or done.removed or done.words_read:
            self.table.optimize()
        build_ann(self.table, self.store.config.flat_limit)

    def _write_chunk(
        self, chunk: Sequence[tuple[str, Stamp]], metadata: Metadata | None, fit: bool
    ) -> None:
        fresh, copies, bad = self._sort(chunk)
        sources = self._sources(copies)  # before a file that they are taken from is replaced
        rows: list[Row] = []
        vectors: list[Float32Array] = []
        for job, drawing, embedded in self._embed(fresh):
            if isinstance(drawing, ImageError):
                bad[job.path] = (job.stamp, drawing.reason)
                continue
            vectors.append(embedded)
            rows.append(Row(job.id, drawing, embedded[0], embedded[1], embedded[2:]))
        self.report.embedded += len(rows)
        if rows and self.projection is None:
            every = np.concatenate(vectors)
            self.projection = fit_projection(every, PART_DIM) if fit else identity(every.shape[1])
        project = self.projection
        if project is not None:
            rows = [
                replace(r, shape=project(r.shape[None])[0], parts=project(r.parts)) for r in rows
            ]
        self._store(rows, metadata)
        sources |= self._sources([job for job in copies if job.sha256 not in sources])
        self._store(list(self._copies(copies, sources, bad)), metadata)
        for path in [job.path for job in (*fresh, *copies)]:
            if path not in bad:
                self.skipped.pop(path, None)
        if bad or any(path in self.skipped for path, _ in chunk):
            self.skipped.update(bad)
            self.report.skipped += [ImageError(path, why) for path, (_, why) in bad.items()]
            self.store.write_skipped(self.skipped)

    def _sort(
        self, chunk: Sequence[tuple[str, Stamp]]
    ) -> tuple[list[_Job], list[_Job], dict[str, tuple[Stamp, str]]]:
        """Tell files to embed from those whose content is known, and from those that cannot be read."""
        fresh: list[_Job] = []
        copies: list[_Job] = []
        bad: dict[str, tuple[Stamp, str]] = {}
        here: set[str] = set()
        for path, stamp in chunk:
            try:
                digest = content_hash(Path(path))
            except ImageError as error:
                bad[path] = (stamp, error.reason)
                continue
            known = self.known.get(path)
            job = _Job(path, stamp, digest, self.next_id if known is None else known.id)
            if known is None:
                self.next_id += 1
            seen = digest in self.by_hash or digest in here
            (copies if seen else fresh).append(job)
            here.add(digest)
        return fresh, copies, bad

    def _embed(
        self, jobs: Sequence[_Job]
    ) -> Iterator[tuple[_Job, Drawing | ImageError, Float32Array]]:
        """Drawings with (3 + P, D) vectors: whole, silhouette, whole cut out, parts."""
        encoder = self.store.encoder
        by_path = {job.path: job for job in jobs}

        def read(source: ImageSource) -> Drawing | ImageError:
            job = by_path[str(source)]
            try:
                return read_drawing(
                    job.path, job.stamp, job.sha256, encoder.square, self.store.config.words
                )
            except ImageError as error:
                return error

        waiting: list[tuple[_Job, Drawing]] = []
        squares: list[UInt8Array] = []

        def flush() -> Iterator[tuple[_Job, Drawing, Float32Array]]:
            vectors = encoder.embed_squares(squares)
            at = 0
            for job, drawing in waiting:
                count = len(drawing.squares)
                # Without its pictures, which would be kept until the chunk is written.
                yield job, replace(drawing, squares=[]), vectors[at : at + count]
                at += count
            waiting.clear()
            squares.clear()

        for job, drawing in zip(
            jobs, map_images([j.path for j in jobs], read, ahead=64), strict=True
        ):
            if isinstance(drawing, ImageError):
                yield job, drawing, np.empty((0, encoder.dim), np.float32)
                continue
            waiting.append((job, drawing))
            squares += drawing.squares
            if len(squares) >= _SQUARES:
                yield from flush()
        if squares:
            yield from flush()

    def _store(self, rows: Sequence[Row], metadata: Metadata | None) -> None:
        if not rows or self.projection is None:
            return
        dim, part_dim = len(rows[0].vector), self.projection.dim
        schema = table_schema(dim, part_dim)
        if self.table is not None:
            types = metadata_types(self.table.schema)
        else:
            types = {} if metadata is None else metadata.types
        for name, kind in types.items():
            schema = schema.append(metadata_field(name, kind))
        values = {}
        if metadata is not None:
            values = {r.drawing.path: metadata.values(r.drawing.path, types) for r in rows}
        new = [row for row in rows if row.drawing.path not in self.known]
        stored = [row for row in rows if row.drawing.path in self.known]
        if new:
            content = to_table(new, schema, values)
            if self.table is None:
                self.table = self.store.create_table(content, self.projection)
            else:
                self.table.add(content)
        if stored:
            # Without a metadata file, what is known of a changed logo stays.
            kept = table_schema(dim, part_dim) if metadata is None else schema
            merge(self.table, to_table(stored, kept, values))
        for row in rows:
            self._note(row)
        if self.store.config.words and any(row.drawing.words is None for row in rows):
            reader = word_reader()
            self.report.no_words = reader if isinstance(reader, str) else None

    def _note(self, row: Row) -> None:
        d = row.drawing
        old = self.known.get(d.path)
        if old is None:
            self.report.added += 1
        elif old.sha256 == d.sha256:  # only its time had changed
            self.report.unchanged += 1
        else:
            self.report.updated += 1
            if self.by_hash.get(old.sha256) == d.path:
                del self.by_hash[old.sha256]
        self.known[d.path] = Known(row.id, d.stamp, d.sha256, d.words is not None)
        self.by_hash.setdefault(d.sha256, d.path)

    def _copies(
        self,
        jobs: Sequence[_Job],
        sources: dict[str, Row],
        bad: dict[str, tuple[Stamp, str]],
    ) -> Iterator[Row]:
        """Rows of files whose content is that of another, with its vectors."""
        for job in jobs:
            source = sources.get(job.sha256)
            if source is None:
                bad[job.path] = (job.stamp, "has the content of a file that cannot be read")
                continue
            if source.drawing.path != job.path:
                self.report.duplicates.append((job.path, source.drawing.path))
            drawing = replace(source.drawing, path=job.path, stamp=job.stamp)
            yield replace(source, id=job.id, drawing=drawing)

    def _sources(self, jobs: Sequence[_Job]) -> dict[str, Row]:
        """Rows to copy from, by the hash of their files."""
        found = {j.sha256: self.by_hash[j.sha256] for j in jobs if j.sha256 in self.by_hash}
        rows = stored_rows(self.table, [self.known[path].id for path in found.values()])
        return {row.drawing.sha256: row for row in rows}
