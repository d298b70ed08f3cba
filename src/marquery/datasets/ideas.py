"""Logos of different brands that show one idea, such as a cloud, an eye or a paper plane."""

import csv
from collections import Counter
from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from marquery.arrays import BoolArray, Int64Array, StrArray
from marquery.datasets.logoset import LogoSet
from marquery.errors import UsageError

_FILE = files("marquery.datasets.openlogos") / "ideas.tsv"
#: Logos of the split test of edition 1: all were looked at, so what is not listed shows no idea.
_LOOKED_AT = 7374


@dataclass(frozen=True, eq=False)
class IdeaQueries:
    """Every logo that shows an idea, as a query for the logos of other brands that show it.

    Attributes:
        queries: int64 (Q,), indices into the set.
        ideas: str (Q,), what each shows.
        shown: str (N,), the idea of each logo of the set; "" where it shows none.
        excluded: Q times int64: what is neither right nor wrong for a query and is left out of its
            ranking. These are all logos of its own brand; those in which only one of both passes
            saw the idea; those that show it beside another one, under which they count; those of an
            idea akin to it, such as hummingbirds where birds are asked for; and the logos of a
            brand of the idea that do not show it themselves.
        agreement: share of the logos named in a pass that were named in both, 0 to 1.
    """

    queries: Int64Array
    ideas: StrArray
    shown: StrArray
    excluded: list[Int64Array]
    agreement: float

    def __len__(self) -> int:
        return len(self.queries)


def idea_queries(logos: LogoSet) -> IdeaQueries:
    """The logos of openlogos' test split that were found to show one idea.

    Args:
        logos: the split ``test`` of the benchmark openlogos, edition 1.

    Raises:
        UsageError: another set: logos of the list are not there, or there are logos at which nobody
            looked.
    """
    place = {path: index for index, path in enumerate(logos.paths)}
    shown = np.full(len(logos), "", dtype="U40")
    beside: dict[str, list[int]] = {}
    rows = list(csv.DictReader(_FILE.read_text().splitlines(), delimiter="\t"))
    for row in rows:
        index = place.get(f"logos/{row['logo']}.png")
        if index is None:
            raise _other_set(f"{logos.root} lacks logos that were looked at, such as {row['logo']}")
        if row["seen"] == "both":
            shown[index] = row["idea"]
        else:
            beside.setdefault(row["idea"], []).append(index)
    if len(logos) > _LOOKED_AT:
        raise _other_set(
            f"{len(logos):,} logos of {logos.root} are ranked, of which {_LOOKED_AT:,} were looked "
            "at"
        )
    queries = _where(shown != "")
    verdicts = Counter(row["seen"] for row in rows)
    left_out = {
        idea: np.union1d(
            np.array(beside.get(idea, []), np.int64),
            _where(np.isin(logos.groups, logos.groups[shown == idea]) & (shown != idea)),
        )
        for idea in np.unique(shown[queries]).tolist()
    }
    return IdeaQueries(
        queries=queries,
        ideas=shown[queries],
        shown=shown,
        excluded=[
            np.union1d(left_out[shown[query]], _where(logos.groups == logos.groups[query]))
            for query in queries
        ],
        agreement=sum(verdicts[name] for name in ("both", "also"))
        / (verdicts.total() - verdicts["akin"]),
    )


def _where(mask: BoolArray) -> Int64Array:
    return np.flatnonzero(mask).astype(np.int64)


def _other_set(problem: str) -> UsageError:
    return UsageError(
        "ideas", problem, "it goes with the split test of openlogos' edition 1, without distractors"
    )
