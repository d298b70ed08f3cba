"""Which parts of a query are compared with those of stored logos."""

import numpy as np

from marquery.index.strategies.analysis import LogoAnalysis
from marquery.index.strategies.parts import Part

# A single shape beyond the first parts is compared only where it is so much of the ink: a letter
# or a leaf is in many logos. An index keeps all parts, since a query may be just that leaf.
_FIRST, _LEAST_INK = 3, 0.25


def query_parts(logo: LogoAnalysis) -> list[Part]:
    """The parts of a query that get a vector, the most telling first; each costs as much as the
    whole.
    """
    found = logo.segmentation
    least = _LEAST_INK * float(found.area[~found.is_hole].sum())

    def tells(place: int, part: Part) -> bool:
        if part.kind != "shape" or place < _FIRST:
            return True
        return float(found.area[np.array(part.labels) - 1].sum()) >= least

    return [part for place, part in enumerate(logo.parts) if tells(place, part)]
