"""Codes that a new logo may be given: those of the logos that look most like it, by vote."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from marquery.errors import UsageError
from marquery.index.browsing.code_kinds import CodeKind
from marquery.index.browsing.facets import FacetTable

if TYPE_CHECKING:
    from marquery.images import ImageSource
    from marquery.index.logo_index import LogoIndex
    from marquery.index.match import Match

#: Logos that vote.
NEIGHBOURS = 30
#: Codes of a column that are suggested at most, and the least share of the votes that they have.
MOST, LEAST = 8, 0.05
# A vote falls to 1/e where the cosine is so much below that of the nearest logo. Of 1/20, 1/10, a
# power of the cosine, 1/rank and equal votes this was best on openlogos val, for logos whose brand
# is in the register and for those whose brand is not (docs/web.md has the figures on test).
_FALL = 0.1


@dataclass(frozen=True)
class SuggestedCode:
    """A code with its votes."""

    code: str
    """As the nearest voter writes it."""
    votes: float
    """Share of all votes in its column, 0 to 1; a logo with several codes votes for each."""
    voters: int
    """Logos that voted for it."""
    usual: float
    """Share of the logos of the register that have it, of those that say anything there."""


@dataclass(frozen=True)
class CodeSuggestions:
    """What is suggested in one column."""

    column: str
    kind: CodeKind
    """The classification; empty where the column was asked for by name."""
    voters: int
    """Of the nearest logos those that say anything in the column."""
    codes: tuple[SuggestedCode, ...]
    """Those with most votes first."""


@dataclass(frozen=True)
class Suggested:
    """What is suggested for a logo."""

    neighbours: int
    """Logos that were asked."""
    score: float | None
    """Cosine of the nearest of them; None where there is none."""
    probability: float | None
    """That the nearest of them is of the same mark; None where it is not known."""
    columns: tuple[CodeSuggestions, ...]


def suggest_codes(
    index: "LogoIndex",
    image: "ImageSource | Sequence[ImageSource] | None" = None,
    *,
    columns: Sequence[str] | None = None,
    neighbours: int = NEIGHBOURS,
    most: int = MOST,
    like: Sequence[int | str] = (),
    unlike: Sequence[int | str] = (),
    facets: FacetTable | None = None,
) -> Suggested:
    """Suggest codes for a logo, such as classes of goods and codes of figures.

    Each of the nearest logos, by the cosine of the wholes, votes for its codes; the less it is like
    the query beside the nearest one, the less its vote counts.

    >>> (vienna,) = suggest_codes(index, "new.png", columns=["vienna"]).columns  # doctest: +SKIP
    >>> [(code.code, round(code.votes, 2)) for code in vienna.codes]  # doctest: +SKIP
    [('26.01.03', 0.71), ('01.15.15', 0.22)]

    Args:
        index: whose logos have codes.
        image: the logo, or several images of one mark.
        columns: to suggest codes of; None: all that hold Nice classes or dotted codes.
        neighbours: how many logos vote, from 1.
        most: codes of each column at most, from 1.
        like: ids or paths of stored logos that voters should be more like.
        unlike: the same for less.
        facets: the index's values, where they were counted already.

    Returns:
        Of each column that any neighbour says anything in, the codes with the most votes.

    Raises:
        ImageError: the image cannot be read.
        UsageError: a number is below 1, there is nothing to look for, or a column cannot be voted
            on.
    """
    for option, number in (("neighbours", neighbours), ("most", most)):
        if number < 1:
            raise UsageError(option, f"{number} is less than 1", "give a whole number from 1")
    known = facets or FacetTable(index)
    asked = list(known.kinds) if columns is None else list(columns)
    for column in asked:
        if column not in known.columns:
            there = ", ".join(known.columns) or "none"
            raise UsageError("columns", f"there is no column {column!r}", f"there are {there}")
    matches = index.search(image, neighbours, strategy="overall", like=like, unlike=unlike)
    found = []
    for column in asked:
        said = [_members(match, column) for match in matches]
        told = count_votes(said, [match.score for match in matches], known.folding(column))
        codes = tuple(
            SuggestedCode(code, votes, voters, known.share(column, code))
            for code, votes, voters in told[:most]
            if votes >= LEAST
        )
        if codes:
            kind = known.kinds.get(column, "")
            found.append(CodeSuggestions(column, kind, sum(map(bool, said)), codes))
    best = matches[0] if matches else None
    return Suggested(
        neighbours=len(matches),
        score=None if best is None else best.score,
        probability=None if best is None else best.probability,
        columns=tuple(found),
    )


def count_votes(
    codes: Sequence[Sequence[str]],
    scores: Sequence[float],
    fold: Callable[[str], str] = str.lower,
) -> list[tuple[str, float, int]]:
    """Count what some logos vote for.

    Args:
        codes: of each logo, best first; a logo without any does not vote.
        scores: cosines with the query, as many.
        fold: brings spellings of one code to one form.

    Returns:
        (code as the nearest voter writes it, share of the votes, voters) by falling share; equal
        ones with the nearest voter's first. The shares of a logo's codes are all its own share.
    """
    voting = [n for n, members in enumerate(codes) if members]
    if not voting:
        return []
    values = np.asarray([scores[n] for n in voting], np.float64)
    weights = np.exp((values - values.max()) / _FALL)
    weights /= weights.sum()
    written: dict[str, str] = {}
    votes: dict[str, float] = {}
    voters: dict[str, int] = {}
    for n, weight in zip(voting, weights.tolist(), strict=True):
        for folded, code in {fold(code): code for code in reversed(codes[n])}.items():
            written.setdefault(folded, code)
            votes[folded] = votes.get(folded, 0.0) + weight
            voters[folded] = voters.get(folded, 0) + 1
    order = sorted(votes, key=lambda folded: -votes[folded])  # stable: by the nearest voter
    return [(written[folded], votes[folded], voters[folded]) for folded in order]


def _members(match: "Match", column: str) -> list[str]:
    """A logo's codes in a column."""
    value = match.metadata.get(column)
    if value is None:
        return []
    return [code for code in value if code] if isinstance(value, list) else [str(value)]
