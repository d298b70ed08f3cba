"""The small files of an index whose table lies elsewhere: kept beside that table, for whoever opens
it, and copied to this machine.

An index needs its encoder, its projection and its counter of ids as files. Where the table is on a
server or in a bucket, these are kept there, too, and a working copy of them is brought up to date
when the index is opened, and before and after each change.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from marquery.errors import MarqueryError
from marquery.files import shared_lock, unwritable, waited_lock, write_atomically
from marquery.json_text import parse_json

#: How the names of files begin that say who is writing.
LOCKS = "lock/"
_SYNCED = ".shared.json"
# Held by who replaces files of the copy, or must not have them replaced.
_PULLING = ".pull.lock"
# What is shared, files and folders; whatever else is in the folder is this machine's own.
_CONFIG = "index.json"
_CONTENT = (_CONFIG, "encoder", "projection.npz", "ids.json", "skipped.json")


class MissingFileError(MarqueryError):
    """A shared file that is named, and is not there."""


class SharedFiles(Protocol):
    """Files by name, kept beside a table: small, few, and each written whole or not at all.

    What is written is seen at once by all who read or list afterwards.
    """

    def names(self) -> Mapping[str, str]:
        """Every name, and a mark that changes when the file does."""
        ...

    def read(self, name: str) -> bytes:
        """The content of a file; KeyError where there is none."""
        ...

    def write(self, name: str, content: bytes) -> None:
        """Make a file, or replace it."""
        ...

    def delete(self, name: str) -> None:
        """Take a file away; one that is not there is passed over."""
        ...


class WorkingCopy:
    """The copy of an index's shared files on this machine.

    Args:
        folder: of the copy.
        files: what is copied.
    """

    def __init__(self, folder: Path, files: SharedFiles) -> None:
        self.folder = folder
        self.files = files

    def pull(self) -> bool:
        """Bring the copy up to date; whether a file that is checked by its hash has changed.

        Raises:
            MarqueryError: a file cannot be read there, or not be written here; or there is no index
                any more.
        """
        shared = {name: mark for name, mark in self.files.names().items() if _is_content(name)}
        if _CONFIG not in shared:  # what is here may be all that is left of the index
            raise missing_file(str(self.folder), _CONFIG)
        known = self._known()
        changed = False
        for name, mark in shared.items():
            place = self.folder / name
            if known.get(name) == [mark, *_state(place)]:
                continue
            content = self.files.read(name)
            write_atomically(place, lambda p, c=content: p.write_bytes(c))  # type: ignore[misc]
            known[name] = [mark, *_state(place)]
            changed = True
        for name in known.keys() - shared.keys():
            if _is_content(name):
                (self.folder / name).unlink(missing_ok=True)
            del known[name]
            changed = True
        if changed:
            self._keep(known)
        return changed

    @contextmanager
    def reading(self) -> Iterator[bool]:
        """Whether it may be brought up to date: not while a process of this machine writes, whose
        changes are shared only in part.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(self.folder, error) from error
        with shared_lock(self.folder / _PULLING) as held:
            yield held

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Let no other process replace its files; waits for those that do so now."""
        with waited_lock(self.folder / _PULLING):
            yield

    def push(self) -> None:
        """Share what has changed in the copy."""
        known = self._known()
        before = dict(known)
        for name in sorted(self._local()):
            place = self.folder / name
            state = _state(place)
            if name in known and known[name][1:] == state:
                continue
            content = place.read_bytes()
            self.files.write(name, content)
            known[name] = [self.files.names()[name], *state]
        if known != before:
            self._keep(known)

    def _local(self) -> set[str]:
        return {
            path.relative_to(self.folder).as_posix()
            for path in self.folder.rglob("*")
            if path.is_file() and not path.name.startswith(".")
            if _is_content(path.relative_to(self.folder).as_posix())
        }

    def _known(self) -> dict[str, list[object]]:
        try:
            return dict(parse_json((self.folder / _SYNCED).read_text()))
        except (OSError, ValueError, TypeError):
            return {}  # all is compared, or fetched, anew

    def _keep(self, known: Mapping[str, list[object]]) -> None:
        text = json.dumps(known, indent=0)
        write_atomically(self.folder / _SYNCED, lambda path: path.write_text(text + "\n"))


def working_folder(address: str) -> Path:
    """Where the working copy of an index at an address is: below ``$XDG_DATA_HOME/marquery``.

    Args:
        address: of the store.
    """
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    short = re.sub(r"[^A-Za-z0-9]+", "-", address.rpartition("/")[2])[:40].strip("-") or "index"
    digest = hashlib.sha256(address.encode()).hexdigest()[:10]
    return Path(base) / "marquery" / "indices" / f"{short}-{digest}"


def missing_file(place: str, name: str) -> MissingFileError:
    """What to tell when a shared file went away while it was wanted."""
    return MissingFileError(
        f"{place}: the index lacks its file {name}; build it again, or put it back from a copy"
    )


def _is_content(name: str) -> bool:
    return name.partition("/")[0] in _CONTENT


def _state(place: Path) -> list[object]:
    try:
        found = place.stat()
    except OSError:
        return []
    return [found.st_size, found.st_mtime_ns]
