"""What a list of logos shows of each: for pages that many people turn."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from marquery.errors import MarqueryError
from marquery.index.logo_index import LogoIndex
from marquery.index.metadata.conditions import OneOf, Or
from marquery.lru import LruCache

_KEPT_IN_MEMORY = 4096
# Ids are stored in 64 bits.
_LAST_ID = 2**63 - 1


@dataclass(frozen=True)
class Details:
    """A logo's size, content hash and small picture."""

    id: int
    path: str
    width: int
    height: int
    sha256: str
    thumbnail: bytes
    """WebP, at most 128 px."""


class NoSuchLogo(MarqueryError):
    """The index holds no logo of that id."""

    def __init__(self, logo: int) -> None:
        super().__init__(f"logo {logo}: is not in the index; give one that is")


class Listing:
    """Details of the logos of one version of an index; the latest asked for stay in memory."""

    def __init__(self, index: LogoIndex) -> None:
        self._seen = index.snapshot()
        self._kept = LruCache[int, Details](_KEPT_IN_MEMORY)

    def many(self, ids: Sequence[int]) -> dict[int, Details]:
        """Details by id; ids that are not in the index are left out."""
        found = {i: kept for i in ids if (kept := self._kept.get(i)) is not None}
        missing = [i for i in ids if i not in found and 0 <= i <= _LAST_ID]
        if missing and self._seen is not None:
            columns = ("path", "width", "height", "sha256", "thumbnail")
            for row in self._seen.rows(missing, columns).to_pylist():
                found[row["id"]] = Details(row["id"], *(row[name] for name in columns))
        for number in missing:
            if number in found:
                self._kept.put(number, found[number])
        return found

    def held(self, paths: Sequence[str], hashes: Sequence[str]) -> list[tuple[int, str, str]]:
        """Id, path and SHA-256 of the logos that lie at one of these paths, or have one of these
        contents.
        """
        if self._seen is None or not (paths or hashes):
            return []
        which = Or((OneOf("path", list(paths)), OneOf("sha256", list(hashes))))
        rows = self._seen.table.read(("id", "path", "sha256"), which).to_pylist()
        return sorted((row["id"], row["path"], row["sha256"]) for row in rows)

    def one(self, logo: int) -> Details:
        """Details of one logo; raises NoSuchLogo."""
        found = self.many([logo])
        if logo not in found:
            raise NoSuchLogo(logo)
        return found[logo]


def common_folder(index: LogoIndex) -> str:
    """The deepest folder that holds all logos of an index; empty if there is none."""
    seen = index.snapshot()
    if seen is None:
        return ""
    common: str | None = None
    for batch in seen.table.scan(["path"]):
        folders = {os.path.dirname(path) for path in batch.column("path").to_pylist()}  # noqa: PTH120
        if common is not None:
            folders.add(common)
        if folders:
            common = os.path.commonpath(folders)
    return common or ""


def column_types(index: LogoIndex) -> dict[str, str]:
    """The metadata columns of an index and their types."""
    seen = index.snapshot()
    return {} if seen is None else {name: str(kind) for name, kind in seen.types.items()}
