"""The two shapes of METU on disk: a folder with a query folder, and the paper's four lists.

As given out (Tursun, Aker, Kalkan 2017): a folder of JPEG files, the queries in a sub-folder of
their own or among the others, each named ``<instance>-<group>.jpg``. In the paper's layout
``Info_Files`` holds four tables with the columns ``class_id`` and ``path``; class 0 is unlabelled.
"""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from marquery.errors import MarqueryError
from marquery.images import EXTENSIONS
from marquery.labels import group_name
from marquery.names import path_to_text

Layout = Literal["lists", "queries"]

LIST_FOLDER = "Info_Files"
UNLABELLED_LIST = "metu_trademark_train.txt"
TRAINING_LIST = "logo_query.txt"
GALLERY_LIST = "logo_test.txt"
QUERY_LIST = "test_query_imagepaths.txt"
LISTS = (UNLABELLED_LIST, TRAINING_LIST, GALLERY_LIST, QUERY_LIST)

_QUERY_NAME = re.compile(r"\d+-(\d+)\.jpe?g", re.IGNORECASE)
# Paths of a list that are tried before it is said where its images lie.
_PROBES = 50


@dataclass(frozen=True)
class Listed:
    """Files with their groups, ``""`` = unlabelled; paths are relative to the folder, POSIX."""

    paths: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.paths)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """(path, group) of each file."""
        return zip(self.paths, self.groups, strict=True)


@dataclass(frozen=True)
class MetuFiles:
    """What a METU folder says of its files.

    Attributes:
        layout: ``lists`` (the paper's) or ``queries`` (as given out).
        queries: the test queries.
        gallery: what is ranked beside them.
        training: logos of the groups that may be trained on.
        unlabelled: logos that serve training as negatives.
        missing: lists that are not there.
    """

    layout: Layout
    queries: Listed
    gallery: Listed
    training: Listed
    unlabelled: Listed
    missing: tuple[str, ...] = ()


def metu_layout(root: Path) -> Layout | None:
    """Which of the two layouts a folder has, or ``None`` for any other folder."""
    if any((root / LIST_FOLDER / name).is_file() for name in LISTS):
        return "lists"
    folders, files = _names(root)
    query_folder = _query_folder(folders)
    if query_folder is not None:
        return "queries" if _has_query_groups(_names(root / query_folder)[1]) else None
    return "queries" if not folders and _has_query_groups(files) else None


def read_metu(root: Path) -> MetuFiles:
    """The files of a folder for which :func:`metu_layout` names a layout.

    Raises:
        MarqueryError: a list is not a table of the right columns, names a file outside the folder,
            or there are neither both lists of the test nor both of the training.
    """
    return _read_lists(root) if metu_layout(root) == "lists" else _read_folder(root)


def rank_by_hash(groups: Iterable[str]) -> list[str]:
    """Group names in an order that depends on the names alone and follows no numbering."""
    return sorted(set(groups), key=lambda g: hashlib.sha256(f"metu/{g}".encode()).hexdigest())


