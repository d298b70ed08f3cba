"""The search strategies by name; importing this costs nothing, each is loaded when it is first
asked for.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from marquery.index.strategies.base import Strategy
    from marquery.index.strategies.columns import StoredColumn

#: Name -> where its class is. A strategy is one class and one line here; the order is that of
#: lists.
_HOMES: dict[str, str] = {
    "auto": "marquery.index.strategies.auto:Auto",
    "overall": "marquery.index.strategies.overall:Overall",
    "part": "marquery.index.strategies.part:PartSearch",
    "figure": "marquery.index.strategies.figure:FigureSearch",
    "words": "marquery.index.strategies.words:Words",
    "color": "marquery.index.strategies.color:Color",
    "shape": "marquery.index.strategies.shape:Shape",
}
_loaded: "dict[str, Strategy[Any]]" = {}


def strategy_names() -> tuple[str, ...]:
    """Names of all strategies."""
    return tuple(_HOMES)


def get_strategy(name: str) -> "Strategy[Any]":
    """A strategy by its name; raises KeyError where there is none."""
    if name not in _loaded:
        module, _, attribute = _HOMES[name].partition(":")
        _loaded[name] = getattr(import_module(module), attribute)()
    return _loaded[name]


def all_strategies() -> "list[Strategy[Any]]":
    """Every strategy."""
    return [get_strategy(name) for name in _HOMES]


def stored_columns() -> "list[StoredColumn[Any]]":
    """The columns that strategies store, each once, in the order of the table."""
    columns = {c.name: c for strategy in all_strategies() for c in strategy.columns}
    return sorted(columns.values(), key=lambda column: column.order)


def compared_words(name: str) -> str:
    """What a strategy compares, in a report's words; its name where this version does not know
    it.
    """
    return get_strategy(name).compared if name in _HOMES else name


def score_text(name: str, score: float) -> str:
    """A strategy's score as a report shows it."""
    return get_strategy(name).format_score(score) if name in _HOMES else f"{score:.4f}"


@contextmanager
def registered(strategy: "Strategy[Any]") -> Iterator[None]:
    """Add a strategy while the block runs, such as one of another package's, or of a test's."""
    name = strategy.name
    if name in _HOMES:
        raise ValueError(f"there is a strategy {name!r} already")
    _HOMES[name] = f"{type(strategy).__module__}:{type(strategy).__name__}"
    _loaded[name] = strategy
    try:
        yield
    finally:
        del _HOMES[name], _loaded[name]
