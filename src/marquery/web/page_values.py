"""What the templates of the search page show."""

from typing import Any

from marquery.web.examiner.answer import Answer
from marquery.web.examiner.decided import match_decisions, view
from marquery.web.examiner.decisions import check_case
from marquery.web.examiner.folding import Folded, fold
from marquery.web.examiner.pictures import logo_picture
from marquery.web.examiner.search_request import PageRequest
from marquery.web.examiner.service import Service


def search_page(service: Service, request: PageRequest) -> Answer:
    """The hits of the page that a request asks for."""
    return view(service, request, request.size, (request.page - 1) * request.size)


def page_count(request: PageRequest, answer: Answer) -> int:
    """Pages of a view, at least one."""
    return max(1, -(-answer.total // request.size))


def existing_page(service: Service, request: PageRequest) -> tuple[PageRequest, Answer]:
    """The hits of the page that a request asks for, or of the last one where it is beyond the end,
    and the request of that page.
    """
    answer = search_page(service, request)
    if request.page <= (last := page_count(request, answer)):
        return request, answer
    request = request.replace(page=last)
    return request, search_page(service, request)


def all_values(service: Service, request: PageRequest, answer: Answer) -> dict[str, Any]:
    """What both sides of the page show, see :func:`query_values` and :func:`answer_values`.

    Args:
        service: where the hits come from.
        request: what was asked for.
        answer: what was found.
    """
    return {**query_values(service, request), **answer_values(service, request, answer)}


def query_values(service: Service, request: PageRequest) -> dict[str, Any]:
    """What the panel with the query shows."""
    opened = service.at(request.version)
    sortable = [name for name, kind in opened.columns.items() if kind != "list"]
    return {
        "state": request,
        "sortable": sortable,
        "queries": [service.uploads.get(sha256) for sha256 in request.queries],
        "weights": request.weights,
        "strategies": opened.strategies,
        "word_strategies": [s.name for s in opened.strategies if s.takes_words],
        "columns": opened.columns,
        "has_codes": bool(opened.facets.kinds),
    }


def answer_values(service: Service, request: PageRequest, answer: Answer) -> dict[str, Any]:
    """What the hits' side shows.

    Args:
        service: where the hits come from.
        request: what was asked for.
        answer: what was found.
    """
    stored = service.reviews.all_decisions(request.case)
    opened = service.at(answer.version)
    decisions, _ = match_decisions(opened, stored)
    values: dict[str, Any] = {
        "answer": answer,
        "words_from": opened.index.words_from,
        "decisions": decisions,
        "seen": service.reviews.revision(request.case),
        "news": [],
        "case": service.casebook.case(request.case),
        "queue": _queue_values(service, request),
        "kept": sum(d.verdict == "keep" for d in stored),
        "dismissed": sum(d.verdict == "dismiss" for d in stored),
        "newest": service.index.version,
        "pages": page_count(request, answer),
        "entry": None,
    }
    flat = request.unfolded or request.is_listing or bool(request.sort)  # in the order asked for
    groups = [Folded(hit) for hit in answer.hits] if flat else fold(opened, answer.hits)
    values |= {
        "groups": groups,
        "group_of": {group.hit.match.id: group for group in groups},
        "head_of": {o.match.id: group.hit.match.id for group in groups for o in group.others},
    }
    if request.hit is not None:
        details = opened.listing.one(request.hit)
        with service.reading:
            _, missing = logo_picture(details)
        ids = [hit.match.id for hit in answer.hits]
        at = ids.index(request.hit) if request.hit in ids else None
        fixed = request.replace(version=answer.version)
        # One that is linked to and stands on another page has its place, too.
        elsewhere = service.places(fixed, [request.hit]) if at is None else []
        found = answer.hits[at] if at is not None else next(iter(elsewhere), None)
        values |= {
            "entry": opened.index.entry(request.hit),
            "name": opened.short(details.path),
            "missing": missing,
            "found": found,
            "previous": None if at is None else _neighbour(service, fixed, ids, at - 1),
            "following": None if at is None else _neighbour(service, fixed, ids, at + 1),
        }
    return values


def case_values(service: Service, request: PageRequest) -> dict[str, Any]:
    """What the page of a case shows."""
    check_case(service, request.case)
    short = service.at().short
    decisions = service.reviews.all_decisions(request.case)
    return {
        "case": service.casebook.case(request.case),
        "query": service.reviews.query(request.case),
        "comments": service.casebook.comments(request.case),
        "history": [(c, short(c.path)) for c in service.reviews.history(request.case)],
        "verdicts": {"keep": "kept", "dismiss": "dismissed", "": "undecided"},
        "kept": sum(d.verdict == "keep" for d in decisions),
        "dismissed": sum(d.verdict == "dismiss" for d in decisions),
    }


def _queue_values(service: Service, request: PageRequest) -> dict[str, Any] | None:
    """Where the case stands in the queue that is gone through; None where there is none."""
    if request.queue is None:
        return None
    cases = service.casebook.queued(request.queue)
    places = [row.case for row in cases]
    at = places.index(request.case) if request.case in places else None
    return {
        "queue": service.casebook.queue(request.queue),
        "place": None if at is None else at + 1,
        "previous": places[at - 1] if at else None,
        "following": None if at is None or at + 1 == len(places) else places[at + 1],
    }


def _neighbour(
    service: Service, request: PageRequest, ids: list[int], at: int
) -> PageRequest | None:
    """The view with the hit before or after the opened one, also on the page before or after."""
    if 0 <= at < len(ids):
        return request.replace(hit=ids[at])
    offset = (request.page - 1) * request.size + at
    if offset < 0:
        return None
    found = view(service, request, 1, offset).hits
    page = offset // request.size + 1
    return request.replace(page=page, hit=found[0].match.id) if found else None
