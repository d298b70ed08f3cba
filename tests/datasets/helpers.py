"""Small icon packages made on the spot."""

import io
import json
import tarfile
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
) -> Source:
    """Write a tarball as npm would, and return the source that pins it."""
    icons = {n: {"body": b} for n, b in (bodies or {"acme": BOX.format("currentColor")}).items()}
    content = {"prefix": name, "icons": icons, "width": 24, "height": 24, "aliases": aliases or {}}
    data = json.dumps(content).encode()
    path = folder / f"iconify-json-{name}-{version}.tgz"
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("package/icons.json")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return Source(
        name=name,
        version=version,
        integrity=integrity_of(path.read_bytes()),
        namespace=namespace,
        prefix=prefix,
        title=name.title(),
        author="Somebody",
        author_url="https://example.org/author",
        licence="CC0-1.0",
        licence_url="https://example.org/licence",
    )
