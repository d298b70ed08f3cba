"""The decided logos of a case in the index as it is now, and views of a ranking by what was
decided.

A decision is about a picture: it is found again by the path and the content of the logo's file,
also where the index was built anew meanwhile. A logo whose picture is not there any more is told
apart.
"""

from collections.abc import Sequence
from dataclasses import replace

from marquery.web.examiner.answer import Absence, AbsentLogo, Answer, Hit
from marquery.web.examiner.index_version import IndexVersion
from marquery.web.examiner.reviews import Decision
from marquery.web.examiner.search_request import SearchRequest
from marquery.web.examiner.service import Service


def match_decisions(
    opened: IndexVersion, decisions: Sequence[Decision]
) -> tuple[dict[int, Decision], list[AbsentLogo]]:
    """Decisions by the ids of their logos, and those whose logos are not in the index as they were.

    Args:
        opened: the version of the index.
        decisions: of one case.
    """
    if not decisions:
        return {}, []
    hashes = [d.sha256 for d in decisions if d.sha256]
    held = opened.listing.held([d.path for d in decisions], hashes)
    by_path = {path: (logo, sha256) for logo, path, sha256 in held}
    found: dict[int, Decision] = {}
    moved = []
    for decision in decisions:
        logo, sha256 = by_path.get(decision.path, (None, ""))
        if logo is not None and decision.sha256 in ("", sha256):
            found[logo] = decision
        else:
            moved.append(decision)
    absent = []
    for decision in moved:
        same = [logo for logo, _, sha256 in held if sha256 == decision.sha256 != ""]
        free = next((logo for logo in sorted(same) if logo not in found), None)
        if free is not None:
            found[free] = decision
        else:
            why: Absence = "changed" if decision.path in by_path else "left"
            absent.append(AbsentLogo(decision, why, opened.short(decision.path), None))
    return found, absent


def decisions_at(service: Service, case: str, version: int | None) -> dict[int, Decision]:
    """Decisions of a case by the ids of the logos that they are about in a version of the index.

    Args:
        service: where they are kept.
        case: what they belong to.
        version: of the index; None: the newest.
    """
    return match_decisions(service.at(version), service.reviews.all_decisions(case))[0]


def decided(
    service: Service, request: SearchRequest, verdicts: tuple[str, ...] | None = None
) -> tuple[list[Hit], list[AbsentLogo]]:
    """All logos that were decided about in a search's case: those that it ranks, best first, each
    at its place however far down, and the others with the reason.

    Args:
        service: where it is searched and was decided.
        request: the search.
        verdicts: only decisions of these; None: all, notes included.
    """
    opened = service.at(request.version)
    decisions = service.reviews.all_decisions(request.case)
    if verdicts is not None:
        decisions = [d for d in decisions if d.verdict in verdicts]
    found, absent = match_decisions(opened, decisions)
    hits = service.places(request, list(found)) if found else []
    ranked = {hit.match.id for hit in hits}
    filtered = [
        AbsentLogo(decision, "filtered", opened.short(decision.path), logo)
        for logo, decision in found.items()
        if logo not in ranked
    ]
    return hits, filtered + absent


#: Which decisions a view shows, by the view's name in an address.
VIEWS: dict[str, tuple[str, ...]] = {
    "kept": ("keep",),
    "dismissed": ("dismiss",),
    "decided": ("keep", "dismiss"),
}


def view(service: Service, request: SearchRequest, k: int, offset: int) -> Answer:
    """Some hits of a search, of those only that its view shows; each stands at its place in the
    whole ranking.

    Args:
        service: where it is searched.
        request: the search with :attr:`SearchRequest.show`.
        k: how many hits, from 1.
        offset: hits of the view to leave out.

    Raises:
        UsageError: see :meth:`Service.search`, as the other errors.
    """
    if not request.show or not request.case:
        return service.search(request, k, offset)
    request = request.replace(sort="")
    if request.show == "undecided":
        return _undecided(service, request, k, offset)
    base = service.search(request, 1)
    hits, absent = decided(service, request, VIEWS[request.show])
    return replace(base, hits=hits[offset : offset + k], total=len(hits), absent=tuple(absent))


def _undecided(service: Service, request: SearchRequest, k: int, offset: int) -> Answer:
    """The ranking with holes where decided logos stand.

    Their places are those of the whole ranking, so that is what is shown: candidates of a large
    index stand at other places.
    """
    done, _ = decided(service, request, ("keep", "dismiss"))
    holes = sorted(hit.match.rank for hit in done)
    first = _rank_of(offset, holes)
    last = _rank_of(offset + k - 1, holes)
    answer = service.search(request.replace(exact=True), last - first + 1, first - 1)
    taken = {hit.match.id for hit in done}
    hits = [hit for hit in answer.hits if hit.match.id not in taken]
    return replace(answer, hits=hits, total=answer.total - len(holes))


def _rank_of(number: int, holes: list[int]) -> int:
    """Rank from 1 of the undecided logo of a number from 0; ``holes`` are decided ranks, sorted."""
    rank = number + 1
    for hole in holes:
        if hole > rank:
            break
        rank += 1
    return rank
