"""One index, opened to be searched by several people at once: what the page and the API both ask."""

import io
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

from PIL import Image

from marquery.encoder import LogoEncoder
from marquery.errors import UsageError
from marquery.explanation import Explanation, explain
from marquery.index import LogoIndex, Match
from marquery.index.browsing.facets import Facet, FacetTable
from marquery.index.browsing.listing import (
    Details,
    Listing,
    at_version,
    column_types,
    common_folder,
    has_words,
)
from marquery.index.strategies.ocr import word_reader
from marquery.index.strategies.query import STRATEGIES
from marquery.web.pictures import logo_picture
from marquery.web.queries import QueryStore
from marquery.web.reviews import Reviews
from marquery.web.state import SearchState
from marquery.web.turns import Turns

#: Hits a page.
PAGE = 24
_PAGES_KEPT = 64
_VERSIONS_KEPT = 2
_EXPLANATIONS_KEPT = 32
_MANY = 4096


@dataclass(frozen=True)
class Hit:
    """A match with what is shown of it."""

    match: Match
    details: Details
    name: str
    """Path from the common folder of all logos."""


@dataclass(frozen=True)
class Answer:
    """One page of a ranking."""

    hits: list[Hit]
    total: int
    """Logos that the filter leaves; all are ranked."""
    size: int
    """Logos in the index."""
    version: int
    exact: bool
    facets: list[Facet]
    seconds: float
    """Taken by the search, without drawing the page."""


class Opened:
    """One version of the index with what is kept of it in memory."""

    def __init__(self, index: LogoIndex) -> None:
        self.index = index
        self.version = index.version
        self.size = len(index)

    @cached_property
    def facets(self) -> FacetTable:
        """Its metadata, to be counted."""
        return FacetTable(self.index)

    @cached_property
    def listing(self) -> Listing:
        """Its small pictures."""
        return Listing(self.index)

    @cached_property
    def folder(self) -> str:
        """Of all its logos."""
        return common_folder(self.index)

    @cached_property
    def columns(self) -> dict[str, str]:
        """Its metadata columns and their types."""
        return column_types(self.index)

    @cached_property
    def has_words(self) -> bool:
        """Whether words were read in its logos."""
        return has_words(self.index)

    def short(self, path: str) -> str:
        """A logo's path from the common folder on: enough to know it, and no more of the machine is told."""
        folder = self.folder
        return path[len(folder) :].lstrip("/") if folder and path.startswith(folder) else path


