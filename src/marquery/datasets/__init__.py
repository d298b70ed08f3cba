"""Sets of logos: the open benchmark, and any folder of images.

>>> from marquery.datasets import LogoSet, build_openlogos
>>> build_openlogos("data/openlogos")                         # doctest: +SKIP
>>> test = LogoSet.open("data/openlogos").split("test")       # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from marquery.datasets.logoset import LogoSet

if TYPE_CHECKING:
    from marquery.datasets.fonts import build_fonts
    from marquery.datasets.openlogos import BuildReport, build_edits, build_openlogos
    from marquery.datasets.openlogos.conditions import build_conditions

__all__ = [
    "BuildReport",
    "LogoSet",
    "build_conditions",
    "build_edits",
    "build_fonts",
    "build_openlogos",
]
# Builders that need the extra `data`; a plain folder of logos does not.
_HOMES = {
    "BuildReport": "openlogos",
    "build_conditions": "openlogos.conditions",
    "build_edits": "openlogos",
    "build_fonts": "fonts",
    "build_openlogos": "openlogos",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'marquery.datasets' has no attribute {name!r}")
    return getattr(import_module(f"marquery.datasets.{_HOMES[name]}"), name)
