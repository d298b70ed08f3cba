"""``labels.csv``: which logos of a folder are alike, said by hand.

A CSV file with a header line and the columns ``path`` (relative to the folder) and ``group``;
others are passed over. Logos with one group are alike; those that are not named, or have no group
(nothing, ``-1``, ``null`` or ``nan``), are unlabelled. A name that is no UTF-8 is written as
:func:`marquery.names.path_to_text` does.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

from marquery.datasets.naming import name_some
from marquery.errors import MarqueryError
from marquery.labels import group_name

LABELS_FILE = "labels.csv"


def read_labels(root: Path, paths: Sequence[str]) -> list[str]:
    """Groups of the files of a folder, "" where none is given.

    Args:
        root: the folder with ``labels.csv``.
        paths: its images, relative POSIX paths, as text.

    Raises:
        MarqueryError: the file cannot be read, lacks a column, or names a file twice or one that is
            not there.
    """
    file = root / LABELS_FILE
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            names = reader.fieldnames or ()
            if not {"path", "group"} <= set(names):
                raise MarqueryError(
                    f"{file}: needs the columns path and group in its first line; add them"
                )
            rows = [(row["path"] or "", group_name((row["group"] or "").strip())) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MarqueryError(
            f"{file}: cannot be read as UTF-8 CSV ({error}); save it as that"
        ) from error
    there = set(paths)
    groups: dict[str, str] = {}
    for path, group in rows:
        # Spaces around a path are the table's, unless a file is called so.
        name = path if path in there else Path(path.strip()).as_posix()
        if name in groups:
            raise MarqueryError(f"{file}: names {path} twice; keep one line of each logo")
        groups[name] = group
    lost = set(groups) - there
    if lost:
        raise MarqueryError(
            f"{file}: no such image in {root}: {name_some(lost)}; paths are relative to the folder"
        )
    return [groups.get(path, "") for path in paths]