class Service:
    """Searches, one at a time: a search uses all cores by itself."""

    def __init__(self, index: LogoIndex, folder: Path | None = None) -> None:
        """Open what is kept beside the index.

        Args:
            index: opened at its newest version.
            folder: for uploaded pictures and reviews; default: beside the index, ``NAME.review``, so that an
                index that is built again keeps them.
        """
        path = index.path.absolute()
        self.folder = folder or path.with_name(f"{path.name}.review")
        self.index = index
        self.name = path.name
        self.reviews = Reviews(self.folder / "review.sqlite3")
        self.queries = QueryStore(self.folder / "queries", self.reviews)
        self.computing = threading.Lock()
        self.explaining = threading.Lock()
        self._lock = threading.Lock()
        self._versions: OrderedDict[int, Opened] = OrderedDict()
        self._answers: OrderedDict[object, Answer] = OrderedDict()
        self._explanations: OrderedDict[object, Explanation] = OrderedDict()

    def opened(self, version: int | None = None) -> Opened:
        """The newest version, or another.

        Raises:
            MarqueryError: there is no such version any more.
        """
        newest = self.index.version
        wanted = newest if version is None else version
        with self._lock:
            if wanted not in self._versions:
                self._versions[wanted] = Opened(at_version(self.index, wanted))
            self._versions.move_to_end(wanted)
            while len(self._versions) > _VERSIONS_KEPT:
                self._versions.popitem(last=False)
            return self._versions[wanted]

    def search(self, state: SearchState, k: int = PAGE, offset: int | None = None) -> Answer:
        """One page of hits, with facets.

        Args:
            state: what is looked for; its page is taken where no offset is given.
            k: hits a page.
            offset: hits to leave out.

        Raises:
            UsageError: the state asks for what cannot be, or for nothing.
        """
        if not state.asks:
            raise UsageError("q: give a picture to search for, or a logo in like")
        self.touch(state)
        skipped = (state.page - 1) * k if offset is None else offset
        opened = self.opened(state.version)
        key = (state.but(page=1, hit=None, version=opened.version), k, skipped)
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        answer = self._search(state, opened, k, skipped)
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > _PAGES_KEPT:
                self._answers.popitem(last=False)
        return answer

    def touch(self, state: SearchState) -> None:
        """Keep the query's pictures: somebody looks at their search."""
        for sha256 in state.queries:
            self.queries.touch(sha256)

    def pictures(self, state: SearchState) -> tuple[list[Image.Image], bool]:
        """The query's pictures, and whether the rectangle goes to the search as a part.

        Where no strategy looks at a part, the cut-out is searched for as a logo of its own.
        """
        images = [self.queries.image(sha256) for sha256 in state.queries]
        if state.crop is None or not images:
            return images, False
        if "part" in state.weights:
            return images, True
        x, y, width, height = state.crop
        if x + width > images[0].width or y + height > images[0].height:
            raise UsageError(
                f"crop={x},{y},{width},{height}: reaches beyond the picture of "
                f"{images[0].width} x {images[0].height} pixels"
            )
        return [images[0].crop((x, y, x + width, y + height))], False

    def explain(self, state: SearchState, logo: int) -> Explanation:
        """Why a logo looks like the query's first picture, or like its rectangle.

        Raises:
            UsageError: there is no picture to compare with.
            NoSuchLogo: the index does not hold the logo.
        """
        if not state.queries:
            raise UsageError("q: there is no picture to compare with")
        self.touch(state)
        opened = self.opened(state.version)
        key = (state.queries[0], state.crop, "part" in state.weights, logo, opened.version)
        with self._lock:
            if key in self._explanations:
                return self._explanations[key]
        images, part = self.pictures(state)
        details = opened.listing.one(logo)
        picture, _ = logo_picture(details)
        if picture is None:
            picture = Image.open(io.BytesIO(details.thumbnail)).convert("RGB")
        encoder = cast(LogoEncoder, Turns(self.index.encoder, self.computing))
        with self.explaining:
            found = explain(encoder, images[0], picture, part=state.crop if part else None)
        with self._lock:
            self._explanations[key] = found
            while len(self._explanations) > _EXPLANATIONS_KEPT:
                self._explanations.popitem(last=False)
        return found

    def warm_up(self) -> None:
        """Do once what the first searches would wait for.

        Raises:
            MarqueryError: the index cannot be searched.
        """
        opened = self.opened()
        encoder = opened.index.encoder
        encoder.engine(_MANY)  # what is built for many pictures is kept for single ones
        picture = Image.new("RGB", (64, 64), "white")
        picture.paste((20, 60, 160), (16, 16, 48, 48))
        # A large index reads some of its columns from the disk for every search: there is nothing to keep.
        names = STRATEGIES if opened.index.compares_all() else ("overall", "part")
        weights = {name: 1.0 for name in names if name != "words" or opened.has_words}
        if opened.has_words:
            word_reader()
        with self.computing:
            words = "a" if "words" in weights else None
            opened.index.search(picture, 1, strategy=weights, words=words)
            opened.facets.count({})
        _ = opened.listing, opened.folder

    def _search(self, state: SearchState, opened: Opened, k: int, offset: int) -> Answer:
        start = time.perf_counter()
        images, part = self.pictures(state)
        with self.computing:
            matches = opened.index.search(
                images or None,
                k,
                strategy=state.weights,
                part=state.crop if part else None,
                where=state.filter,
                words=state.asked_words,
                exact=state.exact,
                offset=offset,
                like=state.like,
                unlike=state.unlike,
            )
            total, facets = opened.facets.count(dict(state.facets), state.where or None)
        details = opened.listing.many([match.id for match in matches])
        hits = [Hit(match, details[match.id], opened.short(match.path)) for match in matches]
        return Answer(
            hits=hits,
            total=total,
            size=opened.size,
            version=opened.version,
            exact=opened.index.compares_all(
                k,
                strategy=state.weights,
                part=state.crop if part else None,
                words=state.asked_words,
                exact=state.exact,
                offset=offset,
            ),
            facets=facets,
            seconds=time.perf_counter() - start,
        )
