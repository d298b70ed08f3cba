"""The evaluation sets *edits* and *conditions* of a built benchmark, as queries for a split."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from marquery.datasets.logoset import LogoSet
from marquery.errors import NotBuiltError

EDITS = "edits.parquet"
CONDITIONS = "conditions.parquet"
#: Evaluation sets whose queries are made from logos, and what their queries are called.
MadeSet = Literal["edits", "conditions"]
_TABLES: dict[MadeSet, tuple[str, str]] = {
    "edits": (EDITS, "edited queries"),
    "conditions": (CONDITIONS, "queries in other conditions"),
}


@dataclass(frozen=True)
class EditSet:
    """Edited logos, or logos in other conditions, each to be found again among those of its split.

    Attributes:
        files: (Q,) pictures.
        sources: (Q,) index of the logo that each was made from.
        excluded: (Q,) indices of the other logos of its brand, to be left out of the ranking.
        strata: (Q,) kind and strength of the edit, such as ``recolour 2``; kind of the condition.
    """

    files: list[Path]
    sources: list[int]
    excluded: list[list[int]]
    strata: list[str]

    @classmethod
    def open(cls, logos: LogoSet, split: str, name: MadeSet = "edits") -> "EditSet":
        """The queries made from the logos of a split.

        Args:
            logos: the split; indices are into it.
            split: its name.
            name: of the evaluation set.

        Raises:
            MarqueryError: the benchmark has no such set, or none for this split.
        """
        table, queries = _TABLES[name]
        path = logos.root / table
        if not path.is_file():
            raise NotBuiltError(
                name, logos.root, f"{path}: not there; build the benchmark's {queries}"
            )
        import pyarrow.parquet as pq

        place = {name: index for index, name in enumerate(logos.paths)}
        brothers: dict[str, list[int]] = {}
        for index, group in enumerate(logos.groups.tolist()):
            brothers.setdefault(group, []).append(index)
        rows = [row for row in pq.read_table(path).to_pylist() if row["split"] == split]
        if not rows or any(row["source"] not in place for row in rows):
            raise NotBuiltError(
                name,
                logos.root,
                f"{path}: does not fit the split {split!r} of {logos.root}; build the {queries} "
                "anew",
            )
        sources = [place[row["source"]] for row in rows]
        return cls(
            files=[logos.root / row["path"] for row in rows],
            sources=sources,
            # Of the set that is ranked: a later edition has more logos of a brand.
            excluded=[
                [other for other in brothers[logos.groups[source]] if other != source]
                for source in sources
            ],
            strata=[
                " ".join(str(row[k]) for k in ("kind", "strength") if k in row) for row in rows
            ],
        )
