"""Small icon packages made on the spot."""

import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path

from marquery.datasets.openlogos.fetch import integrity_of
from marquery.datasets.openlogos.sources import Namespace, Source

DISC = '<circle cx="12" cy="12" r="9" fill="{}"/>'
BOX = '<path fill="{}" d="M3 3h18v18H3z"/>'


def make_source(
    folder: Path,
    name: str = "simple-icons",
    bodies: dict[str, str] | None = None,
    *,
    namespace: Namespace = "brand",
    aliases: dict[str, dict[str, str]] | None = None,
    prefix: str = "",
    version: str = "1.0.0",
    categories: dict[str, list[str]] | None = None,
    **wider: object,
) -> Source:
    """Write a tarball as npm would, and return the source that pins it; ``wider`` are fields of
    edition 2.
    """
    icons = {n: {"body": b} for n, b in (bodies or {"acme": BOX.format("currentColor")}).items()}
    content = {"prefix": name, "icons": icons, "width": 24, "height": 24, "aliases": aliases or {}}
    members = {"package/icons.json": json.dumps(content)}
    if categories is not None:
        members["package/metadata.json"] = json.dumps({"categories": categories})
    source = Source(
        name=name,
        version=version,
        integrity=_write(folder / f"iconify-json-{name}-{version}.tgz", members),
        namespace=namespace,
        prefix=prefix,
        title=name.title(),
        author="Somebody",
        author_url="https://example.org/author",
        licence="CC0-1.0",
        licence_url="https://example.org/licence",
    )
    return replace(source, **wider)


def make_svg_source(folder: Path, name: str, drawings: dict[str, str], **wider: object) -> Source:
    """The same for a package that holds an SVG file for each drawing."""
    source = replace(make_source(folder, name, **wider), edition=2, npm=name, folder="icons")
    members = {f"package/icons/{stem}.svg": _SVG.format(body) for stem, body in drawings.items()}
    members |= {"package/README.md": "Icons", "package/other/nothing.svg": "<svg/>"}
    return replace(source, integrity=_write(folder / source.tarball, members))


_SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><title>Its name</title>{}</svg>'


def _write(path: Path, members: dict[str, str]) -> str:
    """A tarball of text files; its integrity string."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as archive:
        for name, text in members.items():
            data = text.encode()
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return integrity_of(path.read_bytes())
