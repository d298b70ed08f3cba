"""Which packages the benchmark is made of: exact versions, integrity hashes and licences."""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

Namespace = Literal["brand", "crypto"]


@dataclass(frozen=True)
class Source:
    """One icon collection on the npm registry.

    ``prefix`` limits a collection to the icons whose names start with it. Names in the namespace
    ``crypto`` are tickers: ticker ``x`` has nothing to do with the brand X.
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

    @property
    def package(self) -> str:
        """Name on the registry."""
        return f"@iconify-json/{self.name}"

    @property
    def spec(self) -> str:
        """What the npm client is asked for: an exact version."""
        return f"{self.package}@{self.version}"

    @property
    def tarball(self) -> str:
        """File name that ``npm pack`` gives the package."""
        return f"iconify-json-{self.name}-{self.version}.tgz"


def load_sources() -> tuple[Source, ...]:
    """The collections pinned in this version of marquery."""
    return tuple(Source(**entry) for entry in json.loads(read_table("sources.json")))


def read_table(name: str) -> str:
    """Text of a data file that lies beside this module."""
    return (files("marquery.datasets.openlogos") / name).read_text(encoding="utf-8")
