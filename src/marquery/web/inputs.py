"""What requests give beside a search: models of the API's parameters and the page's forms."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from marquery.errors import UsageError
from marquery.web import limits
from marquery.web.examiner.decisions import DecisionChange
from marquery.web.examiner.fields import Pictures
from marquery.web.examiner.report import ReportFormat, ReportOptions
from marquery.web.examiner.search_request import PageRequest, SearchRequest

#: A search's address, as the page's forms and saved searches give it.
SearchAddress = Annotated[str, Field(max_length=limits.ADDRESS_LENGTH)]
#: Of those that look for anything; told in the API's description alone.
_SEARCHING = r"^[^?]*\?([^?]*&)?(q=[0-9a-f]{64}|like=[0-9]{1,15}|strategy=words&words=[^&]+)(&.*)?$"
SavedName = Annotated[
    str,
    Field(min_length=1, max_length=limits.NAME_LENGTH, json_schema_extra={"pattern": r"\S"}),
]


class ApiSearch(SearchRequest):
    """A search and which of its hits are asked for."""

    k: int = Field(limits.PAGE_HITS, ge=1, le=limits.MOST_HITS, description="How many hits.")
    offset: int = Field(0, ge=0, description="Hits to leave out.")


class ExplainedSearch(SearchRequest):
    """A search for a picture, which is compared with one logo."""

    queries: Pictures = Field(
        alias="q",
        min_length=1,
        max_length=limits.PARAMETER_REPEATS,
        description="SHA-256 of uploaded pictures, of which the first is compared.",
    )

    @model_validator(mode="before")
    @classmethod
    def _has_picture(cls, given: Any) -> Any:
        if not any(given.get(name) for name in ("q", "queries")):
            raise UsageError("queries", "there is no picture to compare with", "give one")
        return given


_BRANCH = "A code, for those right below it; empty: the widest ones."
_FIND = "The beginning of a code, or words of its name, in place of `of`."


class CodesSearch(SearchRequest):
    """A search, and which codes of a column are asked for."""

    of: str = Field("", max_length=limits.PARAMETER_LENGTH, description=_BRANCH)
    find: str = Field("", max_length=limits.PARAMETER_LENGTH, description=_FIND)


class CodesPage(PageRequest):
    """The page's view of a search, and which codes of a column are asked for."""

    of: str = Field("", max_length=limits.PARAMETER_LENGTH)
    find: str = Field("", max_length=limits.PARAMETER_LENGTH)


class ReportSearch(SearchRequest, ReportOptions):
    """A search to report, with the API's parameters."""


class ReportForm(ReportOptions):
    """The page's form for a report."""

    model_config = ConfigDict(populate_by_name=True)

    state: SearchAddress
    form: ReportFormat = "pdf"
    k: int = Field(limits.PAGE_HITS, alias="hits", ge=1, le=limits.MOST_HITS)


class DecisionForm(DecisionChange):
    """The page's form for a decision about a hit; the search is given by its address."""

    logo: int
    state: SearchAddress


class BulkForm(BaseModel):
    """The page's form for decisions about several hits."""

    state: SearchAddress
    action: Literal["keep", "dismiss", "rest"]
    logo: list[int] = Field([], max_length=limits.MOST_HITS)
    seen: int = Field(0, ge=0, le=limits.LAST_REVISION)


class UndoForm(BaseModel):
    """The page's form that takes changes of decisions back."""

    state: SearchAddress
    since: int = Field(ge=0, le=limits.LAST_REVISION)
    until: int = Field(ge=0, le=limits.LAST_REVISION)


class AbsentForm(BaseModel):
    """The page's form for a decision about a logo that has left the index."""

    name: str = Field(max_length=limits.PARAMETER_LENGTH)
    state: SearchAddress
    seen: int = Field(0, ge=0, le=limits.LAST_REVISION)


class SavedIn(BaseModel):
    """A search to save."""

    model_config = ConfigDict(extra="forbid")

    name: SavedName
    query: SearchAddress = Field(
        description="As `query` of a search, such as `/?q=…&where=nice = 25`.",
        json_schema_extra={"pattern": _SEARCHING},
    )


class SaveForm(BaseModel):
    """The page's form for a search to save, given by its address."""

    name: SavedName
    state: SearchAddress


class ReviewerForm(BaseModel):
    """The page's form for who decides in this browser, and where it was asked."""

    name: str = Field("", max_length=limits.NAME_LENGTH)
    back: SearchAddress = "/review"


class CaseChange(BaseModel):
    """What is said of a case; what is left out stays as it was."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(None, max_length=limits.NAME_LENGTH)
    reference: str | None = Field(
        None, max_length=limits.REFERENCE_LENGTH, description="The office's number of the case."
    )
    owner: str | None = Field(
        None, max_length=limits.NAME_LENGTH, description="Of the mark that is searched for."
    )
    closed: bool | None = Field(None, description="Whether the case is done.")
    reviewer: str = Field("", max_length=limits.NAME_LENGTH, description="Who says so.")
    seen: int | None = Field(
        None,
        ge=0,
        le=limits.LAST_REVISION,
        description="`described` of the case as it was looked at: if somebody changed it since, "
        "nothing is stored (409).",
    )


class CaseForm(CaseChange):
    """The page's form for what is said of a case, which its search's address names."""

    state: SearchAddress


class CommentIn(BaseModel):
    """A comment on a case."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=limits.COMMENT_LENGTH)
    author: str = Field("", max_length=limits.NAME_LENGTH)


class CommentForm(BaseModel):
    """The page's form for a comment."""

    text: str = Field("", max_length=limits.COMMENT_LENGTH)
    state: SearchAddress