def _read_folder(root: Path) -> MetuFiles:
    """All labelled files are test queries; half of their groups may be trained on, chosen by
    hash.
    """
    query_folder = _query_folder(_names(root)[0])
    queries: list[tuple[str, str]] = []
    pool: list[str] = []
    for path in _walk(root):
        folder, _, name = path.rpartition("/")
        match = _QUERY_NAME.fullmatch(name)
        if match and folder == (query_folder or ""):
            queries.append((path, str(int(match[1]))))
        else:
            pool.append(path)
    groups = rank_by_hash(group for _, group in queries)
    chosen = set(groups[: len(groups) // 2])
    unlabelled = Listed(tuple(pool), ("",) * len(pool))
    return MetuFiles(
        layout="queries",
        queries=_listed(queries),
        gallery=unlabelled,
        training=_listed([(path, group) for path, group in queries if group in chosen]),
        unlabelled=unlabelled,
    )


def _read_lists(root: Path) -> MetuFiles:
    present = {name for name in LISTS if (root / LIST_FOLDER / name).is_file()}
    for pair in ((QUERY_LIST, GALLERY_LIST), (TRAINING_LIST, UNLABELLED_LIST)):
        if present.issuperset(pair):
            break
    else:
        raise MarqueryError(
            f"{root / LIST_FOLDER}: needs {QUERY_LIST} and {GALLERY_LIST} for evaluation, or "
            f"{TRAINING_LIST} and {UNLABELLED_LIST} for training, and has "
            f"{', '.join(sorted(present))}; add what is missing"
        )
    lists = {name: _read_list(root, name) if name in present else Listed() for name in LISTS}
    return MetuFiles(
        layout="lists",
        queries=lists[QUERY_LIST],
        gallery=lists[GALLERY_LIST],
        training=lists[TRAINING_LIST],
        unlabelled=lists[UNLABELLED_LIST],
        missing=tuple(name for name in LISTS if name not in present),
    )


def _read_list(root: Path, name: str) -> Listed:
    path = root / LIST_FOLDER / name
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise MarqueryError(
            f"{path}: cannot be read as text ({error}); save it as UTF-8"
        ) from error
    header = lines[0].split("\t") if lines else []
    try:
        class_column, path_column = header.index("class_id"), header.index("path")
    except ValueError:
        raise MarqueryError(
            f"{path}: the first line has to name the tab-separated columns class_id and path; "
            "add them"
        ) from None
    rows: list[tuple[str, str]] = []
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) != len(header):
            raise MarqueryError(
                f"{path}: line {number} has {len(cells)} columns, the first line {len(header)}; "
                "separate as many by tabs"
            )
        file = cells[path_column].strip().replace("\\", "/").removeprefix("./")
        if not file or file.startswith("/") or ".." in file.split("/") or ":" in file[:2]:
            raise MarqueryError(
                f"{path}: line {number} names {file!r}; paths are relative to the folder of images"
            )
        rows.append((file, _group(cells[class_column].strip())))
    prefix = _image_folder(root, [file for file, _ in rows[:_PROBES]])
    return _listed([(prefix + file, group) for file, group in rows])


def _group(class_id: str) -> str:
    """A class number as a group's name; class 0 is no group, nor is what is none in any table."""
    number = str(int(class_id)) if class_id.isdecimal() else class_id
    return "" if number == "0" else group_name(number)


def _image_folder(root: Path, files: Sequence[str]) -> str:
    """``images/`` or nothing: the public code looks for training logos in another place than for
    the rest.
    """
    beside = any((root / file).is_file() for file in files)
    below = any((root / "images" / file).is_file() for file in files)
    return "" if beside and not below else "images/"


def _listed(pairs: Sequence[tuple[str, str]]) -> Listed:
    return Listed(tuple(path for path, _ in pairs), tuple(group for _, group in pairs))


def _names(folder: Path) -> tuple[list[str], list[str]]:
    """Names of the sub-folders and of the files of a folder, hidden ones left out."""
    folders: list[str] = []
    files: list[str] = []
    with os.scandir(folder) as found:
        for entry in found:
            if not entry.name.startswith("."):
                (folders if entry.is_dir() else files).append(entry.name)
    return sorted(folders), files


def _query_folder(folders: Sequence[str]) -> str | None:
    """The sub-folder that holds the queries, by its name: ``queries``, ``query``, …"""
    return next((name for name in folders if name.lower().startswith("quer")), None)


def _has_query_groups(names: Iterable[str]) -> bool:
    """Whether file names tell of groups of similar logos: at least two, of two or more files."""
    counts = Counter(match[1] for name in names if (match := _QUERY_NAME.fullmatch(name)))
    return sum(count > 1 for count in counts.values()) > 1


def _walk(root: Path) -> list[str]:
    """Relative POSIX paths of all image files below a folder, sorted; close to a million of
    them.
    """
    found: list[str] = []
    for directory, names, files in os.walk(root):
        names[:] = [name for name in names if not name.startswith(".")]
        here = os.path.relpath(directory, root).replace(os.sep, "/") + "/"
        here = "" if here == "./" else here
        found.extend(
            path_to_text(here + file)
            for file in files
            if not file.startswith(".") and file[file.rfind(".") :].lower() in EXTENSIONS
        )
    return sorted(found)
