"""What a search page shows, as its address says it: the address is the whole state."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from marquery.boxes import Box, parse_box
from marquery.errors import UsageError
from marquery.index.strategies.query import STRATEGIES, parse_strategy

#: Parameter names of facets begin with this: ``f.owner=Ada``.
FACET = "f."
#: And those of a mix's weights, as a form sends them, with this: ``w.color=0.5``.
WEIGHT = "w."
_SHA256 = re.compile(r"[0-9a-f]{64}")
# More images, logos or values than anybody would choose; bounds the work of one request.
_MOST = 50
_LONGEST = 2000
_LAST_PAGE = 100_000


@dataclass(frozen=True)
class SearchState:
    """One view of the page.

    Attributes:
        queries: SHA-256 of the query's pictures, hex; several are images of one mark.
        crop: rectangle x, y, width, height in pixels of the only picture.
        strategy: as ``marquery search --strategy`` takes it; empty for the default.
        words: text that the strategy ``words`` looks for instead of the picture's own.
        where: filter on metadata, as typed.
        facets: column -> chosen values; the empty value stands for "no value".
        like, unlike: ids of indexed logos that hits should be more or less like.
        page: from 1.
        exact: compare with every logo of a large index.
        version: of the index; None for the newest.
        hit: id of the logo that is compared side by side.
    """

    queries: tuple[str, ...] = ()
    crop: Box | None = None
    strategy: str = ""
    words: str = ""
    where: str = ""
    facets: tuple[tuple[str, tuple[str, ...]], ...] = ()
    like: tuple[int, ...] = ()
    unlike: tuple[int, ...] = ()
    page: int = 1
    exact: bool = False
    version: int | None = None
    hit: int | None = None

    @property
    def asks(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.queries or self.like or (self.words and self.strategy == "words"))

    @property
    def case(self) -> str:
        """What decisions belong to: the query's first picture, else the first logo that hits should be like, else words."""
        if self.queries:
            return self.queries[0]
        if self.like:
            return f"logo-{self.like[0]}"
        return f"words-{self.words.casefold()}" if self.asks else ""

    @property
    def weights(self) -> dict[str, float]:
        """Strategy -> weight, adding up to 1.

        Raises:
            UsageError: no such strategy, or no weight above 0.
        """
        if self.like or self.unlike:  # which go with whole logos alone
            return {"overall": 1.0}
        return parse_strategy(self.strategy or None, self.crop is not None and not self.strategy)

    @property
    def asked_words(self) -> str | None:
        """Words to look for instead of the picture's own, where the strategy compares words."""
        return self.words if self.words and "words" in self.weights else None

    @property
    def filter(self) -> str | None:
        """What was typed and chosen, as one filter; None where nothing was."""
        terms = [f"({self.where})"] if self.where else []
        terms += [_any_of(column, values) for column, values in self.facets]
        return " and ".join(terms) or None

    def parameters(self) -> list[tuple[str, str]]:
        """Names and values of the address, always in the same order."""
        out = [("q", q) for q in self.queries]
        if self.crop is not None:
            out.append(("crop", ",".join(map(str, self.crop))))
        for name in ("strategy", "words", "where"):
            if value := getattr(self, name):
                out.append((name, value))
        out += [(FACET + column, value) for column, values in self.facets for value in values]
        out += [("like", str(logo)) for logo in self.like]
        out += [("unlike", str(logo)) for logo in self.unlike]
        if self.exact:
            out.append(("exact", "1"))
        if self.version is not None:
            out.append(("at", str(self.version)))
        if self.page != 1:
            out.append(("page", str(self.page)))
        if self.hit is not None:
            out.append(("hit", str(self.hit)))
        return out

    def address(self, path: str = "/") -> str:
        """Path and parameters."""
        query = urlencode(self.parameters(), safe=",=:/")
        return f"{path}?{query}" if query else path

    def but(self, **changes: object) -> "SearchState":
        """The same with changes; another search begins at its first page, with no logo opened."""
        if not changes.keys() <= {"page", "hit", "version"}:
            changes = {"page": 1, "hit": None, **changes}
        return replace(self, **changes)  # type: ignore[arg-type]


