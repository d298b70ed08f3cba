"""Pieces of an answer: hits with what is shown of them, listings without anything to look for."""

import time
from collections.abc import Collection, Sequence
from dataclasses import replace

from PIL import Image

from marquery.arrays import Int64Array
from marquery.errors import UsageError
from marquery.index import Match
from marquery.index.browsing.ordering import sorted_matches
from marquery.index.strategies.registry import get_strategy
from marquery.web.examiner.answer import Answer, Hit
from marquery.web.examiner.index_version import IndexVersion
from marquery.web.examiner.parameters import FACET
from marquery.web.examiner.search_request import SearchRequest


def hits_of(opened: IndexVersion, matches: Sequence[Match]) -> list[Hit]:
    """Matches with their small pictures and names."""
    details = opened.listing.many([match.id for match in matches])
    return [Hit(match, details[match.id], opened.short(match.path)) for match in matches]


def list_logos(request: SearchRequest, opened: IndexVersion, k: int, offset: int) -> Answer:
    """Logos by their metadata alone.

    Args:
        request: with a filter or an order.
        opened: the version of the index.
        k: how many, from 1.
        offset: logos to leave out.

    Raises:
        UsageError: the filter cannot be understood.
    """
    start = time.perf_counter()
    check_facets(request, opened.facets.columns)
    total, facets = opened.facets.count(request.facets, request.where or None)
    page = _listed(request, opened)[offset : offset + k].tolist()
    return Answer(
        hits=hits_of(opened, opened.ordering.matches(page, offset + 1)),
        total=total,
        ranked=total,
        size=opened.size,
        version=opened.version,
        exact=True,
        facets=facets,
        hints=tuple(opened.facets.hints(request.where or None)),
        seconds=time.perf_counter() - start,
    )


def listed_places(
    request: SearchRequest, opened: IndexVersion, logos: Collection[int]
) -> list[Hit]:
    """Where some logos stand in a listing; those that the filter leaves out are left out.

    Args:
        request: with a filter or an order.
        opened: the version of the index.
        logos: ids.
    """
    place = {logo: number for number, logo in enumerate(_listed(request, opened).tolist(), 1)}
    held = sorted((place[logo], logo) for logo in logos if logo in place)
    listed = [opened.ordering.matches([logo], rank) for rank, logo in held]
    return hits_of(opened, [match for found in listed for match in found])


def nearest_pictures(
    opened: IndexVersion, request: SearchRequest, images: Sequence[Image.Image], logos: list[int]
) -> dict[int, int]:
    """Which of several pictures each hit is nearest to, by its id.

    Args:
        opened: the version of the index.
        request: the search.
        images: of the query; of one there is nothing to tell.
        logos: ids of the hits.
    """
    if len(images) < 2 or request.like:
        return {}
    best: dict[int, tuple[float, int]] = {}
    for number, image in enumerate(images):
        found = opened.index.places(
            logos,
            image,
            strategy=request.weights,
            words=request.words_to_find,
            turned=request.turned,
        )
        for match in found:
            if match.score > best.get(match.id, (-2.0, 0))[0]:
                best[match.id] = match.score, number
    return {logo: number for logo, (_, number) in best.items()}


def sorted_page(best: Answer, sort: str, k: int, offset: int) -> Answer:
    """Some of the best hits of a search in the order of a column, each at its place.

    Args:
        best: its first hits.
        sort: column, with ``-`` before it from its greatest value down.
        k: how many, from 1.
        offset: hits to leave out.
    """
    order = sorted_matches([hit.match for hit in best.hits], sort)
    by_id = {hit.match.id: hit for hit in best.hits}
    hits = [by_id[match.id] for match in order[offset : offset + k]]
    return replace(best, hits=hits, total=len(order))


def findable(
    request: SearchRequest,
    opened: IndexVersion,
    images: Sequence[Image.Image],
    last: int,
    k: int,
) -> int:
    """How many logos a search can find at most: one by words alone passes over those without any,
    so that its pages end earlier.

    Args:
        request: the search.
        opened: the version of the index.
        images: of the query.
        last: place of the last hit that was found.
        k: how many were asked for.
    """
    alone = get_strategy(next(iter(request.weights))) if len(request.weights) == 1 else None
    if alone is None or not alone.finds_only_above_zero:
        return opened.size
    if 0 < last < k:
        return last
    everything = opened.index.search(
        list(images) or None,
        max(opened.size, 1),
        strategy=request.weights,
        where=request.filter,
        words=request.words_to_find,
        turned=request.turned,
    )
    return len(everything)


def check_facets(request: SearchRequest, columns: Collection[str]) -> None:
    """Refuse values of a column that cannot be chosen from, in the words of the request.

    Raises:
        UsageError: there is no such column.
    """
    for name in request.facets:
        if name not in columns:
            known = ", ".join(columns) or "none"
            raise UsageError(
                FACET + name, "there is no such column to choose from", f"there are {known}"
            )


def _listed(request: SearchRequest, opened: IndexVersion) -> Int64Array:
    ids = opened.facets.ids(request.facets, request.where or None)
    return opened.ordering.sorted(ids, request.sort)
