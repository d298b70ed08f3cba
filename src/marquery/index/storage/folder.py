"""The folder of an index: what it was made with, its table, and who may write.

IDX/index.json        format, encoder's name and fingerprint, when flat search ends
IDX/encoder/          the encoder itself, with its calibration, so that a search needs nothing else
IDX/projection.npz    how part vectors are brought to fewer dimensions
IDX/logos.lance/      the table, in versions
IDX/ids.json          the first id that was never given to a logo
IDX/checksums.json    sizes and hashes of the files above
IDX/skipped.json      files that could not be read, and why
IDX/first-build       there until the first build has ended
IDX/write.lock        held by the one who writes

Where the table is elsewhere, on a server or in a bucket, this folder is a working copy of files
that are kept beside the table, see :mod:`marquery.index.storage.shared_files`.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from marquery.calibration import Calibration
from marquery.calibration.evidence import EvidenceModel
from marquery.encoder import LogoEncoder
from marquery.errors import MarqueryError, NotBuiltError, UsageError
from marquery.files import exclusive_lock, unwritable, write_atomically
from marquery.index.storage.checksums import FILE as CHECKSUMS
from marquery.index.storage.checksums import Checksums
from marquery.index.storage.config import CONFIG_FILE, IndexConfig, read_config
from marquery.index.storage.lease import Lease, writing_alone
from marquery.index.storage.shared_files import WorkingCopy, working_folder
from marquery.index.storage.table import Table, is_address, open_store, whole_address
from marquery.index.strategies.projection import FILE as PROJECTION_FILE
from marquery.index.strategies.projection import (
    Projection,
    identity,
    read_projection,
    write_projection,
)
from marquery.kinds import DEFAULT_ENCODER
from marquery.names import path_to_text


class IndexFolder:
    """The folder of an index, opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mark = _mark_of(path)
        self.config = read_config(path)
        self._encoder: LogoEncoder | None = None
        self._lease: Lease | None = None
        self._tables = open_store(self.config.store, path)
        shared = self._tables.files
        self._copy = None if shared is None else WorkingCopy(path, shared)

    @classmethod
    def open(cls, place: str | os.PathLike[str]) -> "IndexFolder":
        """Open an index by its folder, or by the address of its store.

        Args:
            place: ``"IDX"``, or an address such as ``"milvus-lite:marks.db"``.

        Raises:
            MarqueryError: no index there, or it cannot be reached.
        """
        if not is_address(place):
            folder = cls(Path(place))
        else:
            address = whole_address(str(place))
            path = working_folder(address)
            shared = open_store(address, path).files
            if shared is None or CONFIG_FILE not in shared.names():
                raise NotBuiltError(
                    "index", address, f"{address}: no index there; name its address, or build one"
                )
            _refresh(WorkingCopy(path, shared))
            return cls(path)
        if folder._copy is not None:
            _refresh(folder._copy)
        return folder

    @property
    def name(self) -> str:
        """The index as its user calls it: its folder, or the address of its store."""
        return path_to_text(self.path) if self._copy is None else self.config.store

    @classmethod
    def create(cls, path: Path, encoder: LogoEncoder, config: IndexConfig) -> "IndexFolder":
        """Make the folder; nothing may be there yet.

        Args:
            path: the folder.
            encoder: is copied into it.
            config: with this encoder's fingerprint.

        Raises:
            MarqueryError: something is there, or the place cannot be written.
        """
        # What it needs is missing: told before anything is made.
        shared = open_store(config.store, path).files
        if shared is not None:
            if CONFIG_FILE in shared.names():
                raise MarqueryError(
                    f"{config.store}: an index is there already; open it, or choose another address"
                )
            if path == working_folder(config.store):  # a copy of an index that is there no more
                shutil.rmtree(path, ignore_errors=True)
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise MarqueryError(
                f"{path}: something is there already; open it, or choose a new folder for the index"
            )
        encoder.save(path / "encoder")
        measured = encoder.precision_record
        if measured is not None and measured.fingerprint == config.fingerprint:
            measured.save(path / "encoder")
        # That of the package where it is the same encoder, loaded under another name.
        known = (Projection.load(name) for name in (config.encoder, DEFAULT_ENCODER))
        fitting = (p for p in known if p is not None and p.fingerprint == config.fingerprint)
        write_projection(next(fitting, identity(config.dim)), path / PROJECTION_FILE)
        # Last, since an index is where this file is.
        write_atomically(
            path / CONFIG_FILE, lambda p: p.write_text(config.model_dump_json(indent=2) + "\n")
        )
        folder = cls(path)
        folder._encoder = encoder
        folder.note_files()
        folder.share()
        return folder

    def is_replaced(self) -> bool:
        """Whether another index was built at the place since this one was opened."""
        return _mark_of(self.path) != self._mark

    def reopened(self) -> "IndexFolder":
        """The index that is at the place now; the encoder stays in memory if it is the same.

        Raises:
            MarqueryError: there is none at the moment, or it cannot be read.
        """
        folder = IndexFolder(self.path)
        if folder.config.fingerprint == self.config.fingerprint:
            folder._encoder = self._encoder
        return folder

    @property
    def encoder(self) -> LogoEncoder:
        """The encoder that this index was made with.

        Raises:
            MarqueryError: its files are not those that the index was made with.
        """
        if self._encoder is None:
            place = self.path / "encoder"
            found = LogoEncoder.load(place)
            if found.fingerprint() != self.config.fingerprint:
                raise MarqueryError(
                    f"{place}: not the encoder that {self.path} was built with "
                    f"({self.config.fingerprint[:12]}), whose vectors it holds; put that one back, "
                    "or build "
                    "the index again in a new folder"
                )
            self._encoder = found
        return self._encoder

    @cached_property
    def calibration(self) -> Calibration | None:
        """What the encoder's cosines mean; None if it was never calibrated, or with other weights.

        Raises:
            MarqueryError: its file is damaged.
        """
        found = Calibration.load(self.path / "encoder")
        return found if found and found.fingerprint == self.config.fingerprint else None

    @cached_property
    def evidence(self) -> EvidenceModel:
        """How evidence is weighed; that of the package where the encoder was not calibrated.

        Raises:
            MarqueryError: its file is damaged.
        """
        found = EvidenceModel.load(self.path / "encoder")
        if found is not None and found.fingerprint == self.config.fingerprint:
            return found
        return EvidenceModel.of_package()

    def take_calibration(self, model: str) -> None:
        """Copy what was measured of a model that is the encoder of this index."""
        for found in (Calibration.load(model), EvidenceModel.load(model)):
            if found is not None and found.fingerprint == self.config.fingerprint:
                found.save(self.path / "encoder")
        self.note_files()
        self.share()

    def check_encoder(self, encoder: LogoEncoder, name: str) -> None:
        """Refuse an encoder whose vectors cannot be compared with those of the index.

        Raises:
            UsageError: the encoder is another one.
        """
        if encoder.fingerprint() != self.config.fingerprint:
            raise UsageError(
                "model",
                f"{name} is not the encoder that {self.path} was built with "
                f"({self.config.encoder}, {self.config.fingerprint[:12]})",
                "use that one, or build a new index",
            )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the one who writes; given up with the process, however it ends.

        Raises:
            MarqueryError: another process is writing, or the table is gone.
        """
        refusal = f"{self.name}: another process is writing to this index; wait until it is done"
        try:
            with ExitStack() as held:
                held.enter_context(exclusive_lock(self.path / "write.lock", refusal))
                if self._copy is not None:
                    held.enter_context(self._copy.writing())
                    self._lease = held.enter_context(writing_alone(self._copy.files, refusal))
                    _pull(self._copy)
                Checksums.read(self.path).check_newest_version()
                yield
                self.note_files()
                self.share()
        except OSError as error:
            raise unwritable(self.path, error) from error
        finally:
            self._lease = None

    def share(self) -> None:
        """Keep what has changed in this folder beside the table, if that is elsewhere.

        Raises:
            MarqueryError: another process may be writing by now, since this one could not show that
                it is.
        """
        self.check_writing()
        if self._copy is not None:
            self._copy.push()

    def check_writing(self) -> None:
        """Go on only as the one who writes; see :meth:`share`."""
        if self._lease is not None:
            self._lease.check(self.name)

    def note_files(self) -> None:
        """Take new files into the record of sizes and hashes."""
        Checksums.read(self.path).update()

    def verify(self, every: bool = False) -> None:
        """Compare the files with the record of sizes and hashes, see :class:`Checksums`.

        Raises:
            MarqueryError: a file is damaged.
        """
        Checksums.read(self.path).verify(every)

    def table(self, version: int | None = None) -> Table | None:
        """The table as it is now, or was at a version; None if nothing was added yet.

        Raises:
            NotThereError: there is no such version.
        """
        return self._tables.open(version)

    def stamp(self) -> object | None:
        """What is never the same after a change of the table; None where only opening it tells."""
        return self._tables.stamp()

    def create_table(self, rows: pa.Table) -> Table:
        """Make the table from its first rows."""
        return self._tables.create(rows)

    @cached_property
    def projection(self) -> Projection:
        """The projection of part vectors.

        Raises:
            MarqueryError: the file is lost.
        """
        return read_projection(self.path / PROJECTION_FILE)


def _refresh(copy: WorkingCopy) -> None:
    with copy.reading() as free:
        if free:
            _pull(copy)


def _pull(copy: WorkingCopy) -> None:
    if copy.pull():
        # It is of the files as they were.
        (copy.folder / CHECKSUMS).unlink(missing_ok=True)
        Checksums.read(copy.folder).update()


def _mark_of(path: Path) -> tuple[int, ...]:
    """What tells an index from another at the same place: its configuration is written once."""
    try:
        state = (path / CONFIG_FILE).stat()
    except OSError:
        return ()
    return state.st_ino, state.st_mtime_ns, state.st_size
