"""What the JSON API answers about codes of classifications."""

from pydantic import Field

from marquery.index.browsing.code_kinds import CodeKind
from marquery.index.browsing.code_tree import Branch
from marquery.index.browsing.suggesting import Suggested
from marquery.web.answers import Out
from marquery.web.examiner.index_version import IndexVersion


class CodeOut(Out):
    """A code, or all codes that begin with it."""

    code: str
    name: str = Field(description="What it is called; empty where nothing is said.")
    value: str = Field(
        description="What `f.COLUMN` takes: the code, or such as `01.15.*` for all below it."
    )
    count: int = Field(description="Logos that choosing it would leave.")
    chosen: bool
    parts: int = Field(description="Codes right below it; give the code as `of`.")

    @classmethod
    def of(cls, opened: IndexVersion, column: str, branch: Branch) -> "CodeOut":
        """A code with its name.

        Args:
            opened: the version of the index.
            column: that the code is of.
            branch: the code.
        """
        return cls(
            code=branch.code,
            name=opened.code_name(column, branch.code),
            value=branch.value,
            count=branch.count,
            chosen=branch.chosen,
            parts=branch.parts,
        )


class SuggestedCodeOut(Out):
    """A suggested code."""

    code: str
    name: str = Field(description="Of the code, or of the branch around it that has one.")
    votes: float = Field(description="Its share of the votes, 0 to 1.")
    voters: int = Field(description="Logos that voted for it.")
    usual: float = Field(description="Share of the register's logos that have it, 0 to 1.")


class SuggestedColumnOut(Out):
    """What is suggested in a column."""

    column: str
    kind: CodeKind
    voters: int = Field(description="Of the nearest logos those that say anything there.")
    codes: list[SuggestedCodeOut]


class SuggestedOut(Out):
    """Codes suggested for a query."""

    neighbours: int = Field(description="Logos that were asked: those nearest to the query.")
    score: float | None = Field(description="Cosine of the nearest one.")
    probability: float | None = Field(description="That the nearest one is of the same mark.")
    columns: list[SuggestedColumnOut]

    @classmethod
    def of(cls, opened: IndexVersion, suggested: Suggested) -> "SuggestedOut":
        """Suggestions with the names of the codes."""
        return cls(
            neighbours=suggested.neighbours,
            score=suggested.score,
            probability=suggested.probability,
            columns=[
                SuggestedColumnOut(
                    column=told.column,
                    kind=told.kind,
                    voters=told.voters,
                    codes=[
                        SuggestedCodeOut(
                            code=c.code,
                            name=opened.code_name(told.column, c.code, around=True),
                            votes=round(c.votes, 4),
                            voters=c.voters,
                            usual=round(c.usual, 4),
                        )
                        for c in told.codes
                    ],
                )
                for told in suggested.columns
            ],
        )
