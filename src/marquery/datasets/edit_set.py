"""The evaluation set *edits* of a built benchmark, as queries for a split."""

from dataclasses import dataclass
from pathlib import Path

from marquery.datasets.logoset import LogoSet
from marquery.errors import NotBuiltError

EDITS = "edits.parquet"


@dataclass(frozen=True)
class EditSet:
    """Edited logos, each to be found again among the logos of its split.

    Attributes:
        files: (Q,) edited pictures.
        sources: (Q,) index of the logo that each was made from.
        excluded: (Q,) indices of the other logos of its brand, to be left out of the ranking.
        strata: (Q,) kind and strength of the edit, such as ``recolour 2``.
    """

    files: list[Path]
    sources: list[int]
    excluded: list[list[int]]
    strata: list[str]

    @classmethod
    def open(cls, logos: LogoSet, split: str) -> "EditSet":
        """The queries made from the logos of a split; indices are into ``logos``, which is that
        split.

        Raises:
            MarqueryError: the benchmark has no edits, or none for this split.
        """
        path = logos.root / EDITS
        if not path.is_file():
            raise NotBuiltError(
                "edits", logos.root, f"{path}: not there; build the benchmark's edited queries"
            )
        import pyarrow.parquet as pq

        place = {name: index for index, name in enumerate(logos.paths)}
        rows = [row for row in pq.read_table(path).to_pylist() if row["split"] == split]
        if not rows or any(row["source"] not in place for row in rows):
            raise NotBuiltError(
                "edits",
                logos.root,
                f"{path}: does not fit the split {split!r} of {logos.root}; build the edited "
                "queries anew",
            )
        return cls(
            files=[logos.root / row["path"] for row in rows],
            sources=[place[row["source"]] for row in rows],
            excluded=[[place[p] for p in row["excluded"] if p in place] for row in rows],
            strata=[f"{row['kind']} {row['strength']}" for row in rows],
        )
