"""Sizes and hashes of the files of an index, so that a damaged one is never read as if it were
whole: the table's format has none for its data.

IDX/checksums.json is written after each change. What a killed change has left there is not in it
before the next change, and is not checked until then; neither is an index of a version that wrote
none.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from marquery.errors import MarqueryError
from marquery.files import stamp_of, write_atomically
from marquery.json_text import parse_json

FILE = "checksums.json"
#: Bytes of all files up to which every one is read and compared when an index is opened; of larger
#: ones only the sizes are, and :meth:`Checksums.verify` with ``every`` reads them.
READ_AT_ONCE = 2 * 2**30
# Written anew now and then, or checked by other means: an encoder by its fingerprint.
_CHANGING = (
    "write.lock",
    "skipped.json",
    "ids.json",
    FILE,
    "latest_version_hint.json",
    "watch.sqlite",
)
_ELSEWHERE = ("model.safetensors", "encoder.json")
_VERSIONS = "_versions"
_MEMORY = threading.Lock()
# Path, size and time of change of files that this process has compared already.
_compared: set[tuple[str, int, int]] = set()


@dataclass
class Checksums:
    """The record of one index.

    Attributes:
        folder: of the index.
        files: path below the folder -> size in bytes and hex SHA-256.
    """

    folder: Path
    files: dict[str, tuple[int, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> "Checksums":
        """The record as it is on the disk; empty where there is none.

        Raises:
            MarqueryError: it is damaged itself.
        """
        place = folder / FILE
        try:
            raw = parse_json(place.read_bytes())
            files = {
                name: (int(size), str(digest)) for name, (size, digest) in raw["files"].items()
            }
            if raw["sha256"] != _digest(files):
                raise ValueError("it has changed since it was written")
        except FileNotFoundError:
            return cls(folder)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise MarqueryError(
                f"{place}: the index is damaged there; delete this file to go on without checks, "
                "or put the index back from a copy"
            ) from error
        return cls(folder, files)

    def update(self) -> None:
        """Take in files that are new, forget those that are gone, and write the record."""
        known = {
            name: entry for name, entry in self.files.items() if (self.folder / name).is_file()
        }
        for path in self._checked():
            name = path.relative_to(self.folder).as_posix()
            if name not in known:
                known[name] = path.stat().st_size, _hash(path)
        if known != self.files or not (self.folder / FILE).is_file():
            self.files = known
            text = json.dumps({"sha256": _digest(known), "files": known}, indent=0) + "\n"
            write_atomically(self.folder / FILE, lambda scratch: scratch.write_text(text))

    def verify(self, every: bool = False) -> None:
        """Compare the files with the record; those that this process has compared are not read
        again.

        Args:
            every: read all, however large they are together.

        Raises:
            MarqueryError: a file is not as it was written, cannot be read, or the newest version of
                the table is gone.
        """
        self.check_newest_version()
        reads = every or sum(size for size, _ in self.files.values()) <= READ_AT_ONCE
        for name, (size, digest) in self.files.items():
            path = self.folder / name
            stamp = stamp_of(path)
            if stamp is None:  # an old version was cleared away, or the table misses it itself
                continue
            if stamp.size != size:
                raise _damaged(path)
            key = str(path), stamp.size, stamp.modified
            if not reads or (key in _compared and not every):
                continue
            if _hash(path) != digest:
                raise _damaged(path)
            with _MEMORY:
                _compared.add(key)

    def check_newest_version(self) -> None:
        """Old versions of a table are cleared away; the newest one is there, or one that is newer.

        Without it, the table is opened as it was before, or as if nothing had been added.

        Raises:
            MarqueryError: it is gone.
        """
        recorded = {name: at for name in self.files if (at := _version_of(name)) is not None}
        if not recorded:
            return
        newest = max(recorded, key=lambda name: recorded[name])
        place = self.folder / newest
        there = (_version_of(f"{_VERSIONS}/{path.name}") for path in place.parent.glob("*"))
        if max((at for at in there if at is not None), default=-1) < recorded[newest]:
            lost = next(p for p in (*reversed(place.parents), place) if not p.exists())
            raise MarqueryError(
                f"{lost}: the index is damaged there (it is gone); put it back from a copy, or "
                "build the index again in a new folder"
            )

    def _checked(self) -> Iterator[Path]:
        for path in sorted(self.folder.rglob("*")):
            hidden = any(part.startswith(".") for part in path.relative_to(self.folder).parts)
            if not hidden and path.name not in (*_CHANGING, *_ELSEWHERE) and path.is_file():
                yield path


def _version_of(name: str) -> int | None:
    """The version of a table that a file of it describes; ``None`` for other files."""
    folder, _, file = name.rpartition("/")
    number = file.removesuffix(".manifest")
    if not folder.endswith(_VERSIONS) or number == file or not number.isdecimal():
        return None
    # Of twenty digits, numbers count down, so that the newest is found first.
    return 2**64 - 1 - int(number) if len(number) == 20 else int(number)


def _digest(files: dict[str, tuple[int, str]]) -> str:
    plain = json.dumps({name: list(entry) for name, entry in files.items()}, sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise MarqueryError(
            f"{path}: cannot be read ({error.strerror or error}); put it back from a copy, or "
            "build the index again in a new folder"
        ) from error


def _damaged(path: Path) -> MarqueryError:
    return MarqueryError(
        f"{path}: the index is damaged there (the file is not as it was written); put it back from "
        "a copy, or build the index again in a new folder"
    )
