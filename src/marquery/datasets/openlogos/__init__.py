"""The open benchmark: one brand drawn by different people, from openly licensed icon
collections.
"""

from marquery.datasets.openlogos.build import BuildReport, build_openlogos
from marquery.datasets.openlogos.edits import Edit, build_edits

__all__ = [
    "BuildReport",
    "Edit",
    "build_edits",
    "build_openlogos",
]
