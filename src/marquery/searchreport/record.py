"""The record of a search: the request, the index, the hits, and the reviewer's decisions."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from marquery.errors import MarqueryError
from marquery.searchreport.query_image import Base64, QueryImage

FORMAT: Literal["marquery search record"] = "marquery search record"
SCHEMA: Literal[1] = 1
Box = tuple[int, int, int, int]
Score = Annotated[float, Field(allow_inf_nan=False)]
Verdict = Literal["keep", "dismiss"]
# Fields that came after the first records, and are not written where they say nothing.
_LATER = ("selected", "total", "decided", "absent")
# A record with many large explanations takes about 10 MB; a larger file is no record.
_MOST_BYTES = 512 * 2**20


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class IndexedLogo(_Part):
    """A stored logo that was given as an example (like or unlike)."""

    id: int
    path: str
    sha256: str


class Asked(_Part):
    """The request, with the parameters of :meth:`marquery.index.LogoIndex.search`."""

    strategy: dict[str, Score]
    """Strategy -> weight; they add up to 1."""
    part: Box | None = None
    """Rectangle x, y, width, height of the only query image, in pixels."""
    where: str | None = None
    words: str | None = None
    """Words to search for instead of those in the query."""
    like: list[IndexedLogo] = []
    unlike: list[IndexedLogo] = []
    k: int = Field(ge=1)
    offset: int = Field(ge=0, default=0)
    exact: bool = False
    """Whether a comparison with every logo was requested."""
    turned: bool = False
    """Whether the query was looked for turned and mirrored, too."""


class IndexState(_Part):
    """The index, as it was searched."""

    path: str
    """Absolute."""
    version: int = Field(ge=0)
    logos: int = Field(ge=0)
    compared: Literal["all", "candidates"]
    """``"all"``: every logo was compared; ``"candidates"``: those that an approximate index gave.
    """
    encoder: str
    fingerprint: str
    """SHA-256 of the encoder."""
    words_from: str | None = None
    """Metadata column whose words were searched, too."""


class RecordedHit(_Part):
    """A found logo, see :class:`marquery.index.Match`."""

    rank: int = Field(ge=1)
    id: int
    path: str
    sha256: str
    score: Score
    scores: dict[str, Score]
    probability: Score | None = None
    """Probability that it is the same mark, 0 to 1; None if unknown."""
    by_chance: float | None = Field(ge=0, default=None)
    """Logos of other marks that are expected to be as alike in this index; None if unknown."""
    part: Box | None = None
    kind: str | None = None
    words: str | None = None
    """Words read in the logo; None if it was not read."""
    register_words: str | None = None
    """Words of the column that the index takes words from; None if there are none."""
    words_by: str = ""
    """Which of the two is like the query's words, ``read`` or ``register``; empty for none."""
    metadata: dict[str, str | int | float | list[str] | None] = {}
    reasons: dict[str, Score] = {}
    """By evidence its share of what speaks for this hit."""
    turned: str = ""
    """How the query was turned where it is most like this hit."""


class Decision(_Part):
    """A reviewer's decision on one hit."""

    verdict: Verdict | None = None
    note: str = ""
    who: str = ""
    when: AwareDatetime | None = None


class AbsentLogo(_Part):
    """A logo that was decided about and does not stand in the ranking."""

    path: str
    sha256: str = ""
    """Of its file when it was decided; empty where that was not kept."""
    why: Literal["left", "changed", "filtered"]
    """``"left"``: no longer in the index; ``"changed"``: another picture lies at its place;
    ``"filtered"``: the filter, or the strategy, leaves it out.
    """
    decision: Decision


class Explanation(_Part):
    """Why a hit was found."""

    facts: dict[str, JsonValue] = {}
    """Anything that JSON can hold; ``score`` and ``words`` (a list of sentences) are shown."""
    picture: Base64 | None = None
    """PNG."""


class SearchRecord(BaseModel):
    """One search, complete: enough to print and to repeat it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["marquery search record"]
    schema_version: Literal[1]
    """Unknown schema versions are refused; the number changes when fields do."""
    marquery: str
    """Version of the program."""
    date: AwareDatetime
    reference: str = ""
    """The office's own number of the case."""
    examiner: str = ""
    images: list[QueryImage]
    """Images of one mark; empty if only ``like`` defines the query."""
    asked: Asked
    index: IndexState
    hits: list[RecordedHit]
    """Best first: the places that were asked for."""
    selected: bool = False
    """Whether ``hits`` are chosen ones, each at its place, in place of the first ones."""
    total: int | None = Field(ge=0, default=None)
    """Logos that the filter leaves, which were all ranked; None in records of before."""
    decided: list[RecordedHit] = []
    """Logos that were decided about and stand at other places of the ranking, best first."""
    absent: list[AbsentLogo] = []
    """Logos that were decided about and do not stand in the ranking."""
    decisions: dict[int, Decision] = {}
    """By the id of the hit, or of the logo among ``decided``."""
    explanations: dict[int, Explanation] = {}
    """By the hit's id."""

    def to_json(self) -> str:
        """The record as JSON text, the same for equal records."""
        # A record of before keeps its digest, which stands on paper.
        later: dict[str, Any] = {name: True for name in _LATER if not getattr(self, name)}
        if self.index.words_from is None:
            later["index"] = {"words_from"}
            for hits in {"hits", "decided"} - later.keys():
                later[hits] = {"__all__": {"register_words", "words_by"}}
        return self.model_dump_json(indent=1, exclude=later) + "\n"

    def digest(self) -> str:
        """Hex SHA-256 of :meth:`to_json`: ties a printed report to its record."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def count(self, verdict: Verdict) -> int:
        """Number of logos with this decision, wherever they stand."""
        all_decisions = [*self.decisions.values(), *(logo.decision for logo in self.absent)]
        return sum(decision.verdict == verdict for decision in all_decisions)

    @property
    def shown(self) -> list[RecordedHit]:
        """All logos of the record that stand in the ranking, by their places."""
        return sorted((*self.hits, *self.decided), key=lambda hit: hit.rank)


def read_record(path: str | Path) -> SearchRecord:
    """Read a record that was written as JSON.

    Raises:
        MarqueryError: the file cannot be read, is no record, or is one of a newer program.
    """
    place = Path(path)
    try:
        if place.stat().st_size > _MOST_BYTES:
            raise MarqueryError(
                f"{path}: is too large for the record of a search; name the JSON report of one"
            )
        text = place.read_bytes()
    except OSError as error:
        raise MarqueryError(
            f"{path}: cannot be read ({error.strerror or error}); name the JSON report of a search"
        ) from error
    try:
        return SearchRecord.model_validate_json(text)
    except ValidationError as error:
        raise MarqueryError(f"{path}: {_complaint(error)}") from error


def utc(moment: datetime) -> str:
    """A moment as a report shows it: 2026-03-01 14:05 UTC."""
    from datetime import UTC

    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _complaint(error: ValidationError) -> str:
    first: Any = error.errors(include_input=True)[0]
    where = ".".join(str(step) for step in first["loc"])
    if first["type"] == "json_invalid" or where in ("", "format"):
        return (
            "is not the record of a search; name the JSON report of one, "
            "or the JSON attached to its PDF"
        )
    if where == "schema_version":
        return (
            f"has schema version {first['input']!r} and this program reads {SCHEMA}; "
            "update marquery, or search again"
        )
    return f"is a damaged record ({where}: {first['msg']}); take the file as it was written"
