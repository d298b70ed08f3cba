"""The report of a search as a file."""

import io
import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from marquery.errors import MarqueryError, UsageError
from marquery.searchreport import (
    AbsentLogo,
    Decision,
    Explanation,
    QueryImage,
    record_search,
    report_bytes,
)
from marquery.web import limits
from marquery.web.examiner.decided import decided, decisions_at
from marquery.web.examiner.reviews import Decision as Stored
from marquery.web.examiner.search_request import SearchRequest
from marquery.web.examiner.service import Service

ReportFormat = Literal["pdf", "html", "json", "csv"]
_MEDIA_TYPES: dict[ReportFormat, str] = {
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
}
_Stripped = Annotated[str, StringConstraints(strip_whitespace=True)]


class ReportOptions(BaseModel):
    """What a report holds beside the search itself."""

    form: ReportFormat = Field("json", description="JSON can be repeated by `marquery rerun`.")
    k: int = Field(
        limits.PAGE_HITS, ge=1, le=limits.MOST_HITS, description="How many hits, from the first on."
    )
    explained: bool = Field(False, description="With explanations of kept hits.")
    reference: _Stripped = Field(
        "", max_length=limits.REFERENCE_LENGTH, description="The office's number of the case."
    )
    logo: list[int] = Field(
        [], max_length=limits.MOST_HITS, description="Ids of the only hits that are reported."
    )
    examiner: _Stripped = Field("", max_length=limits.NAME_LENGTH, description="Who searches.")


@dataclass(frozen=True)
class ReportFile:
    """A report to be downloaded."""

    name: str
    media_type: str
    data: bytes


def make_report(service: Service, request: SearchRequest, options: ReportOptions) -> ReportFile:
    """Report a search with what was decided about its hits.

    Args:
        service: where it is searched and was decided.
        request: the search; its first hits are reported.
        options: what else the report holds.

    Raises:
        UsageError: there is nothing to search for, or a picture is not here any more.
        BusyError: too many reports or searches wait already.
        MarqueryError: the index cannot be read.
    """
    if not request.has_query:
        raise UsageError("queries", "there is no search to report", "give a picture")
    with service.reporting:
        return _make(service, request, options)


def _make(service: Service, request: SearchRequest, options: ReportOptions) -> ReportFile:
    answer = service.search(request, options.k)
    opened = service.at(answer.version)
    request = request.replace(version=answer.version)
    ranked, absent = decided(service, request)
    if (ranked or options.logo) and not answer.exact:
        # Decided and chosen logos have their places among all logos: so have the others then.
        request = request.replace(exact=True)
        answer = service.search(request, options.k)
    known = decisions_at(service, request.case, answer.version)
    decisions = {logo: _told(decision) for logo, decision in known.items()}
    hits = service.places(request, options.logo) if options.logo else answer.hits
    kept = [logo for logo, decision in decisions.items() if decision.verdict == "keep"]
    _, part = service.pictures(request)
    record = record_search(
        opened.index,
        _query_images(service, request, part),
        [hit.match for hit in hits],
        k=options.k,
        strategy=request.weights,
        part=request.crop if part else None,
        where=request.filter,
        words=request.words_to_find,
        exact=request.exact,
        like=request.like,
        unlike=request.unlike,
        reference=options.reference or service.casebook.case(request.case).reference,
        turned=request.turned,
        examiner=options.examiner,
        selected=bool(options.logo),
        decided=[] if options.logo else [hit.match for hit in ranked],
        absent=[
            AbsentLogo(
                path=logo.decision.path,
                sha256=logo.decision.sha256,
                why=logo.why,
                decision=_told(logo.decision),
            )
            for logo in ([] if options.logo else absent)
        ],
        decisions=decisions,
        explanations=_explanations(service, request, kept) if options.explained else None,
    )
    return ReportFile(
        name=_file_name(service, request, options.form),
        media_type=_MEDIA_TYPES[options.form],
        data=report_bytes(record, opened.index, f".{options.form}"),
    )


def _told(decision: Stored) -> Decision:
    """A decision as a record has it."""
    d = decision
    return Decision(verdict=d.verdict or None, note=d.note, who=d.reviewer, when=d.changed)


def _query_images(service: Service, request: SearchRequest, part: bool) -> list[QueryImage]:
    """The pictures as they were uploaded; a cut-out that was searched for as a whole, as cut."""
    if request.crop is not None and not part:
        images, _ = service.pictures(request)
        return [QueryImage.of(image, "cut-out.png") for image in images]
    found = []
    for sha256 in request.queries:
        query, place = service.uploads.get(sha256), service.uploads.path(sha256)
        name = query.name
        # The ending tells how the bytes are read again.
        if (place.suffix == ".svg") != name.lower().endswith(".svg"):
            name += place.suffix
        found.append(
            QueryImage(
                path=name,
                width=query.width,
                height=query.height,
                data=place.read_bytes(),
                sha256=sha256,
            )
        )
    return found


def _explanations(
    service: Service, request: SearchRequest, logos: list[int]
) -> dict[int, Explanation]:
    found = {}
    for logo in logos[: limits.EXPLAINED_HITS]:
        try:
            explanation = service.explain(request, logo, patient=True)
        except MarqueryError:  # the report is of use without it
            continue
        png = io.BytesIO()
        explanation.picture(sentences=False).save(png, "PNG")
        found[logo] = Explanation(facts=explanation.to_dict(), picture=png.getvalue())
    return found


def _file_name(service: Service, request: SearchRequest, form: ReportFormat) -> str:
    name = service.uploads.get(request.queries[0]).name if request.queries else request.case
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", name.rsplit(".", 1)[0]).strip("-.") or "search"
    return f"{stem[:60]}-report.{form}"
