"""What an index tells of one logo, and of itself."""

from pathlib import Path
from typing import Any

import numpy as np

from marquery.index.metadata.filters import PREFIX
from marquery.index.metadata.types import shown_value
from marquery.index.searching import Logo, find_logo
from marquery.index.snapshot import Snapshot
from marquery.index.storage.folder import IndexFolder
from marquery.index.storage.unreadable import read_unreadable
from marquery.index.strategies.color import PALETTE
from marquery.index.strategies.palette import COLORS, to_hex
from marquery.index.strategies.words import WORDS

_FILE = ("id", "path", "width", "height", "sha256")


def read_entry(seen: Snapshot, logo: Logo, place: Path) -> dict[str, Any]:
    """What is stored of a logo, in values that JSON knows, see :meth:`LogoIndex.entry`.

    Args:
        seen: the version that holds it.
        logo: its id or path.
        place: folder of the index, to be named in an error.

    Raises:
        MarqueryError: there is no such logo.
    """
    names = (*_FILE, WORDS.name, PALETTE.name, "part_kinds", "part_boxes")
    row = _row(seen, logo, place, (*names, *(PREFIX + name for name in seen.types)))
    boxes = np.array(row["part_boxes"], np.int64).reshape(-1, 4).tolist()
    palette = np.array(row[PALETTE.name], np.float32).reshape(COLORS, 4)
    return {
        **{name: row[name] for name in _FILE},
        "words": row.get(WORDS.name),
        "register_words": seen.register_words(row["id"]),
        "colors": to_hex(palette),
        "parts": [{"kind": k, "box": b} for k, b in zip(row["part_kinds"], boxes, strict=True)],
        "metadata": {name: shown_value(row[PREFIX + name]) for name in seen.types},
    }


def read_thumbnail(seen: Snapshot, logo: Logo, place: Path) -> bytes:
    """The small picture of a logo, WebP.

    Args:
        seen: the version that holds it.
        logo: its id or path.
        place: folder of the index, to be named in an error.

    Raises:
        MarqueryError: there is no such logo.
    """
    return bytes(_row(seen, logo, place, ("thumbnail",))["thumbnail"])


def read_status(folder: IndexFolder, seen: Snapshot | None) -> dict[str, Any]:
    """What an index is and holds, see :meth:`LogoIndex.status`; every file of it is asked for its
    size.
    """
    config = folder.config
    info: dict[str, Any] = {
        "path": folder.name,
        "logos": 0 if seen is None else seen.count,
        "version": 0 if seen is None else seen.version,
        "encoder": config.encoder,
        "fingerprint": config.fingerprint,
        "dimensions": config.dim,
        "search": "exact",
        "columns": {} if seen is None else dict(seen.types),
        "skipped": {p: bad.reason for p, bad in sorted(read_unreadable(folder.path).items())},
        "bytes": sum(f.stat().st_size for f in folder.path.rglob("*") if f.is_file()),
    }
    if config.words_from is not None:
        info["words_from"] = config.words_from
    if seen is not None:
        projection = folder.projection
        info["part_dimensions"] = projection.dim
        info["part_share_kept"] = round(projection.kept, 4)
        if seen.approximate:
            info["search"] = f"approximate above {config.flat_limit} logos"
    return info


def _row(seen: Snapshot, logo: Logo, place: Path, names: tuple[str, ...]) -> dict[str, Any]:
    row: dict[str, Any] = seen.rows([find_logo(seen, logo, place)], names).to_pylist()[0]
    return row
