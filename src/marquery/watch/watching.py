"""Comparing each new logo with the portfolio."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from marquery.errors import ImageError
from marquery.images import find_images, load_logo
from marquery.index import LogoIndex, Match
from marquery.index.browsing.listing import Listing
from marquery.index.storage.reading import content_hash, make_thumbnail
from marquery.index.strategies.weights import DEFAULT as DEFAULT_STRATEGY
from marquery.names import path_to_text
from marquery.watch.memory import Memory, Pair
from marquery.watch.portfolio import portfolio_filter
from marquery.watch.threshold import Threshold

#: Most conflicts that are reported for one new logo.
MOST = 50
# Hits that are asked for at first, and pictures that are embedded for a logo: its whole and parts.
_AT_ONCE, _PICTURES = 6, 8


@dataclass(frozen=True)
class NewLogo:
    """A logo that was compared."""

    path: str
    """As given, joined to the folder; as text, see :mod:`marquery.names`."""
    sha256: str
    thumbnail: bytes
    """WebP, at most 128 px."""


@dataclass(frozen=True)
class Conflict:
    """A new logo and a mark that it conflicts with."""

    logo: NewLogo
    match: Match
    sha256: str
    """Of the mark's file."""
    thumbnail: bytes
    """Of the mark, WebP."""
    first: datetime | None
    """When it was first reported; None if it is new."""

    @property
    def pair(self) -> Pair:
        """The key under which it is stored."""
        new, mark = Path(self.logo.path), Path(self.match.path)
        return new.name, self.logo.sha256, mark.name, self.sha256


@dataclass(frozen=True)
class Watched:
    """What a watch found."""

    index: LogoIndex
    new: Path
    against: str | None
    strategy: str
    threshold: Threshold
    most: int
    date: datetime
    marks: int
    """Logos of the portfolio."""
    looked_at: int = 0
    """New logos that could be read."""
    conflicts: list[Conflict] = field(default_factory=list)
    """Conflicts to report, grouped by new logo, most similar first; the groups by their most
    similar mark.
    """
    known: int = 0
    """Conflicts that were reported before and are left out."""
    crowded: list[str] = field(default_factory=list)
    """New logos with more than ``most`` conflicts, of which the most similar are kept."""
    skipped: list[ImageError] = field(default_factory=list)


def watch(
    index: LogoIndex,
    new: str | os.PathLike[str],
    threshold: Threshold,
    *,
    against: str | None = None,
    strategy: str | None = None,
    repeat: bool = False,
    most: int = MOST,
    progress: Callable[[int], Callable[[int], object]] | None = None,
) -> Watched:
    """Find the conflicts of each logo below a folder with the marks of an index.

    Every mark of the portfolio is compared, however large the index. Nothing is remembered: see
    :func:`marquery.watch.write_reports`.

    Args:
        index: that holds the marks.
        new: folder of new logos, read recursively. A mark of the portfolio is no conflict with
            itself.
        threshold: from which likeness on.
        against: folder or filter, see :func:`marquery.watch.portfolio.portfolio_filter`.
        strategy: see :meth:`LogoIndex.search`; None is ``auto``.
        repeat: also report what was reported before.
        most: conflicts that are kept of one new logo, the closest.
        progress: called with the number of new logos; returns what to call as they are done.

    Raises:
        ImageError: the folder does not exist; a bad file in it is skipped.
        MarqueryError, UsageError: the portfolio is empty or cannot be told.
    """
    index = index.at(index.version)  # what others add meanwhile is for the next watch
    where, marks = portfolio_filter(index, against)
    files = find_images(new)
    found = Watched(
        index,
        Path(new),
        against,
        strategy or DEFAULT_STRATEGY,
        threshold,
        most,
        datetime.now(UTC),
        marks,
    )
    memory, listing = Memory(index.path), Listing(index)
    index.encoder.engine(_PICTURES * len(files))  # what is built for many is kept for each
    advance = progress(len(files)) if progress is not None and files else None
    groups: list[list[Conflict]] = []
    looked_at = known = 0
    for file in files:
        try:
            digest, image = content_hash(file), load_logo(file)
        except ImageError as error:
            found.skipped.append(error)
        else:
            looked_at += 1
            itself = path_to_text(os.path.abspath(file))  # noqa: PTH100 (links are kept as given)
            near = [
                m
                for m in _over(index, image, threshold, most + 2, where, strategy)
                if m.path != itself
            ]
            if len(near) > most:
                found.crowded.append(path_to_text(file))
            group = []
            if near:
                logo = NewLogo(path_to_text(file), digest, make_thumbnail(image))
                group = _conflicts(listing, memory, logo, near[:most])
            told = [c for c in group if repeat or c.first is None]
            known += len(group) - len(told)
            if told:
                groups.append(told)
        if advance is not None:
            advance(1)
    groups.sort(key=lambda group: (-group[0].match.score, group[0].logo.path))
    return replace(
        found,
        looked_at=looked_at,
        known=known,
        conflicts=[conflict for group in groups for conflict in group],
    )


def _over(
    index: LogoIndex,
    image: Image.Image,
    threshold: Threshold,
    most: int,
    where: str | None,
    strategy: str | None,
) -> list[Match]:
    """The marks from a threshold on, closest first; so many at most.

    Few are asked for at first: what is told of a hit takes longer than to compare it.
    """
    hits: list[Match] = []
    while len(hits) < most:
        k = min(_AT_ONCE if not hits else most, most - len(hits))
        page = index.search(image, k, strategy=strategy, where=where, exact=True, offset=len(hits))
        hits += page
        if len(page) < k or threshold.value(page[-1]) < threshold.least:
            break
    return [match for match in hits if threshold.value(match) >= threshold.least]


def _conflicts(
    listing: Listing, memory: Memory, logo: NewLogo, matches: Sequence[Match]
) -> list[Conflict]:
    """A new logo with the marks that it conflicts with."""
    details = listing.many([match.id for match in matches])
    found = [
        Conflict(logo, m, details[m.id].sha256, details[m.id].thumbnail, None) for m in matches
    ]
    first = memory.reported([conflict.pair for conflict in found])
    return [replace(conflict, first=first.get(conflict.pair)) for conflict in found]
