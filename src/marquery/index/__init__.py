"""A kept collection of logos with vectors of the wholes and their parts: build, update, search."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from marquery.index.logo_index import LogoIndex
    from marquery.index.match import Match
    from marquery.index.storage.summary import ChangeSummary

__all__ = ["ChangeSummary", "LogoIndex", "Match"]

_HOME = {
    "ChangeSummary": "marquery.index.storage.summary",
    "LogoIndex": "marquery.index.logo_index",
    "Match": "marquery.index.match",
}


def __getattr__(name: str) -> Any:
    # The names of strategies are read by help texts, which must not wait for encoder and store.
    if name not in _HOME:
        raise AttributeError(f"module 'marquery.index' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
