"""Reading Iconify JSON: one file with the drawings of a whole collection as SVG fragments."""

import json
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marquery.datasets.openlogos.choose import brand_parts
from marquery.datasets.openlogos.sources import Source
from marquery.errors import MarqueryError

_MEMBER = "package/icons.json"
_METADATA = "package/metadata.json"


@dataclass(frozen=True)
class Icon:
    """One drawing: its name in the collection and free-standing SVG text."""

    collection: str
    name: str
    svg: str

    @property
    def id(self) -> str:
        """``collection:name``, as Iconify writes it."""
        return f"{self.collection}:{self.name}"

    @property
    def path(self) -> str:
        """Where its PNG lies in a built data set."""
        return f"logos/{self.collection}/{self.name}.png"


@dataclass(frozen=True)
class Collection:
    """The icons of one source, by name, and the other names (alias -> name) it gives them."""

    source: Source
    icons: tuple[Icon, ...]
    aliases: dict[str, str]


def read_collection(tarball: Path, source: Source) -> Collection:
    """Icons of one npm tarball, sorted by name.

    Names that are aliases of another drawing give no icon of their own.

    Raises:
        MarqueryError: the tarball holds no readable icon set.
    """
    try:
        with tarfile.open(tarball) as archive:
            content = _json(archive, _MEMBER)
            metadata = _json(archive, _METADATA) if source.categories else {}
        bodies: dict[str, dict[str, Any]] = content["icons"]
        chosen = {name for name in bodies if name.startswith(source.prefix)}
        if source.edition > 1:
            chosen &= set(brand_parts(source, bodies, metadata.get("categories", {})))
        icons = tuple(
            Icon(source.name, name, _svg(bodies[name], content)) for name in sorted(chosen)
        )
    except (OSError, tarfile.TarError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise MarqueryError(
            f"{tarball}: no readable icon set ({error}); remove the file and build again"
        ) from error
    names = {icon.name for icon in icons}
    aliases = {
        alias: entry["parent"]
        for alias, entry in sorted(content.get("aliases", {}).items())
        if entry.get("parent") in names
    }
    return Collection(source, icons, aliases)


def _json(archive: tarfile.TarFile, name: str) -> dict[str, Any]:
    member = archive.extractfile(name)
    if member is None:
        raise KeyError(name)
    content: dict[str, Any] = json.load(member)
    return content


def _svg(icon: dict[str, Any], defaults: dict[str, Any]) -> str:
    """SVG text of one icon; sizes that it does not give come from the collection, then from Iconify
    (16).
    """

    def number(key: str, otherwise: float) -> float:
        return float(icon.get(key, defaults.get(key, otherwise)))

    box = (number("left", 0), number("top", 0), number("width", 16), number("height", 16))
    view = " ".join(f"{value:g}" for value in box)
    body = str(icon["body"]).replace("currentColor", "#000")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{box[2]:g}" height="{box[3]:g}" viewBox="{view}">{body}</svg>'
    )
