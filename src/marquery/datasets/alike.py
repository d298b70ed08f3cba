"""Pairs of logos of one brand that were looked at: does a person call them alike?"""

import csv
from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from marquery.arrays import BoolArray, Int64Array
from marquery.datasets.logoset import LogoSet
from marquery.errors import UsageError

_FILE = files("marquery.datasets.openlogos") / "alike.tsv"


@dataclass(frozen=True, eq=False)
class JudgedPairs:
    """All pairs of the brands that were looked at, each once.

    A brand that drew itself anew, or whose word stands alone in one logo and whose figure stands
    alone in another, has pairs with nothing visible in common: no search by looks can find one by
    the other.

    Attributes:
        first, second: int64 (P,), indices into the set.
        alike: bool (P,), whether both judges called the two pictures the same mark or one that
            could be taken for it.
        agreement: share of the pairs on which the judges said the same, 0 to 1.
    """

    first: Int64Array
    second: Int64Array
    alike: BoolArray
    agreement: float

    def __len__(self) -> int:
        return len(self.first)


def judged_pairs(logos: LogoSet) -> JudgedPairs:
    """The pairs of 200 brands of openlogos' test split, drawn at random and looked at twice.

    Args:
        logos: the benchmark openlogos, or its split ``test``.

    Raises:
        UsageError: another set, or another release of it: some of the logos that were looked at are
            not there.
    """
    place = {path: index for index, path in enumerate(logos.paths)}
    first, second, verdicts = [], [], []
    for row in csv.DictReader(_FILE.read_text().splitlines(), delimiter="\t"):
        one, two = (place.get(f"logos/{row[name]}.png") for name in ("first", "second"))
        if one is None or two is None:
            raise UsageError(
                "alike",
                f"{logos.root} lacks logos that were looked at, such as {row['first']}",
                "it goes with the split test of the built benchmark openlogos",
            )
        first.append(one)
        second.append(two)
        verdicts.append((row["alike_1"] == "1", row["alike_2"] == "1"))
    both = np.array(verdicts, np.bool_)
    return JudgedPairs(
        first=np.array(first, np.int64),
        second=np.array(second, np.int64),
        alike=np.logical_and(both[:, 0], both[:, 1]),
        agreement=float((both[:, 0] == both[:, 1]).mean()),
    )
