"""Which logos are scored: fixed random samples of the open benchmark, by kind of collection and by
split.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from marquery.datasets.openlogos.truth import can_be_told
from marquery.visibility import DARK, WHITE

#: Collections drawn in colours; the others are monochrome.
COLORED = frozenset(
    ("logos", "devicon", "skill-icons", "vscode-icons", "cryptocurrency-color", "token-branded")
)
#: Name of a sample -> split of the open benchmark. No brand is in two splits, so no logo is in two
#: samples.
SAMPLES = {"dev": "train", "val": "val", "report": "test"}


@dataclass(frozen=True)
class Logo:
    """One drawing of the sample."""

    path: str
    kind: str
    svg: str
    dark: bool

    @property
    def backdrop(self) -> tuple[int, int, int]:
        return DARK if self.dark else WHITE

    @property
    def digest(self) -> str:
        """Names the drawing and its backdrop in the cache."""
        return hashlib.sha256(f"{self.dark} {self.svg}".encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Sample:
    """The logos, and by kind how many of the first ones were passed over because their SVG tells no
    truth.
    """

    logos: list[Logo]
    passed_over: dict[str, int]


def choose(manifest: Path, name: str, number: int) -> Sample:
    """The first ``number`` logos of each kind in the order of a hash of their names; a longer list
    begins with a shorter.
    """
    import pyarrow.parquet as pq

    columns = ["path", "collection", "split", "svg", "backdrop"]
    rows = pq.read_table(manifest, columns=columns).to_pylist()
    logos: list[Logo] = []
    passed_over = {}
    for kind in ("multi-colour", "monochrome"):
        pool = [
            row
            for row in rows
            if row["split"] == SAMPLES[name]
            and (row["collection"] in COLORED) == (kind == "multi-colour")
        ]
        pool.sort(key=lambda row: hashlib.sha256(f"segmentation {row['path']}".encode()).digest())
        chosen: list[Logo] = []
        looked = 0
        for row in pool:
            if len(chosen) == number:
                break
            looked += 1
            if can_be_told(row["svg"]):
                dark = row["backdrop"] != "white"
                chosen.append(Logo(row["path"], kind, row["svg"], dark))
        passed_over[kind] = looked - len(chosen)
        logos += chosen
    return Sample(logos, passed_over)


def split(sample: Sample, number: int) -> tuple[list[Logo], list[Logo]]:
    """The first ``number`` logos of each kind, and the others."""
    first: list[Logo] = []
    for kind in sample.passed_over:
        first += [logo for logo in sample.logos if logo.kind == kind][:number]
    taken = {logo.path for logo in first}
    return first, [logo for logo in sample.logos if logo.path not in taken]
