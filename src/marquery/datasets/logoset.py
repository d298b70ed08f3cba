"""A set of logo files with groups, whatever it came from: the open benchmark, METU or a plain
folder.
"""

import difflib
import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from marquery.arrays import StrArray
from marquery.datasets.labels import LABELS_FILE, read_labels
from marquery.datasets.metu import metu_layout, metu_rows
from marquery.errors import MarqueryError, NotBuiltError
from marquery.files import open_regular
from marquery.images import find_images
from marquery.labels import group_name
from marquery.names import path_to_text, text_to_path

MANIFEST = "manifest.parquet"
SPLITS = ("train", "val", "test")


@dataclass(frozen=True, eq=False)
class LogoSet:
    """Logo files below one folder, in a fixed order, with what is known of each.

    Attributes:
        root: folder that the paths are relative to.
        paths: (N,) relative POSIX paths, as text: see :mod:`marquery.names`.
        groups: (N,) str; logos with one group are similar, ``""`` is unlabelled.
        namespaces: (N,) str; ``"brand"`` or ``"crypto"``, on METU ``"training groups"`` or
            ``"unseen groups"`` for test queries; ``""`` where there are none. Figures are given for
            each apart.
        collections: (N,) str; where a logo was drawn, ``""`` where unknown.
        splits: (N,) str; ``train``, ``val`` or ``test``, ``""`` where there are none. On METU a
            file may stand in two splits, as a logo of each.
        digests: (N,) str; sha256 of the decoded pixels, ``""`` where it was never taken.
    """

    root: Path
    paths: tuple[str, ...]
    groups: StrArray
    namespaces: StrArray
    collections: StrArray
    splits: StrArray
    digests: StrArray = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("groups", "namespaces", "collections", "splits", "digests"):
            if len(getattr(self, name)) != len(self.paths):
                raise ValueError(f"{name} has not one entry for each of {len(self.paths)} paths")

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def has_splits(self) -> bool:
        """Whether the set comes with splits of its own."""
        return bool((self.splits != "").any())

    @property
    def classes(self) -> StrArray:
        """(N,) str; the group, or a name of its own for each logo that has none."""
        alone = _strings([f"unlabelled:{path}" for path in self.paths])
        return np.where(self.groups == "", alone, self.groups)

    def files(self) -> list[Path]:
        """Absolute or root-relative paths of the N files, in order."""
        return [self.root / text_to_path(path) for path in self.paths]

    def subset(self, selection: npt.ArrayLike) -> "LogoSet":
        """The logos chosen by a boolean mask of shape (N,) or by integer indices, in that order."""
        chosen = np.asarray(selection)
        if chosen.dtype == np.bool_:
            if chosen.shape != (len(self),):
                raise ValueError(f"the mask has shape {chosen.shape}, not ({len(self)},)")
            chosen = np.flatnonzero(chosen)
        chosen = chosen.astype(np.intp)
        return LogoSet(
            root=self.root,
            paths=tuple(self.paths[i] for i in chosen),
            groups=self.groups[chosen],
            namespaces=self.namespaces[chosen],
            collections=self.collections[chosen],
            splits=self.splits[chosen],
            digests=self.digests[chosen],
        )

    def split(self, name: str) -> "LogoSet":
        """The logos of one split, ``train``, ``val`` or ``test``.

        Raises:
            MarqueryError: there is no such split, or the set has none.
        """
        mask = self.splits == name
        if not name or not mask.any():
            known = ", ".join(s for s in SPLITS if (self.splits == s).any()) or "none"
            raise MarqueryError(f"{self.root} has no split named {name!r}; it has: {known}")
        return self.subset(mask)

    def fingerprint(self) -> str:
        """Sixty-four hex digits over paths, groups, splits and pixels, in order.

        Where the pixels were never digested (a plain folder), the files' bytes are read instead.
        """
        total = hashlib.sha256()
        for i, path in enumerate(self.paths):
            digest = str(self.digests[i]) or _file_digest(self.root / path)
            row = (path, str(self.groups[i]), str(self.splits[i]), digest)
            total.update("\0".join(row).encode() + b"\n")
        return total.hexdigest()

    @classmethod
    def from_manifest(cls, folder: str | os.PathLike[str]) -> "LogoSet":
        """Read ``manifest.parquet``, as :func:`~marquery.datasets.build_openlogos` writes it.

        Raises:
            MarqueryError: the manifest is missing, unreadable or lacks a column.
        """
        root = Path(folder)
        columns = ["path", "brand", "namespace", "collection", "split", "sha256"]
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(root / MANIFEST) as file:  # leaves out columns that it lacks
                table: dict[str, list[str]] = file.read(columns=columns).to_pydict()
        except (OSError, ValueError) as error:
            raise NotBuiltError(
                "openlogos", root, f"{root / MANIFEST} cannot be read; build the benchmark again"
            ) from error
        if sorted(table) != sorted(columns):
            raise NotBuiltError(
                "openlogos", root, f"{root / MANIFEST} lacks columns; build the benchmark again"
            )
        return cls(
            root=root,
            paths=tuple(table["path"]),
            groups=_strings(list(map(group_name, table["brand"]))),
            namespaces=_strings(table["namespace"]),
            collections=_strings(table["collection"]),
            splits=_strings(table["split"]),
            digests=_strings(table["sha256"]),
        )

    @classmethod
    def from_folder(cls, folder: str | os.PathLike[str], *, subfolders: bool = True) -> "LogoSet":
        """All images below a folder. There are no splits.

        Groups are those of ``labels.csv`` in the folder, if it is there
        (:mod:`marquery.datasets.labels`). If not, the name of the sub-folder is the group, and
        images directly in the folder are unlabelled.

        Args:
            folder: read recursively.
            subfolders: if False, the names of sub-folders mean nothing.

        Raises:
            MarqueryError: the folder is missing or holds no images, or its labels cannot be read.
        """
        root = _existing(folder)
        images = find_images(root)
        paths = tuple(path_to_text(file.relative_to(root).as_posix()) for file in images)
        if not paths:
            raise _not_there(root, f"{root} holds no images")
        nothing = _strings([""] * len(paths))
        if (root / LABELS_FILE).is_file():
            groups = read_labels(root, paths)
        else:
            groups = [group_name(path.rpartition("/")[0]) if subfolders else "" for path in paths]
        return cls(
            root=root,
            paths=paths,
            groups=_strings(groups),
            namespaces=nothing,
            collections=nothing,
            splits=nothing,
            digests=nothing,
        )

    @classmethod
    def from_metu(cls, folder: str | os.PathLike[str]) -> "LogoSet":
        """Read a METU folder of either layout, with the splits of
        :func:`marquery.datasets.metu.metu_rows`.

        ``namespaces`` holds the stratum of test queries.

        Raises:
            MarqueryError: the folder is missing, or its lists cannot be used.
        """
        root = _existing(folder)
        rows = metu_rows(root)
        nothing = _strings([""] * len(rows))
        return cls(
            root=root,
            paths=tuple(row.path for row in rows),
            groups=_strings([row.group for row in rows]),
            namespaces=_strings([row.stratum for row in rows]),
            collections=nothing,
            splits=_strings([row.split for row in rows]),
            digests=nothing,
        )

    @staticmethod
    def check(folder: str | os.PathLike[str]) -> Path:
        """Refuse what cannot be a data set, at a glance.

        Returns:
            The folder.

        Raises:
            MarqueryError: it is missing or holds no file, or a benchmark's build was not finished.
        """
        root = _existing(folder)
        if not (root / MANIFEST).is_file() and (root / "DATASET.json").is_file():
            raise NotBuiltError(
                "openlogos", root, f"the build in {root} was not finished; continue it"
            )
        if not _holds_a_file(root):
            raise _not_there(root, f"{root} holds no images")
        return root

    @classmethod
    def open(cls, folder: str | os.PathLike[str], *, subfolders: bool = True) -> "LogoSet":
        """A built benchmark if there is a manifest, METU in either layout, otherwise a plain
        folder.

        Args:
            folder: where it is.
            subfolders: see :meth:`from_folder`.

        Raises:
            MarqueryError: the folder is missing, holds no images, or its manifest or lists are
                broken.
        """
        root = cls.check(folder)
        if (root / MANIFEST).is_file():
            return cls.from_manifest(root)
        if metu_layout(root):
            return cls.from_metu(root)
        return cls.from_folder(root, subfolders=subfolders)


