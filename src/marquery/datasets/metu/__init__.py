"""METU Trademark Dataset v2, as given out and in the list files that the paper's public code
reads.
"""

from marquery.datasets.metu.layout import Listed, MetuFiles, metu_layout, read_metu
from marquery.datasets.metu.splits import TRAINED, UNSEEN, MetuRow, metu_rows

__all__ = [
    "TRAINED",
    "UNSEEN",
    "Listed",
    "MetuFiles",
    "MetuRow",
    "metu_layout",
    "metu_rows",
    "read_metu",
]
