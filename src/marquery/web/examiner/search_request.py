"""A search as an address says it: the same parameters for the page and the JSON API."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from marquery.errors import UsageError
from marquery.index.strategies.registry import get_strategy
from marquery.index.strategies.weights import weights_of
from marquery.web import limits
from marquery.web.examiner.fields import (
    Ids,
    PageNumber,
    PageSize,
    Pictures,
    Rectangle,
    Text,
    View,
    WholeNumber,
)
from marquery.web.examiner.parameters import FACET, any_of, as_usage_error, single_values


class SearchRequest(BaseModel):
    """What is searched for. ``f.COLUMN=VALUE`` chooses values of a metadata column.

    When it is made from a request's parameters, empty values are left out (a form sends them), the
    last one counts where a single value is taken, and unknown names are ignored.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="allow",
        populate_by_name=True,
        # What is extra here are the columns; of a request's parameters others are ignored.
        json_schema_extra={"additionalProperties": True},
    )
    __pydantic_extra__: dict[str, tuple[str, ...]]

    queries: Pictures = Field(
        (),
        alias="q",
        max_length=limits.PARAMETER_REPEATS,
        description="SHA-256 of uploaded pictures; several are images of one mark.",
    )
    crop: Rectangle = Field(None, description="Rectangle x,y,w,h in pixels of the only picture.")
    strategy: Text = Field(
        "", description="Such as `part`, or a mix: `overall=1,color=0.5`; empty for the default."
    )
    words: Text = Field(
        "", description="What `words` and `auto` look for instead of the picture's own words."
    )
    where: Text = Field("", description="Filter, such as `nice = 25 and filed >= 2015`.")
    like: Ids = Field((), description="Ids of indexed logos that hits should be more like.")
    unlike: Ids = Field((), description="Ids of indexed logos that hits should be less like.")
    exact: bool = Field(False, description="Compare with every logo of a large index.")
    turned: bool = Field(False, description="Look for the pictures turned and mirrored, too.")
    version: WholeNumber | None = Field(
        None, alias="at", description="Version of the index; the newest by default."
    )
    sort: Text = Field(
        "",
        description="A column, with `-` before it from its greatest value down; empty: best first. "
        "Hits of a picture are the best ones, in that order.",
    )
    show: View = Field(
        "",
        description="Only hits that were decided so, each at its place in the whole ranking.",
    )

    @model_validator(mode="before")
    @classmethod
    def _from_parameters(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        names = {name for key, field in cls.model_fields.items() for name in (key, field.alias)}
        return single_values(given, {name for name in names if name is not None})

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.crop is not None and len(self.queries) > 1:
            raise UsageError(
                "crop",
                f"is a rectangle of one picture, and {len(self.queries)} are given",
                "give one picture",
            )
        _ = self.weights  # a bad strategy is refused here
        return self

    @classmethod
    def from_parameters(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """Read an address's parameters, or what the page's form sends.

        Args:
            pairs: names and values as they stand in the address; a name may come several times.

        Raises:
            UsageError: a value cannot be understood.
        """
        given: dict[str, list[str]] = {}
        for name, value in pairs:
            given.setdefault(name, []).append(value)
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise as_usage_error(error.errors()) from error

    @classmethod
    def from_address(cls, address: str) -> Self:
        """The search of an address that the page has given out, with or without its path.

        Raises:
            UsageError: see :meth:`from_parameters`.
        """
        return cls.from_parameters(parse_qsl(address.partition("?")[2], keep_blank_values=True))

    @property
    def facets(self) -> dict[str, tuple[str, ...]]:
        """Column -> chosen values; the empty value stands for "no value"."""
        extra = sorted(self.__pydantic_extra__.items())
        return {name.removeprefix(FACET): values for name, values in extra}

    @property
    def has_query(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.queries or self.like or (self.words and self._is_of_words_alone))

    @property
    def is_listing(self) -> bool:
        """Whether logos are listed by their metadata, with nothing to look for."""
        return not self.has_query and bool(self.where or self.facets or self.sort)

    @property
    def _is_of_words_alone(self) -> bool:
        return all(get_strategy(name).needs_words_only for name in self.weights)

    @property
    def compares_crop(self) -> bool:
        """Whether a strategy looks at the rectangle as a part of the picture."""
        return self.crop is not None and any(get_strategy(n).takes_box for n in self.weights)

    @property
    def case(self) -> str:
        """What decisions belong to: the first picture, else the first ``like``, else the words."""
        if self.queries:
            return self.queries[0]
        if self.like:
            return f"logo-{self.like[0]}"
        return f"words-{self.words.casefold()}" if self.has_query else ""

    @property
    def weights(self) -> dict[str, float]:
        """Strategy -> weight, adding up to 1.

        Raises:
            UsageError: no such strategy, or no weight above 0.
        """
        feedback = bool(self.like or self.unlike)
        # Words beside a picture go to whatever takes them, else they wait.
        are_alone = not (self.queries or self.strategy or self.crop)
        return weights_of(
            None if feedback else self.strategy or None,  # feedback goes with whole logos alone
            images=self.queries,
            part=None if self.strategy or feedback else self.crop,
            words=self.words if self.words and are_alone else None,
            like=self.like,
            unlike=self.unlike,
        )

    @property
    def words_to_find(self) -> str | None:
        """Words to look for instead of the picture's own, where the strategy compares words."""
        takes_words = any(get_strategy(name).takes_words for name in self.weights)
        return self.words if self.words and takes_words else None

    @property
    def filter(self) -> str | None:
        """What was typed and chosen, as one filter; None where nothing was."""
        terms = [any_of(column, values) for column, values in self.facets.items()]
        if self.where:  # alone as it was typed, so that an error shows what was typed
            terms.insert(0, f"({self.where})" if terms else self.where)
        return " and ".join(terms) or None

    def search_parameters(self) -> list[tuple[str, str]]:
        """Names and values of the search without its view, always in the same order."""
        pairs = [("q", q) for q in self.queries]
        if self.crop is not None:
            pairs.append(("crop", ",".join(map(str, self.crop))))
        texts = {"strategy": self.strategy, "words": self.words, "where": self.where}
        pairs += [(name, text) for name, text in texts.items() if text]
        pairs += [
            (FACET + column, value) for column, values in self.facets.items() for value in values
        ]
        pairs += [("like", str(logo)) for logo in self.like]
        pairs += [("unlike", str(logo)) for logo in self.unlike]
        if self.exact:
            pairs.append(("exact", "1"))
        if self.turned:
            pairs.append(("turned", "1"))
        if self.version is not None:
            pairs.append(("at", str(self.version)))
        return pairs

    def parameters(self) -> list[tuple[str, str]]:
        """Names and values of the address, always in the same order."""
        view = [(n, v) for n, v in (("sort", self.sort), ("show", self.show)) if v]
        return [*self.search_parameters(), *view]

    def address(self, path: str = "/") -> str:
        """Path and parameters."""
        query = urlencode(self.parameters(), safe=",=:/")
        return f"{path}?{query}" if query else path

    def replace(self, **changes: object) -> Self:
        """The same search with some fields changed; the values are taken as they are."""
        return self.model_copy(update=changes)

    def with_pictures(self, queries: Sequence[str]) -> Self:
        """A search for other pictures, with the strategy and the filters of this one."""
        kept = {"strategy": self.strategy, "where": self.where, **self.__pydantic_extra__}
        return type(self)().replace(queries=tuple(dict.fromkeys(queries)), **kept)

    def without_filters(self) -> Self:
        """The same search among all logos."""
        cleared = self.replace(where="")
        object.__setattr__(cleared, "__pydantic_extra__", {})
        return cleared

    def with_value(self, column: str, value: str) -> Self:
        """The same search with one more chosen value of a column."""
        return self._choosing(column, {*self.facets.get(column, ()), value})

    def without_value(self, column: str, value: str) -> Self:
        """The same search with one chosen value of a column less."""
        return self._choosing(column, {*self.facets.get(column, ())} - {value})

    def _choosing(self, column: str, values: set[str]) -> Self:
        chosen = {name: others for name, others in self.facets.items() if name != column}
        chosen |= {column: tuple(sorted(values))} if values else {}
        changed = self.replace(where=self.where)
        object.__setattr__(
            changed, "__pydantic_extra__", {FACET + name: v for name, v in chosen.items()}
        )
        return changed


class PageRequest(SearchRequest):
    """A search and the view of it that the page shows: the address is its whole state."""

    page: PageNumber = Field(1, description="From 1.")
    size: PageSize = Field(limits.PAGE_HITS, description="Hits on a page.")
    rows: bool = Field(False, description="Hits as a list, one below the other.")
    hit: WholeNumber | None = Field(
        None, description="Id of the logo that is compared side by side."
    )
    pinned: bool = Field(
        False, alias="pin", description="Keep strategy and filters for the next picture."
    )
    unfolded: bool = Field(
        False, alias="all", description="Show identical pictures and series hit by hit."
    )
    queue: WholeNumber | None = Field(
        None, description="Number of the queue whose cases are gone through."
    )

    def parameters(self) -> list[tuple[str, str]]:
        """Names and values of the address, always in the same order."""
        pairs = super().parameters()
        if self.page != 1:
            pairs.append(("page", str(self.page)))
        if self.hit is not None:
            pairs.append(("hit", str(self.hit)))
        if self.size != limits.PAGE_HITS:
            pairs.append(("size", str(self.size)))
        flags = {"rows": self.rows, "pin": self.pinned, "all": self.unfolded}
        pairs += [(name, "1") for name, is_on in flags.items() if is_on]
        if self.queue is not None:
            pairs.append(("queue", str(self.queue)))
        return pairs

    def for_pictures(self, queries: Sequence[str]) -> Self:
        """A search for new pictures: it starts clean, unless the filters are pinned."""
        look = {"size": self.size, "rows": self.rows}
        if not self.pinned:
            return type(self)().replace(queries=tuple(dict.fromkeys(queries)), **look)
        return self.with_pictures(queries).replace(pinned=True, **look)

    def replace(self, **changes: object) -> Self:
        """The same with changes; another search begins at its first page, with no logo opened."""
        if not changes.keys() <= {"page", "hit", "version", "pinned", "rows"}:
            changes = {"page": 1, "hit": None, **changes}
        return super().replace(**changes)
