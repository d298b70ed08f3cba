"""Which typefaces are fetched: exact versions, integrity hashes and licences."""

import csv
from dataclasses import dataclass
from importlib.resources import files

TABLE = "families.tsv"


@dataclass(frozen=True)
class Family:
    """One package of ``@fontsource`` on the npm registry.

    Attributes:
        name: as the package has it, such as ``playfair-display``.
        version: exact.
        integrity: sha512, as npm writes it.
        licence: SPDX name.
        evaluation: its words are in evaluation sets and never in training.
    """

    name: str
    version: str
    integrity: str
    licence: str
    evaluation: bool

    @property
    def spec(self) -> str:
        """What the npm client is asked for: an exact version."""
        return f"@fontsource/{self.name}@{self.version}"

    @property
    def tarball(self) -> str:
        """File name that ``npm pack`` gives the package."""
        return f"fontsource-{self.name}-{self.version}.tgz"


def load_families() -> tuple[Family, ...]:
    """The typefaces pinned in this version of marquery, by name."""
    text = (files("marquery.datasets.fonts") / TABLE).read_text(encoding="utf-8")
    return tuple(
        Family(r["name"], r["version"], r["integrity"], r["licence"], r["evaluation"] == "1")
        for r in csv.DictReader(text.splitlines(), delimiter="\t")
    )