def parse_state(items: Iterable[tuple[str, str]]) -> SearchState:
    """Read an address's parameters, or what the page's form sends; unknown names are passed over.

    Raises:
        UsageError: a value cannot be understood; the sentence names the parameter.
    """
    given: dict[str, list[str]] = {}
    for name, value in items:
        if len(value) > _LONGEST:
            raise UsageError(f"{name[:40]}: longer than {_LONGEST} characters; shorten it")
        given.setdefault(name, []).append(value)
    for name, values in given.items():
        if len(values) > _MOST:
            raise UsageError(f"{name[:40]}: given {len(values)} times; give at most {_MOST}")

    def one(name: str) -> str:
        return given.get(name, [""])[-1].strip()

    queries = tuple(dict.fromkeys(given.get("q", [])))
    for query in queries:
        if not _SHA256.fullmatch(query):
            raise UsageError(f"q={query[:20]}: is no picture's SHA-256; upload the picture first")
    facets = tuple(
        (name.removeprefix(FACET), tuple(sorted(set(values))))
        for name, values in sorted(given.items())
        if name.startswith(FACET)
    )
    state = SearchState(
        queries=queries,
        crop=parse_box(one("crop"), "crop") if one("crop") else None,
        strategy=_strategy(one("strategy"), given),
        words=one("words"),
        where=one("where"),
        facets=facets,
        like=_ids("like", given),
        unlike=_ids("unlike", given),
        page=max(1, min(_whole("page", one("page")) or 1, _LAST_PAGE)),
        exact=one("exact") not in ("", "0"),
        version=_whole("at", one("at")),
        hit=_whole("hit", one("hit")),
    )
    if state.crop is not None and len(queries) != 1:
        raise UsageError("crop: is a rectangle of one picture; give one q")
    _ = state.weights  # to refuse a bad strategy here
    return state


def parse_address(address: str) -> SearchState:
    """The state of an address that the page has given out, with or without its path.

    Raises:
        UsageError: see :func:`parse_state`.
    """
    return parse_state(parse_qsl(address.partition("?")[2], keep_blank_values=True))


def _strategy(text: str, given: Mapping[str, Sequence[str]]) -> str:
    """A strategy in its shortest form; ``mix`` stands for the weights that are given apart."""
    if text == "mix":
        pairs = [(name, given.get(WEIGHT + name, ["0"])[-1]) for name in STRATEGIES]
        text = ",".join(f"{name}={weight}" for name, weight in pairs)
    if not text:
        return ""
    parse_strategy(text, False)
    found = [item.partition("=") for item in text.replace(" ", "").split(",")]
    weights = {name: float(weight or 1) for name, _, weight in found}
    kept = {name: weights[name] for name in STRATEGIES if weights.get(name, 0) > 0}
    if len(kept) == 1:
        return next(iter(kept))
    return ",".join(f"{name}={weight:g}" for name, weight in kept.items())


def _ids(name: str, given: Mapping[str, Sequence[str]]) -> tuple[int, ...]:
    numbers = (_whole(name, text) for text in given.get(name, []))
    return tuple(dict.fromkeys(n for n in numbers if n is not None))


def _whole(name: str, text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"\d{1,15}", text):
        raise UsageError(f"{name}={text[:20]}: give a whole number")
    return int(text)


def _any_of(column: str, values: Sequence[str]) -> str:
    terms = []
    if listed := ", ".join(_quoted(column, value) for value in values if value):
        terms.append(f"{column} in ({listed})")
    if "" in values:
        terms.append(f"{column} is missing")
    return f"({' or '.join(terms)})"


def _quoted(column: str, value: str) -> str:
    for mark in ('"', "'"):
        if mark not in value:
            return f"{mark}{value}{mark}"
    raise UsageError(f"{column}: a value with both kinds of quotes cannot be chosen; use ~ instead")
