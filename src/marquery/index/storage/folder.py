"""The folder of an index: what it was made with, its table, and who may write.

IDX/index.json        format, encoder's name and fingerprint, when flat search ends
IDX/encoder/          the encoder itself, with its calibration, so that a search needs nothing else
IDX/projection.npz    how part vectors were brought to fewer dimensions
IDX/logos.lance/      the table, in versions
IDX/ids.json          the first id that was never given to a logo
IDX/checksums.json    sizes and hashes of the files above
IDX/skipped.json      files that could not be read, and why
IDX/write.lock        held by the one who writes
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from marquery.calibration import Calibration
from marquery.encoder import LogoEncoder
from marquery.errors import MarqueryError, NotBuiltError, UsageError
from marquery.files import exclusive_lock, unwritable, write_atomically
from marquery.index.storage.checksums import Checksums
from marquery.index.storage.table import STORES, Table, open_store
from marquery.index.strategies.projection import Projection

FORMAT = 1
_CONFIG = "index.json"
_PROJECTION = "projection.npz"


class IndexConfig(BaseModel):
    """What an index is made with; never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = FORMAT
    encoder: str
    """As it was named when the index was made."""
    fingerprint: str
    dim: int = Field(ge=1)
    flat_limit: int = Field(ge=1)
    """Rows up to which search is exact over all; above, an approximate index finds candidates."""
    version: str
    words: bool = True
    """Whether the words of logos are read."""
    store: str = "lance"
    """What keeps the table, see :data:`marquery.index.storage.table.STORES`."""


class IndexFolder:
    """The folder of an index, opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mark = _mark_of(path)
        self.config = _read_config(path)
        self._encoder: LogoEncoder | None = None
        self._tables = open_store(self.config.store, path)

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
        open_store(config.store, path)  # what it needs is missing: told before anything is made
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise MarqueryError(
                f"{path}: something is there already; open it, or choose a new folder for the index"
            )
        encoder.save(path / "encoder")
        # Last, since an index is where this file is.
        write_atomically(
            path / _CONFIG, lambda p: p.write_text(config.model_dump_json(indent=2) + "\n")
        )
        folder = cls(path)
        folder._encoder = encoder
        folder.note_files()
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

    def take_calibration(self, model: str) -> None:
        """Copy the calibration of a model that has one and is the encoder of this index."""
        found = Calibration.load(model)
        if found is not None and found.fingerprint == self.config.fingerprint:
            found.save(self.path / "encoder")
            self.note_files()

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
            MarqueryError: another process is writing.
        """
        refusal = f"{self.path}: another process is writing to this index; wait until it is done"
        try:
            with exclusive_lock(self.path / "write.lock", refusal):
                yield
                self.note_files()
        except OSError as error:
            raise unwritable(self.path, error) from error

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

    def create_table(self, rows: pa.Table, projection: Projection) -> Table:
        """Make the table from its first rows; the projection is kept first."""

        def save(path: Path) -> None:
            with path.open("wb") as file:
                np.savez(file, matrix=projection.matrix, kept=projection.kept)

        write_atomically(self.path / _PROJECTION, save)
        return self._tables.create(rows)

    def projection(self) -> Projection:
        """The projection of part vectors.

        Raises:
            MarqueryError: the file is lost.
        """
        place = self.path / _PROJECTION
        try:
            with np.load(place, allow_pickle=False) as stored:
                return Projection(np.asarray(stored["matrix"], np.float32), float(stored["kept"]))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise MarqueryError(f"{place}: cannot be read; build the index again") from error


def _mark_of(path: Path) -> tuple[int, ...]:
    """What tells an index from another at the same place: its configuration is written once."""
    try:
        state = (path / _CONFIG).stat()
    except OSError:
        return ()
    return state.st_ino, state.st_mtime_ns, state.st_size


def _read_config(path: Path) -> IndexConfig:
    place = path / _CONFIG
    try:
        raw = json.loads(place.read_text())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotBuiltError(
            "index", path, f"{path}: no index there; name its folder, or build one"
        ) from error
    except (OSError, ValueError) as error:
        raise MarqueryError(f"{place}: cannot be read ({error}); build the index again") from error
    if isinstance(raw, dict) and raw.get("format") != FORMAT:
        raise MarqueryError(
            f"{place}: format {raw.get('format')!r} is not the format {FORMAT} that this version "
            "reads; "
            "build the index again"
        )
    try:
        config = IndexConfig.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "it"
        raise MarqueryError(f"{place}: {where}: {first['msg']}; build the index again") from error
    if config.store not in STORES:
        raise MarqueryError(
            f"{place}: this version knows no store {config.store!r}; update marquery"
        )
    return config