def _holds_a_file(root: Path) -> bool:
    return any(files for _, _, files in os.walk(root, followlinks=True))


def _existing(folder: str | os.PathLike[str]) -> Path:
    root = Path(folder)
    if not root.is_dir():
        raise _not_there(root, f"{root}: no such folder")
    return root


def _not_there(root: Path, problem: str) -> MarqueryError:
    """What to do about a folder without logos. Only one that is called as the benchmark is meant to
    be built; any other name is mistyped, or of a data set that cannot be built.
    """
    if root.name == "openlogos":
        return NotBuiltError(
            "openlogos", root, f"{problem}; name a data set, or build the open benchmark there"
        )
    beside = root.parent
    missing = not root.exists() and beside.is_dir()
    names = [p.name for p in beside.iterdir() if p.is_dir()] if missing else []
    near = difflib.get_close_matches(root.name, names, n=1, cutoff=0.8)
    if near:
        return MarqueryError(f"{problem}; did you mean {beside / near[0]}?")
    return MarqueryError(
        f"{problem}; name a folder of logos, METU's, or one that the open benchmark was built in"
    )


def _strings(values: Any) -> StrArray:
    return np.asarray(["" if value is None else value for value in values], dtype=np.str_)


def _file_digest(path: Path) -> str:
    with open_regular(text_to_path(path)) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
