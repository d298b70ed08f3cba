"""One version of an index with what is kept of it in memory."""

from functools import cached_property
from typing import Any

from marquery.arrays import Float32Array
from marquery.index import LogoIndex
from marquery.index.browsing.code_kinds import holds_figures
from marquery.index.browsing.code_names import CodeNames
from marquery.index.browsing.code_tree import BRANCH
from marquery.index.browsing.facets import FacetTable
from marquery.index.browsing.listing import Listing, column_types, common_folder
from marquery.index.browsing.nice_classes import class_name
from marquery.index.browsing.ordering import Ordering
from marquery.index.strategies.base import Strategy
from marquery.index.strategies.columns import vectors_of
from marquery.index.strategies.overall import VECTOR
from marquery.index.strategies.registry import all_strategies


class IndexVersion:
    """An index that does not change, its parts read when they are first asked for.

    Args:
        index: opened at the version.
        generation: of the index, see :attr:`LogoIndex.generation`.
        figures: names of the codes of figures.
    """

    def __init__(
        self, index: LogoIndex, generation: int = 0, figures: CodeNames | None = None
    ) -> None:
        self.index = index
        self._figures = figures or CodeNames()
        self.generation = generation
        self.version = index.version
        self.size = len(index)

    @cached_property
    def facets(self) -> FacetTable:
        """Its metadata, to be counted."""
        return FacetTable(self.index)

    @cached_property
    def ordering(self) -> Ordering:
        """Its logos in the orders of their metadata."""
        return Ordering(self.index)

    @cached_property
    def listing(self) -> Listing:
        """Its small pictures."""
        return Listing(self.index)

    @cached_property
    def folder(self) -> str:
        """The deepest folder that holds all its logos."""
        return common_folder(self.index)

    @cached_property
    def columns(self) -> dict[str, str]:
        """Its metadata columns and their types."""
        return column_types(self.index)

    @cached_property
    def strategies(self) -> list[Strategy[Any]]:
        """Those that can be asked for: their columns are there and hold something."""
        snapshot = self.index.snapshot()
        return [] if snapshot is None else [s for s in all_strategies() if snapshot.offers(s)]

    def code_name(self, column: str, value: str, around: bool = False) -> str:
        """What a code of a column is called; empty where nothing is said.

        Args:
            column: its name.
            value: a code, or a branch of codes such as ``01.15.*``.
            around: take the name of the branch around a code that has none.
        """
        code, kind = value.removesuffix(BRANCH), self.facets.kinds.get(column, "")
        if kind == "nice":
            return class_name(code)
        if not (kind and holds_figures(column)):
            return ""
        return self._figures.around(code) if around else self._figures.name(code)

    def vectors(self, logos: list[int]) -> dict[int, Float32Array]:
        """Whole-logo vectors of some logos, of length 1, by id."""
        snapshot = self.index.snapshot()
        if snapshot is None or not logos:
            return {}
        rows = snapshot.rows(logos, (VECTOR.name,))
        return dict(zip(rows["id"].to_pylist(), vectors_of(rows[VECTOR.name]), strict=True))

    def short(self, path: str) -> str:
        """A logo's path from the common folder on, so that nothing else of the disk is told."""
        folder = self.folder
        return path[len(folder) :].lstrip("/") if folder and path.startswith(folder) else path
