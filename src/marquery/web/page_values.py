"""What the templates of the search page show."""

from typing import Any

from marquery.web.examiner.pictures import logo_picture
from marquery.web.examiner.search_request import PageRequest
from marquery.web.examiner.service import Answer, Service
from marquery.web.limits import PAGE_HITS


def search_page(service: Service, request: PageRequest) -> Answer:
    """The hits of the page that a request asks for."""
    return service.search(request, PAGE_HITS, (request.page - 1) * PAGE_HITS)


def query_values(service: Service, request: PageRequest) -> dict[str, Any]:
    """What the panel with the query shows."""
    opened = service.at(request.version)
    return {
        "state": request,
        "queries": [service.uploads.get(sha256) for sha256 in request.queries],
        "weights": request.weights,
        "strategies": opened.strategies,
        "word_strategies": [s.name for s in opened.strategies if s.takes_words],
        "columns": opened.columns,
    }


def answer_values(service: Service, request: PageRequest, answer: Answer) -> dict[str, Any]:
    """What the hits' side shows.

    Args:
        service: where the hits come from.
        request: what was asked for.
        answer: what was found.
    """
    decisions = service.reviews.decisions(request.case)
    opened = service.at(answer.version)
    values: dict[str, Any] = {
        "answer": answer,
        "decisions": decisions,
        "kept": sum(d.verdict == "keep" for d in decisions.values()),
        "dismissed": sum(d.verdict == "dismiss" for d in decisions.values()),
        "newest": service.index.version,
        "pages": -(-answer.total // PAGE_HITS),
        "entry": None,
    }
    if request.hit is not None:
        details = opened.listing.one(request.hit)
        with service.reading:
            _, missing = logo_picture(details)
        ids = [hit.match.id for hit in answer.hits]
        at = ids.index(request.hit) if request.hit in ids else None
        values |= {
            "entry": opened.index.entry(request.hit),
            "name": opened.short(details.path),
            "missing": missing,
            "found": None if at is None else answer.hits[at],
            "previous": ids[at - 1] if at else None,
            "following": None if at is None or at + 1 == len(ids) else ids[at + 1],
        }
    return values
