"""What the JSON API answers."""

from pydantic import BaseModel, ConfigDict, Field

from marquery.index.browsing.code_kinds import CodeKind
from marquery.index.metadata.types import Value
from marquery.web.examiner.answer import Absence, AbsentLogo, Answer, Hit
from marquery.web.examiner.decided import decisions_at
from marquery.web.examiner.reviews import Decision, Verdict
from marquery.web.examiner.search_request import SearchRequest
from marquery.web.examiner.service import Service


class Out(BaseModel):
    """What is answered; nothing else is."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class QueryOut(Out):
    """An uploaded picture."""

    sha256: str
    name: str
    width: int
    height: int


class DecisionOut(Out):
    """What was decided of a logo in a case."""

    logo: int
    verdict: Verdict
    note: str
    reviewer: str
    changed: str
    revision: int = Field(description="Of the case when this was decided.")

    @classmethod
    def of(cls, decision: Decision, logo: int | None = None) -> "DecisionOut":
        """Without the logo's path on the server.

        Args:
            decision: as it is kept.
            logo: its id in the index as it is now, where that is another.
        """
        d = decision
        return cls(
            logo=d.logo if logo is None else logo,
            verdict=d.verdict,
            note=d.note,
            reviewer=d.reviewer,
            changed=d.changed,
            revision=d.revision,
        )


class AbsentOut(Out):
    """A logo that was decided about and is not among the ranked ones."""

    name: str = Field(description="Path from the common folder of all logos.")
    why: Absence = Field(
        description="`left`: no longer in the index; `changed`: another picture lies at its place; "
        "`filtered`: the filter or the strategy leaves it out."
    )
    logo: int | None = Field(description="Its id, where the index holds it.")
    decision: DecisionOut

    @classmethod
    def of(cls, absent: AbsentLogo) -> "AbsentOut":
        """With its decision."""
        decision = DecisionOut.of(absent.decision, absent.logo)
        return cls(name=absent.name, why=absent.why, logo=absent.logo, decision=decision)


class HitOut(Out):
    """One found logo."""

    rank: int
    id: int
    name: str = Field(description="Path from the common folder of all logos.")
    score: float | None = Field(description="Null where nothing was looked for.")
    scores: dict[str, float] = Field(description="Of each strategy.")
    probability: float | None = Field(
        description="That both are of one mark, by all evidence or by the cosine of the wholes; "
        "null if not known."
    )
    by_chance: float | None = Field(
        description="Logos of other marks that are expected to have this probability or a higher "
        "one in an index of this size; null if not known."
    )
    reasons: dict[str, float] = Field(
        description="By evidence its share of what speaks for the logo; they add up to 1."
    )
    turned: str = Field(description="How the query was turned to be most like it; empty: not.")
    words: str | None = Field(description="Read in the logo.")
    register_words: str | None = Field(
        description="Of the column that the index takes words from; null where there are none."
    )
    words_by: str = Field(
        description="Which of the two is like the query's words: `read` or `register`; empty: none."
    )
    part: tuple[int, int, int, int] | None = Field(
        description="Rectangle x, y, w, h of the part that was found, in pixels of the logo."
    )
    kind: str | None
    metadata: dict[str, Value]
    sha256: str
    width: int
    height: int
    near: int | None = Field(
        description="Of several pictures the number, from 0, of the nearest one; null for one."
    )
    thumbnail: str
    picture: str
    decision: DecisionOut | None

    @classmethod
    def of(
        cls, hit: Hit, version: int, decision: Decision | None, near: int | None = None
    ) -> "HitOut":
        """A hit with the addresses of its pictures.

        Args:
            hit: what was found.
            version: of the index that was searched.
            decision: about the hit; None where nothing was decided.
            near: number of the picture that it is nearest to, where there are several.
        """
        match, details = hit.match, hit.details
        return cls(
            rank=match.rank,
            id=match.id,
            name=hit.name,
            score=match.score if match.scores else None,
            scores=match.scores,
            probability=match.probability,
            by_chance=match.by_chance,
            reasons=match.reasons,
            turned=match.turned,
            words=match.words,
            register_words=match.register_words,
            words_by=match.words_by,
            part=match.part,
            kind=match.kind,
            metadata=match.metadata,
            sha256=details.sha256,
            width=details.width,
            height=details.height,
            near=near,
            thumbnail=f"/logos/{match.id}/thumbnail?at={version}",
            picture=f"/logos/{match.id}/picture?at={version}",
            decision=None if decision is None else DecisionOut.of(decision),
        )


class CountOut(Out):
    """How many logos have a value; the empty value stands for none."""

    value: str
    name: str = Field(description="What a code is called; empty where nothing is said.")
    count: int
    chosen: bool


class FacetOut(Out):
    """A metadata column with its commonest values."""

    column: str
    kind: CodeKind = Field(
        description="`nice`: classes of goods; `tree`: dotted codes, see `/api/codes/COLUMN`."
    )
    distinct: int
    values: list[CountOut]


class SearchOut(Out):
    """One page of a ranking."""

    query: str = Field(description="The search as an address; the page of the same search.")
    case: str = Field(description="What decisions about these hits belong to.")
    version: int = Field(description="Of the index; give it as `at` so that pages do not shift.")
    size: int = Field(description="Logos in the index.")
    revision: int = Field(description="Of the case; give it as `seen` with a decision.")
    total: int = Field(description="Logos of the view; without one those that the filter leaves.")
    ranked: int = Field(description="Logos that the filter leaves; all are ranked.")
    exact: bool
    weights: dict[str, float]
    hits: list[HitOut]
    hints: list[str] = Field(description="On values that the filter asks for and no logo has.")
    absent: list[AbsentOut] = Field(description="Decided logos of the view that are not ranked.")
    facets: list[FacetOut]
    seconds: float

    @classmethod
    def of(cls, service: Service, request: SearchRequest, answer: Answer) -> "SearchOut":
        """An answer as the API gives it.

        Args:
            service: where it was found and decisions are kept.
            request: what was searched for.
            answer: what was found.
        """
        decisions = decisions_at(service, request.case, answer.version)
        opened = service.at(answer.version)
        return cls(
            query=request.address(),
            case=request.case,
            version=answer.version,
            size=answer.size,
            revision=service.reviews.revision(request.case),
            total=answer.total,
            ranked=answer.ranked,
            exact=answer.exact,
            weights=request.weights,
            hits=[
                HitOut.of(
                    hit, answer.version, decisions.get(hit.match.id), answer.near.get(hit.match.id)
                )
                for hit in answer.hits
            ],
            hints=list(answer.hints),
            absent=[AbsentOut.of(logo) for logo in answer.absent],
            facets=[
                FacetOut(
                    column=f.column,
                    kind=f.kind,
                    distinct=f.distinct,
                    values=[
                        CountOut(
                            value=c.value,
                            name=opened.code_name(f.column, c.value),
                            count=c.count,
                            chosen=c.chosen,
                        )
                        for c in f.values
                    ],
                )
                for f in answer.facets
            ],
            seconds=round(answer.seconds, 4),
        )


class PartOut(Out):
    """A part of a logo that has a vector of its own."""

    kind: str
    box: tuple[int, int, int, int]


class LogoOut(Out):
    """What is stored of a logo."""

    id: int
    name: str
    width: int
    height: int
    sha256: str
    words: str | None
    register_words: str | None
    colors: list[str]
    parts: list[PartOut]
    metadata: dict[str, Value]


class ErrorDetail(Out):
    """Why a request was refused."""

    message: str = Field(description="One sentence: what is wrong and what to do.")
    option: str | None = Field(
        description="The parameter that is to blame; null where no single one is."
    )


class ErrorOut(Out):
    """A refusal."""

    detail: ErrorDetail
