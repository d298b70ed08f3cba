"""Which packages the benchmark is made of: exact versions, integrity hashes and licences."""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from marquery.errors import UsageError

Namespace = Literal["brand", "crypto"]

#: Each edition holds those before it, with the same brands, splits and pixels.
EDITIONS = (1, 2)
_TABLES = {1: "sources.json", 2: "sources-2.json"}


@dataclass(frozen=True)
class Source:
    """One icon collection on the npm registry.

    ``prefix`` limits a collection to the icons whose names start with it. Names in the namespace
    ``crypto`` are tickers: ticker ``x`` has nothing to do with the brand X.

    Attributes:
        edition: the first edition that it is in.
        npm: name on the registry; empty for a package of Iconify.
        folder: where SVG files lie in the package; empty for a package of Iconify.
        pattern: of edition 2: matches a whole name whose icon is taken; its group ``brand`` is what
            says the brand.
        categories: of edition 2: if there are any, only icons that the package puts in one of them
            are taken.
        picked: of edition 2: only icons that stand under this name in ``picks.tsv`` are taken;
            empty: all.
        variants: of edition 2: pattern of endings that say how a logo is drawn.
    """

    name: str
    version: str
    integrity: str
    namespace: Namespace
    prefix: str
    title: str
    author: str
    author_url: str
    licence: str
    licence_url: str
    edition: int = 1
    npm: str = ""
    folder: str = ""
    pattern: str = "(?P<brand>.+)"
    categories: tuple[str, ...] = ()
    picked: str = ""
    variants: str = ""

    @property
    def package(self) -> str:
        """Name on the registry."""
        return self.npm or f"@iconify-json/{self.name}"

    @property
    def spec(self) -> str:
        """What the npm client is asked for: an exact version."""
        return f"{self.package}@{self.version}"

    @property
    def tarball(self) -> str:
        """File name that ``npm pack`` gives the package."""
        return f"{self.package.removeprefix('@').replace('/', '-')}-{self.version}.tgz"


def load_sources(edition: int = 1) -> tuple[Source, ...]:
    """The collections of an edition, as pinned in this version of marquery.

    Raises:
        UsageError: there is no such edition.
    """
    if edition not in EDITIONS:
        known = " or ".join(map(str, EDITIONS))
        raise UsageError("edition", f"is {edition}", f"give {known}")
    entries = [
        entry
        for number in EDITIONS
        if number <= edition
        for entry in json.loads(read_table(_TABLES[number]))
    ]
    return tuple(
        Source(**{**entry, "categories": tuple(entry.get("categories", ()))}) for entry in entries
    )


def read_pairs(name: str) -> list[tuple[str, str]]:
    """First two columns of a tab-separated table of the package; ``#`` starts a comment."""
    rows = (line.partition("#")[0].rstrip().split("\t") for line in read_table(name).splitlines())
    return [(row[0], row[1]) for row in rows if len(row) >= 2]


def read_table(name: str) -> str:
    """Text of a data file that lies beside this module."""
    return (files("marquery.datasets.openlogos") / name).read_text(encoding="utf-8")
