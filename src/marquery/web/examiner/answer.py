"""What a search found, as page and API show it."""

from dataclasses import dataclass, field
from typing import Literal

from marquery.index import Match
from marquery.index.browsing.facets import Facet
from marquery.index.browsing.listing import Details
from marquery.web.examiner.reviews import Decision

#: Why a decided logo does not stand among the hits: it is no longer in the index; another picture
#: lies at its place; the filter, or the strategy, leaves it out.
Absence = Literal["left", "changed", "filtered"]


@dataclass(frozen=True)
class Hit:
    """A match with what is shown of it."""

    match: Match
    details: Details
    name: str
    """Path from the common folder of all logos."""


@dataclass(frozen=True)
class AbsentLogo:
    """A logo that was decided about and is not among the hits."""

    decision: Decision
    why: Absence
    name: str
    """Path from the common folder of all logos."""
    logo: int | None
    """Its id in the index; None where it is not there as it was."""


@dataclass(frozen=True)
class Answer:
    """One page of a ranking, or of a view of it."""

    hits: list[Hit]
    total: int
    """Logos of the view; without a view those that the filter leaves, which are all ranked."""
    size: int
    """Logos in the index."""
    version: int
    exact: bool
    facets: list[Facet]
    seconds: float
    """Taken by the search, without drawing the page."""
    ranked: int = 0
    """Logos that are ranked, whatever the view shows of them."""
    near: dict[int, int] = field(default_factory=dict)
    """Of several pictures the number, from 0, of the one that a hit is nearest to, by its id."""
    hints: tuple[str, ...] = ()
    """Sentences on values that the filter asks for and no logo has."""
    absent: tuple[AbsentLogo, ...] = ()
    """Decided logos of the view that are not ranked."""
