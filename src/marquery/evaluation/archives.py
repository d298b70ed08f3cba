"""Embeddings with their groups in one ``.npz`` file, as ``numpy.savez`` writes it."""

import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import numpy as np

from marquery.arrays import AnyArray
from marquery.errors import MarqueryError

#: What each array may be called, here and in other programs.
_EMBEDDINGS = ("embeddings", "embedding", "vectors", "features", "feats", "X", "x", "arr_0")
_GROUPS = ("groups", "group", "labels", "label", "targets", "y", "arr_1")
_PATHS = ("paths", "path", "files", "filenames", "names")


class Archive(NamedTuple):
    """What an archive holds.

    Attributes:
        vectors: (N, D) numbers.
        groups: (N,) as stored; empty where there are none.
        paths: (N,) as stored; empty where there are none.
    """

    vectors: AnyArray
    groups: list[object]
    paths: list[object]


def read_archive(path: Path) -> Archive:
    """Read a ``.npz`` file: a matrix of embeddings, a group and a file's name for each row.

    Raises:
        MarqueryError: not readable, no matrix in it, or arrays of other lengths.
    """
    if not zipfile.is_zipfile(path):
        raise MarqueryError(
            f"{path}: not a readable .npz file (no archive); save it again with numpy.savez"
        )
    try:
        with np.load(path, allow_pickle=False) as opened:
            names = list(opened)
            vectors = _matrix(path, {name: opened[name] for name in _candidates(names)})
            groups, paths = (_column(opened, which) for which in (_GROUPS, _PATHS))
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        if "allow_pickle" in str(error):
            raise MarqueryError(
                f"{path}: holds Python objects, which are not read; save the groups as an array "
                "of strings or of integers"
            ) from error
        raise MarqueryError(
            f"{path}: not a readable .npz file ({error}); save it again with numpy.savez"
        ) from error
    for name, values in (("groups", groups), ("paths", paths)):
        if values and len(values) != len(vectors):
            raise MarqueryError(
                f"{path}: {len(values):,} {name} for the {len(vectors):,} embeddings; "
                "write one for each"
            )
    return Archive(vectors, groups, paths)


def _candidates(names: Collection[str]) -> list[str]:
    """The arrays that may be the embeddings: by name, else all that have no other meaning."""
    known = [name for name in _EMBEDDINGS if name in names]
    return known[:1] or [name for name in names if name not in (*_GROUPS, *_PATHS)]


def _matrix(path: Path, arrays: dict[str, AnyArray]) -> AnyArray:
    found = [a for a in arrays.values() if a.ndim == 2 and a.dtype.kind in "fiu" and a.shape[1]]
    if len(found) != 1:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items()) or "nothing"
        raise MarqueryError(
            f"{path}: it is not clear which array holds the embeddings ({shapes}); "
            "call a matrix (items, dim) of numbers embeddings"
        )
    return found[0]


def _column(opened: "np.lib.npyio.NpzFile", names: Collection[str]) -> list[object]:
    name = next((name for name in names if name in opened), None)
    return [] if name is None else list(opened[name].reshape(-1).tolist())
