"""Sets of logos: the open benchmark, and any folder of images.

>>> from marquery.datasets import LogoSet, build_openlogos
>>> build_openlogos("data/openlogos")                         # doctest: +SKIP
>>> test = LogoSet.open("data/openlogos").split("test")       # doctest: +SKIP
"""

from marquery.datasets.logoset import LogoSet
from marquery.datasets.openlogos import BuildReport, build_edits, build_openlogos

__all__ = ["BuildReport", "LogoSet", "build_edits", "build_openlogos"]
