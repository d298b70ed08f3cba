"""``build_fonts``: fetch the pinned typefaces, convert them, and write the table of faces."""

import os
import shutil
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from marquery.augment.lettering.typefaces import write_faces
from marquery.cores import usable_cores
from marquery.datasets.fonts.convert import convert_families, converted
from marquery.datasets.fonts.families import Family, load_families
from marquery.datasets.openlogos.disk import disk_errors
from marquery.datasets.openlogos.draw import in_parallel
from marquery.datasets.openlogos.fetch import obtain_tarball
from marquery.errors import MarqueryError, UsageError
from marquery.progress import progress_bar

# npm clients at a time.
_CLIENTS = 4


@dataclass(frozen=True)
class FontsReport:
    """What a build did.

    Attributes:
        root: folder of the typefaces.
        families: packages.
        faces: font files, each of one script and weight.
        megabytes: of the font files.
        seconds: wall time.
    """

    root: Path
    families: int
    faces: int
    megabytes: float
    seconds: float


def build_fonts(
    out: str | os.PathLike[str],
    *,
    source_dir: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    progress: bool | None = None,
) -> FontsReport:
    """Fetch open typefaces into a folder; a killed build is continued by the same call.

    Args:
        out: folder to write; it is made if missing.
        source_dir: folder with the packages, already fetched; without it npm fetches them, and they
            are removed when they are converted.
        jobs: processes that convert; as many as there are cores if not given.
        progress: show progress bars on stderr; if not given, only on a terminal.

    Raises:
        UsageError: ``jobs`` is out of range.
        MarqueryError: a package cannot be had or is not the pinned one, or the disk is full.
    """
    if jobs is not None and jobs < 1:
        raise UsageError("jobs", f"is {jobs}", "give 1 or more")
    folder = None if source_dir is None else Path(source_dir)
    if folder is not None and not folder.is_dir():
        raise MarqueryError(f"{folder}: no such folder; name the folder of fetched packages")
    return fonts_from(load_families(), Path(out), folder, jobs or usable_cores(), progress)


def fonts_from(
    families: Sequence[Family],
    root: Path,
    source_dir: Path | None,
    jobs: int,
    progress: bool | None,
) -> FontsReport:
    """:func:`build_fonts` for any packages.

    Args:
        families: the packages.
        root: folder that is written.
        source_dir: folder of packages that were fetched before; None: fetch them.
        jobs: processes.
        progress: show bars; None: if stderr is a terminal.

    Raises:
        MarqueryError: see :func:`build_fonts`.
    """
    began = time.monotonic()
    tarballs = source_dir or root / "tarballs"
    with disk_errors(root):
        root.mkdir(parents=True, exist_ok=True)
        wanted = [family for family in families if converted(family, root) is None]
        with progress_bar("fetching", len(wanted), unit="typefaces", shown=progress) as advance:

            def obtain(family: Family) -> None:
                obtain_tarball(family, tarballs, source_dir)
                advance(1)

            with ThreadPoolExecutor(_CLIENTS) as clients:
                list(clients.map(obtain, wanted))
        found = in_parallel(
            "converting", convert_families, families, jobs, progress, root, tarballs
        )
        order = {family.name: place for place, family in enumerate(families)}
        faces = sorted(found, key=lambda f: (order[f.file.split("/")[1]], f.file))
        write_faces(root, faces)
        if source_dir is None:
            shutil.rmtree(tarballs, ignore_errors=True)
        size = sum((root / face.file).stat().st_size for face in faces)
    return FontsReport(root, len(families), len(faces), size / 1e6, time.monotonic() - began)
