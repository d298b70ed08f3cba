"""Sets of logos: the open benchmark, and any folder of images.

>>> from marquery.datasets import LogoSet, build_openlogos
>>> build_openlogos("data/openlogos")                         # doctest: +SKIP
>>> test = LogoSet.open("data/openlogos").split("test")       # doctest: +SKIP
"""

from typing import TYPE_CHECKING, Any

from marquery.datasets.logoset import LogoSet

if TYPE_CHECKING:
    from marquery.datasets.openlogos import BuildReport, build_edits, build_openlogos

__all__ = ["BuildReport", "LogoSet", "build_edits", "build_openlogos"]


def __getattr__(name: str) -> Any:
    # The builder needs the extra `data`; a plain folder of logos does not.
    if name not in __all__:
        raise AttributeError(f"module 'marquery.datasets' has no attribute {name!r}")
    from marquery.datasets import openlogos

    return getattr(openlogos, name)
