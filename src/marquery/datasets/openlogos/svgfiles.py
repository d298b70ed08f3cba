"""Reading a package that holds each drawing as an SVG file of its own."""

import re
import tarfile
from pathlib import Path, PurePosixPath

from marquery.datasets.openlogos.iconify import Collection, Icon
from marquery.datasets.openlogos.sources import Source
from marquery.errors import MarqueryError

_TITLE = re.compile(r"<title>.*?</title>", re.S)


def read_svg_files(tarball: Path, source: Source) -> Collection:
    """Icons of one npm tarball, sorted by name: the SVG files right in ``source.folder``.

    Raises:
        MarqueryError: the tarball holds no readable SVG files there.
    """
    folder = f"package/{source.folder}"
    try:
        drawings = {}
        with tarfile.open(tarball) as archive:
            for member in archive:
                path = PurePosixPath(member.name)
                if str(path.parent) == folder and path.suffix == ".svg":
                    file = archive.extractfile(member)
                    if file is not None:
                        # The title names the brand; it is no part of the drawing.
                        text = file.read().decode("utf-8")
                        drawings[_name(path.stem)] = _TITLE.sub("", text)
        if not drawings:
            raise KeyError(folder)
    except (OSError, tarfile.TarError, KeyError, ValueError) as error:
        raise MarqueryError(
            f"{tarball}: no readable SVG files ({error}); remove the file and build again"
        ) from error
    icons = tuple(Icon(source.name, name, drawings[name]) for name in sorted(drawings))
    return Collection(source, icons, {})


def _name(stem: str) -> str:
    """A file's name as Iconify would write it."""
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")
