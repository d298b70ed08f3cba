"""The sets of queries that figures are given for: brands, tokens, strata, edits by kind and
strength.
"""

from dataclasses import dataclass

import numpy as np

from marquery.arrays import AnyArray, BoolArray
from marquery.paper.reproduce.intervals import Resampling
from marquery.paper.reproduce.material import Material
from marquery.paper.reproduce.scores import HEADLINE, Scores

#: Strength of edits that the headline counts: half of the shapes dropped, two thirds recoloured.
STRONGEST = "3"
#: Begins the names of strata of *cross*.
PAIRS = "pairs/"
_WORDS = {"brand": "brands", "crypto": "crypto tokens"}


@dataclass(frozen=True)
class Panel:
    """Some of the scored queries of a set.

    Attributes:
        key: such as ``cross/brand`` or ``edits/drop 3``.
        title: the same in words.
        source: which scores, ``cross``, ``pairs/STRATUM`` or ``edits``.
        rows: (S,) which of its scored queries.
        groups: (S,) group of each.
        resampling: the draws for its intervals.
    """

    key: str
    title: str
    source: str
    rows: BoolArray
    groups: AnyArray
    resampling: Resampling

    @property
    def counts(self) -> tuple[int, int]:
        """Queries and groups."""
        return len(self.groups), len(np.unique(self.groups))


def make_panels(scores: Scores, material: Material) -> list[Panel]:
    """Panels of a sweep, headlines first: of *cross*, of its strata, and of *edits* where there are
    some.

    The headline of *cross* is the brands where the set tells them from crypto tokens, else every
    query; that of *edits* the strongest edits of every kind.

    Args:
        scores: of any run; the scored queries are the same for all.
        material: what the queries are.
    """
    queries = scores["cross"]["query"].astype(np.intp)
    names, groups = material.test.namespaces[queries], material.test.groups[queries]
    kinds = sorted(set(names) - {""})
    panels = [
        _panel(f"cross/{kind}", _WORDS.get(kind, kind), "cross", names == kind, groups)
        for kind in kinds
    ]
    whole = _panel("cross/all", "all logos", "cross", np.ones(len(queries), bool), groups)
    panels = [*panels, whole] if HEADLINE in kinds else [whole, *panels]
    for name in (name for name in scores if name.startswith(PAIRS)):
        chosen = material.test.groups[scores[name]["query"].astype(np.intp)]
        stratum = name.removeprefix(PAIRS)
        panels.append(_panel(name, stratum, name, np.ones(len(chosen), bool), chosen))
    if material.edits is None or "edits" not in scores:
        return panels
    queries = scores["edits"]["query"].astype(np.intp)
    strata = np.array(material.edits.strata)[queries]
    groups = material.test.groups[np.array(material.edits.sources)[queries]]
    strong = np.array([stratum.endswith(f" {STRONGEST}") for stratum in strata])
    some = [("edits/strongest", "strongest edits", strong)] if strong.any() else []
    some.append(("edits/all", "all edits", np.ones(len(queries), bool)))
    some += [(f"edits/{s}", f"edit: {s}", strata == s) for s in sorted(set(strata))]
    return panels + [_panel(key, title, "edits", rows, groups) for key, title, rows in some]


def _panel(key: str, title: str, source: str, rows: BoolArray, groups: AnyArray) -> Panel:
    chosen = groups[rows]
    return Panel(key, title, source, rows, chosen, Resampling(chosen))
