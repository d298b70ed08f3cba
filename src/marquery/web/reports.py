"""The report of a search as a file: by the page's button and by the API."""

import io
import re
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from marquery.errors import MarqueryError, UsageError
from marquery.searchreport import Decision, Explanation, QueryImage, record_search, report_bytes
from marquery.web.context import LONGEST_NAME, TheService, TheState
from marquery.web.service import PAGE, Service
from marquery.web.state import SearchState, parse_address

router = APIRouter()
Form4 = Literal["pdf", "html", "json", "csv"]
_TYPES = {
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
}
_MOST_HITS = 200
# Each takes the time of some searches.
_MOST_EXPLAINED = 12


@router.post("/report", include_in_schema=False)
def report_file(
    service: TheService,
    state: Annotated[str, Form()],
    form: Annotated[Form4, Form()] = "pdf",
    hits: Annotated[int, Form(ge=1, le=_MOST_HITS)] = PAGE,
    explained: Annotated[bool, Form()] = False,
    reference: Annotated[str, Form(max_length=200)] = "",
    examiner: Annotated[str, Form(max_length=LONGEST_NAME)] = "",
) -> Response:
    """The report of the search that is shown, from its first hit on."""
    asked = parse_address(state)
    return _report(service, asked, form, hits, explained, reference.strip(), examiner.strip())


@router.get("/api/report", tags=["API"], response_class=Response)
def report(
    state: TheState,
    service: TheService,
    form: Annotated[Form4, Query(description="JSON can be repeated by `marquery rerun`.")] = "json",
    k: Annotated[int, Query(ge=1, le=_MOST_HITS)] = PAGE,
    explained: Annotated[bool, Query(description="With explanations of kept hits.")] = False,
    reference: Annotated[str, Query(max_length=200)] = "",
    examiner: Annotated[str, Query(max_length=LONGEST_NAME)] = "",
) -> Response:
    """The report of a search, which takes the same parameters as a search, with what was decided."""
    return _report(service, state, form, k, explained, reference, examiner)


def _report(
    service: Service,
    state: SearchState,
    form: Form4,
    k: int,
    explained: bool,
    reference: str,
    examiner: str,
) -> Response:
    if not state.asks:
        raise UsageError("q: there is no search to report")
    answer = service.search(state, k, 0)
    opened = service.opened(answer.version)
    decided = service.reviews.decisions(state.case)
    decisions = {
        hit.match.id: Decision(
            verdict=d.verdict or None,
            note=d.note,
            who=d.reviewer,
            when=d.changed,
        )
        for hit in answer.hits
        if (d := decided.get(hit.match.path)) is not None
    }
    kept = [logo for logo, decision in decisions.items() if decision.verdict == "keep"]
    _, part = service.pictures(state)
    record = record_search(
        opened.index,
        _query_images(service, state, part),
        [hit.match for hit in answer.hits],
        k=k,
        strategy=state.weights,
        part=state.crop if part else None,
        where=state.filter,
        words=state.asked_words,
        exact=state.exact,
        like=state.like,
        unlike=state.unlike,
        reference=reference,
        examiner=examiner,
        decisions=decisions,
        explanations=_explanations(service, state, kept) if explained else None,
    )
    data = report_bytes(record, opened.index, f".{form}")
    headers = {"content-disposition": f'attachment; filename="{_file_name(service, state, form)}"'}
    return Response(data, media_type=_TYPES[form], headers=headers)


def _query_images(service: Service, state: SearchState, part: bool) -> list[QueryImage]:
    """The pictures as they were uploaded; a cut-out that was searched for as a whole, as it was cut."""
    if state.crop is not None and not part:
        images, _ = service.pictures(state)
        return [QueryImage.of(image, "cut-out.png") for image in images]
    out = []
    for sha256 in state.queries:
        query, place = service.queries.get(sha256), service.queries.path(sha256)
        name = query.name
        # The ending tells how the bytes are read again.
        if (place.suffix == ".svg") != name.lower().endswith(".svg"):
            name += place.suffix
        out.append(
            QueryImage(
                path=name,
                width=query.width,
                height=query.height,
                data=place.read_bytes(),
                sha256=sha256,
            )
        )
    return out


def _explanations(service: Service, state: SearchState, logos: list[int]) -> dict[int, Explanation]:
    out = {}
    for logo in logos[:_MOST_EXPLAINED]:
        try:
            explanation = service.explain(state, logo)
        except MarqueryError:  # the report is worth having without
            continue
        png = io.BytesIO()
        explanation.picture().save(png, "PNG")
        out[logo] = Explanation(facts=explanation.to_dict(), picture=png.getvalue())
    return out


def _file_name(service: Service, state: SearchState, form: str) -> str:
    name = service.queries.get(state.queries[0]).name if state.queries else state.case
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", name.rsplit(".", 1)[0]).strip("-.") or "search"
    return f"{stem[:60]}-report.{form}"
