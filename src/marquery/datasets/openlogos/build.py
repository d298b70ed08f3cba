"""``build_openlogos``: fetch, draw, group, split and write the manifest; killed and restarted at
will.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from marquery.cores import usable_cores
from marquery.datasets.logoset import MANIFEST
from marquery.datasets.openlogos.brands import group_logos
from marquery.datasets.openlogos.card import datacard
from marquery.datasets.openlogos.copies import without_copied_paths, without_near_copies
from marquery.datasets.openlogos.disk import disk_errors
from marquery.datasets.openlogos.draw import draw_icons
from marquery.datasets.openlogos.fetch import obtain_tarball
from marquery.datasets.openlogos.iconify import Collection, Icon, read_collection
from marquery.datasets.openlogos.manifest import make_rows, write_manifest
from marquery.datasets.openlogos.render import RENDER_VERSION, Rendered, already_rendered
from marquery.datasets.openlogos.sources import Source, load_sources
from marquery.datasets.openlogos.svgfiles import read_svg_files
from marquery.datasets.openlogos.wider import without_left_out
from marquery.errors import MarqueryError, UsageError
from marquery.files import written_whole
from marquery.progress import progress_bar

DESCRIPTION = "DATASET.json"


@dataclass(frozen=True)
class BuildReport:
    """What a build did.

    Attributes:
        root: folder of the data set.
        logos: logos in the manifest.
        groups: brands with at least two logos.
        rendered: logos drawn in this run; the others were there already.
        dropped: icons of which nothing could be seen on any backdrop.
        copies: drawings left out of the manifest as copies of another one of their brand.
        seconds: wall time.
    """

    root: Path
    logos: int
    groups: int
    rendered: int
    dropped: int
    copies: int
    seconds: float


def build_openlogos(
    out: str | os.PathLike[str],
    *,
    source_dir: str | os.PathLike[str] | None = None,
    edition: int = 1,
    size: int = 256,
    jobs: int | None = None,
    progress: bool | None = None,
) -> BuildReport:
    """Build the open benchmark in the folder ``out``; a killed build is continued by the same call.

    Args:
        out: folder to write; it is made if missing.
        source_dir: folder with the tarballs, already fetched; without it npm fetches them into
            ``out/tarballs``.
        edition: 1, the collections that published figures stand on, or 2, which adds logos to them.
        size: longest side of the pictures, in pixels, 16 to 4096.
        jobs: processes that draw; as many as there are cores if not given.
        progress: show a progress bar on stderr; if not given, only on a terminal.

    Returns:
        Counts and time; the same inputs give the same pixels and the same manifest.

    Raises:
        UsageError: ``edition``, ``size`` or ``jobs`` is out of range.
        MarqueryError: a tarball cannot be had or is not the pinned one, or the disk is full.
    """
    if not 16 <= size <= 4096:
        raise UsageError("size", f"is {size}", "give 16 to 4096 pixels")
    if jobs is not None and jobs < 1:
        raise UsageError("jobs", f"is {jobs}", "give 1 or more")
    sources = load_sources(edition)
    folder = None if source_dir is None else Path(source_dir)
    if folder is not None and not folder.is_dir():
        raise MarqueryError(f"{folder}: no such folder; name the folder of fetched tarballs")
    return build_from(sources, Path(out), folder, size, jobs or usable_cores(), progress)


def build_from(
    sources: Sequence[Source],
    root: Path,
    source_dir: Path | None,
    size: int,
    jobs: int,
    progress: bool | None,
) -> BuildReport:
    """:func:`build_openlogos` for any collections.

    Args:
        sources: the collections.
        root: folder that is written.
        source_dir: folder of tarballs that were fetched before; None: fetch them.
        size: pixels of the longest side of each picture.
        jobs: processes.
        progress: show a bar; None: if stderr is a terminal.

    Raises:
        MarqueryError: see :func:`build_openlogos`.
    """
    began = time.monotonic()
    with disk_errors(root):
        if (root / "logos").exists() and not (root / DESCRIPTION).is_file():
            raise MarqueryError(
                f"{root}: there is a folder 'logos' that this command did not write; name a new "
                "folder"
            )
        root.mkdir(parents=True, exist_ok=True)
        collections = _collect(sources, root, source_dir, progress)
        brands = group_logos(collections)
        found = sum(len(collection.icons) for collection in collections)
        collections = without_copied_paths(collections, brands)
        icons = [icon for collection in collections for icon in collection.icons]
        drawn: dict[str, Rendered | None] = {
            icon.id: known for icon in icons if (known := already_rendered(icon, root, size))
        }
        missing = [icon for icon in icons if icon.id not in drawn]
        if any((root / icon.path).exists() for icon in missing):
            # The pictures are about to be replaced: the old manifest would not fit them.
            (root / MANIFEST).unlink(missing_ok=True)
        _write(root / DESCRIPTION, _description(sources, size))
        fresh = draw_icons(missing, root, size, jobs, progress)
        drawn.update(fresh)
        order = {source.name: place for place, source in enumerate(sources)}
        rows = make_rows(collections, brands, drawn)
        rows = without_near_copies(rows, order, root, jobs)
        os.sync()  # the pictures, before the manifest that says that they are there
        write_manifest(root / MANIFEST, rows)
        _remove_strangers(root, icons)
        dropped = [icon.id for icon in icons if drawn[icon.id] is None]
        copies = found - len(dropped) - len(rows)
        _write(root / "DATACARD.md", datacard(sources, rows, dropped, copies, size))
    return BuildReport(
        root=root,
        logos=len(rows),
        groups=sum(n > 1 for n in Counter(row.brand for row in rows).values()),
        rendered=sum(one is not None for one in fresh.values()),
        dropped=len(dropped),
        copies=copies,
        seconds=time.monotonic() - began,
    )


def _collect(
    sources: Sequence[Source], root: Path, source_dir: Path | None, shown: bool | None
) -> list[Collection]:
    collections = []
    with progress_bar("fetching", len(sources), unit="collections", shown=shown) as advance:
        for source in sources:
            tarball = obtain_tarball(source, root / "tarballs", source_dir)
            read = read_svg_files if source.folder else read_collection
            collections.append(without_left_out(read(tarball, source)))
            advance()
    return collections


def _remove_strangers(root: Path, icons: Sequence[Icon]) -> None:
    """Remove pictures of earlier pins, and scratch files of a killed run."""
    wanted = {icon.path for icon in icons}
    for file in (root / "logos").glob("*/*.png"):
        if file.relative_to(root).as_posix() not in wanted:
            file.unlink()


def _description(sources: Sequence[Source], size: int) -> str:
    content = {
        "name": "openlogos",
        "edition": max((source.edition for source in sources), default=1),
        "size": size,
        "render_version": RENDER_VERSION,
        "packages": {source.spec: source.integrity for source in sources},
    }
    return json.dumps(content, indent=1) + "\n"


def _write(path: Path, text: str) -> None:
    with written_whole(path) as scratch:
        scratch.write_text(text, encoding="utf-8")
