"""What a list of logos shows of each: for pages that many people turn."""

import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from marquery.errors import MarqueryError
from marquery.index.logo_index import LogoIndex

_KEPT_IN_MEMORY = 4096


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
        super().__init__(f"logo {logo}: is not in the index")


class Listing:
    """Details of the logos of one version of an index; the latest asked for stay in memory."""

    def __init__(self, index: LogoIndex) -> None:
        self._seen = index.snapshot()
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, Details] = OrderedDict()

    def many(self, ids: Sequence[int]) -> dict[int, Details]:
        """Details by id; ids that are not in the index are left out."""
        with self._lock:
            found = {i: self._kept[i] for i in ids if i in self._kept}
        missing = [i for i in ids if i not in found]
        if missing and self._seen is not None:
            columns = ("path", "width", "height", "sha256", "thumbnail")
            for row in self._seen.rows(missing, columns).to_pylist():
                found[row["id"]] = Details(row["id"], *(row[name] for name in columns))
        with self._lock:
            for number, details in found.items():
                self._kept[number] = details
                self._kept.move_to_end(number)
            while len(self._kept) > _KEPT_IN_MEMORY:
                self._kept.popitem(last=False)
        return found

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
