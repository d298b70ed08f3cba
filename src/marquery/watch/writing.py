"""The conflicts as CSV and as one HTML page."""

import base64
from itertools import groupby
from pathlib import Path
from typing import Any

from marquery.errors import UsageError
from marquery.files import write_atomically
from marquery.spreadsheet import to_safe_csv
from marquery.templates import make_environment
from marquery.watch.memory import Memory
from marquery.watch.watching import Conflict, Watched

CSV, HTML = "conflicts.csv", "conflicts.html"


def check_out(out: Path) -> None:
    """Refuse a folder that already holds a report, which would be lost, or anything else.

    Raises:
        UsageError: the folder is not empty, or is a file.
    """
    if out.exists() and not out.is_dir():
        raise UsageError("out", f"{out} is a file", "name a folder")
    if (out / CSV).exists() or (out / HTML).exists():
        raise UsageError("out", f"{out} holds a report already", "name another folder")
    if out.is_dir() and any(out.iterdir()):
        raise UsageError("out", f"{out} holds other files", "name a new folder")


def write_reports(watched: Watched, out: Path) -> tuple[Path, Path]:
    """Write ``conflicts.csv`` and ``conflicts.html``, then remember the conflicts as reported.

    In this order, so that a run that is killed reports them again, never not at all.

    Raises:
        UsageError: the folder holds a report already.
        MarqueryError: the place cannot be written, or the memory.
    """
    check_out(out)
    table, page = to_csv(watched), to_html(watched)
    write_atomically(out / CSV, lambda path: path.write_bytes(table))
    write_atomically(out / HTML, lambda path: path.write_text(page, encoding="utf-8"))
    if watched.conflicts:
        memory = Memory(watched.index.path)
        memory.remember([conflict.pair for conflict in watched.conflicts], watched.date)
    return out / CSV, out / HTML


def to_csv(watched: Watched) -> bytes:
    """One line a conflict, UTF-8 with a byte order mark, so that spreadsheets recognise the
    encoding.

    Columns: new, new_sha256, mark, mark_sha256, mark_words, score, probability, first_reported, and
    ``mark_NAME`` of each metadata column, lists joined by ``;``. Text that a spreadsheet would run
    as a formula begins with ``'``.
    """
    names = list(dict.fromkeys(n for c in watched.conflicts for n in c.match.metadata))
    head = ["new", "new_sha256", "mark", "mark_sha256", "mark_words", "score", "probability"]
    lines: list[list[Any]] = [[*head, "first_reported", *(f"mark_{name}" for name in names)]]
    for conflict in watched.conflicts:
        match = conflict.match
        lines.append(
            [conflict.logo.path, conflict.logo.sha256, match.path, conflict.sha256, match.words]
            + [match.score, match.probability]
            + [None if conflict.first is None else conflict.first.isoformat()]
            + [match.metadata.get(name) for name in names]
        )
    return to_safe_csv(lines)


def to_html(watched: Watched) -> str:
    """A page with pictures of both sides of each conflict; nothing in it is fetched.

    Raises:
        UsageError: Jinja is not installed.
    """
    environment = make_environment("marquery.watch", "search")
    environment.filters["webp"] = _address
    environment.filters["name"] = lambda path: Path(path).name
    environment.filters["folder"] = lambda path: str(Path(path).parent)
    environment.filters["cell"] = lambda value: (
        "; ".join(value) if isinstance(value, list) else str(value)
    )
    return environment.get_template("conflicts.html.j2").render(
        watched=watched,
        groups=[list(group) for _, group in groupby(watched.conflicts, _logo_path)],
        version=watched.index.version,
        place=watched.index.lasting_name,
        fingerprint=watched.index.status()["fingerprint"],
    )


def _logo_path(conflict: Conflict) -> str:
    return conflict.logo.path


def _address(picture: bytes) -> str:
    return "data:image/webp;base64," + base64.b64encode(picture).decode()
