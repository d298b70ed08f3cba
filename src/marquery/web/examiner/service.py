"""One index, searched by several people at once: what the page and the JSON API both call."""

import io
import time
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from marquery.errors import UsageError
from marquery.explanation import Explanation, explain
from marquery.index import LogoIndex
from marquery.index.browsing.code_names import CodeNames
from marquery.index.browsing.ordering import check_sort
from marquery.index.browsing.suggesting import Suggested
from marquery.index.strategies.ocr import word_reader
from marquery.lru import LruCache
from marquery.web import limits
from marquery.web.examiner.answer import Answer, Hit
from marquery.web.examiner.casebook import CaseBook
from marquery.web.examiner.filings import review_folder
from marquery.web.examiner.finding import (
    check_facets,
    findable,
    hits_of,
    list_logos,
    listed_places,
    nearest_pictures,
    sorted_page,
)
from marquery.web.examiner.gate import Gate
from marquery.web.examiner.index_version import IndexVersion
from marquery.web.examiner.pictures import logo_picture
from marquery.web.examiner.query_pictures import query_pictures
from marquery.web.examiner.reviews import Reviews
from marquery.web.examiner.search_request import SearchRequest
from marquery.web.examiner.shared_encoder import SharedEncoder
from marquery.web.examiner.uploads import UploadStore

_ANSWERS_KEPT, _VERSIONS_KEPT, _EXPLANATIONS_KEPT = 64, 2, 32
# Pictures that an engine pays for itself with, so that the fast one is built.
_MANY = 4096


class Service:
    """Searches, a few computing at a time, before what takes longer.

    Searches, explanations, reports and the reading of pictures each have a queue of their own, so
    that many of the slow kind do not keep those of the quick kind waiting.
    """

    def __init__(
        self, index: LogoIndex, folder: Path | None = None, figures: CodeNames | None = None
    ) -> None:
        """Open what is kept beside the index.

        Args:
            index: opened at its newest version.
            folder: for uploaded pictures and reviews; default: ``NAME.review`` beside the index,
                so that an index that is built again keeps them.
            figures: names of the codes of figures in the metadata.
        """
        self.folder = folder or review_folder(index.path)
        self.index = index
        self._figures = figures
        self.name = index.path.absolute().name
        self.reviews = Reviews(self.folder / "review.sqlite3")
        self.casebook = CaseBook(self.reviews.db)
        self.uploads = UploadStore(self.folder / "queries", self.reviews)
        self.reporting = Gate("reports", *limits.REPORTS, pause=5)
        self.reading = self.uploads.reading
        self.computing = Gate("jobs", limits.COMPUTING)
        self.searching = Gate("searches", *limits.SEARCHES)
        self._explaining = Gate("explanations", *limits.EXPLANATIONS, pause=5)
        self._versions = LruCache[tuple[int, int], IndexVersion](_VERSIONS_KEPT)
        self._answers = LruCache[object, Answer](_ANSWERS_KEPT)
        self.suggested = LruCache[object, Suggested](_ANSWERS_KEPT)
        self._explanations = LruCache[object, Explanation](
            _EXPLANATIONS_KEPT, limits.EXPLANATION_CACHE_BYTES, explanation_bytes
        )

    def at(self, version: int | None = None) -> IndexVersion:
        """The newest version of the index, or another.

        Raises:
            NotThereError: there is no such version.
        """
        # Another index may have been built at the place: its versions are numbered anew.
        generation = self.index.generation
        wanted = version or self.index.version  # nothing is older than the first version
        return self._versions.get_or_make(
            (generation, wanted),
            lambda: IndexVersion(self.index.at(wanted), generation, self._figures),
        )

    def search(self, request: SearchRequest, k: int = limits.PAGE_HITS, offset: int = 0) -> Answer:
        """Some hits of a search, with facets.

        Args:
            request: what is looked for.
            k: how many hits, from 1.
            offset: hits to leave out, from 0.

        Raises:
            UsageError: options do not go together, or there is nothing to search for.
            BusyError: too many searches wait already.
            MarqueryError: the index cannot be read, or not at that version.
        """
        if not (request.has_query or request.is_listing):
            raise UsageError(
                "queries", "there is nothing to search for", "give a picture, or a logo to be like"
            )
        self.keep_pictures(request)
        opened = self.at(request.version)
        check_sort(request.sort, opened.columns)
        if request.is_listing:
            return list_logos(request, opened, k, offset)
        if request.sort:
            best = self.search(request.replace(sort=""), limits.MOST_HITS)
            return sorted_page(best, request.sort, k, offset)
        fixed = request.replace(version=opened.version)
        key = (opened.generation, tuple(fixed.search_parameters()), k, offset)
        return self._answers.get_or_make(key, lambda: self._search(request, opened, k, offset))

    def places(self, request: SearchRequest, logos: Sequence[int]) -> list[Hit]:
        """Where some logos stand in the whole ranking of a search, best first; those that it does
        not rank are left out.

        Args:
            request: what is looked for.
            logos: ids.

        Raises:
            UsageError: see :meth:`search`, as the other errors.
        """
        opened = self.at(request.version)
        if not request.has_query:
            return listed_places(request, opened, logos)
        with self.searching:
            images, is_part = self.pictures(request)
            with self.computing:
                matches = opened.index.places(
                    logos,
                    images or None,
                    strategy=request.weights,
                    part=request.crop if is_part else None,
                    where=request.filter,
                    words=request.words_to_find,
                    like=request.like,
                    unlike=request.unlike,
                    turned=request.turned,
                )
        return hits_of(opened, matches)

    def keep_pictures(self, request: SearchRequest) -> None:
        """Keep the query's pictures from being cleaned away: somebody looks at their search."""
        for sha256 in request.queries:
            self.uploads.touch(sha256)

    def pictures(self, request: SearchRequest) -> tuple[list[Image.Image], bool]:
        """The query's pictures, and whether the rectangle goes to the search as a part.

        Where no strategy looks at a part, the cut-out is searched for as a logo of its own.

        Raises:
            NotThereError, UsageError: see :func:`query_pictures`.
        """
        return query_pictures(self.uploads, request)

    def explain(self, request: SearchRequest, logo: int, *, patient: bool = False) -> Explanation:
        """Why a logo looks like the query's first picture, or like its rectangle.

        Args:
            request: the search.
            logo: id of the hit.
            patient: wait however many explanations do already, as part of a job that waited.

        Raises:
            BusyError: too many explanations wait already.
            UsageError: there is no picture to compare with.
            NoSuchLogo: the index does not hold the logo.
        """
        if not request.queries:
            raise UsageError("queries", "there is no picture to compare with", "give one")
        self.keep_pictures(request)
        opened = self.at(request.version)
        state = (opened.generation, opened.version)
        asked = (tuple(request.weights.items()), request.words_to_find)
        key = (request.queries[0], request.crop, request.compares_crop, asked, logo, state)
        return self._explanations.get_or_make(
            key, lambda: self._explain(request, opened, logo, patient)
        )

    def status(self) -> dict[str, object]:
        """The index's status, files named from their common folder on, not by their place."""
        info = self.index.status()
        opened = self.at()
        info["path"] = self.name
        info["encoder"] = str(info["encoder"]).rstrip("/").rsplit("/", 1)[-1]
        info["skipped"] = {opened.short(path): why for path, why in info["skipped"].items()}
        return info

    def warm_up(self) -> None:
        """Do once what the first searches would wait for.

        Raises:
            MarqueryError: the index cannot be searched.
        """
        opened = self.at()
        encoder = opened.index.encoder
        encoder.engine(_MANY)  # what is built for many pictures is kept for single ones
        picture = Image.new("RGB", (64, 64), "white")
        picture.paste((20, 60, 160), (16, 16, 48, 48))
        # A large index reads some of its columns from the disk for every search: nothing to keep.
        several = opened.strategies
        if not opened.index.compares_all():
            several = [s for s in several if s.candidates_from]
        if any(s.takes_words for s in opened.strategies):
            word_reader()
        with self.computing:
            if several:  # an index that holds nothing yet offers none
                words = "a" if any(s.needs_words_only for s in several) else None
                weights = {s.name: 1.0 for s in several}
                opened.index.search(picture, 1, strategy=weights, words=words)
            opened.facets.count({})
        _ = opened.listing, opened.folder

    def _explain(
        self, request: SearchRequest, opened: IndexVersion, logo: int, patient: bool
    ) -> Explanation:
        details, seen = opened.listing.one(logo), opened.index.snapshot()
        encoder = SharedEncoder(self.index.encoder, self.computing.giving_way())
        with self._explaining.patiently() if patient else self._explaining:
            images, part = self.pictures(request)
            small = Image.open(io.BytesIO(details.thumbnail)).convert("RGB")
            picture = logo_picture(details)[0] or small
            return explain(
                encoder,
                images[0],
                picture,
                part=request.crop if part else None,
                strategy=request.weights,
                words=request.words_to_find,
                register_words=None if seen is None else seen.register_words(logo),
            )

    def _search(self, request: SearchRequest, opened: IndexVersion, k: int, offset: int) -> Answer:
        check_facets(request, opened.facets.columns)
        with self.searching:
            return self._answer(request, opened, k, offset)

    def _answer(self, request: SearchRequest, opened: IndexVersion, k: int, offset: int) -> Answer:
        start = time.perf_counter()
        images, is_part = self.pictures(request)
        part = request.crop if is_part else None
        with self.computing:
            matches = opened.index.search(
                images or None,
                k,
                strategy=request.weights,
                part=part,
                where=request.filter,
                words=request.words_to_find,
                exact=request.exact,
                offset=offset,
                like=request.like,
                unlike=request.unlike,
                turned=request.turned,
            )
            near = nearest_pictures(opened, request, images, [match.id for match in matches])
            total, facets = opened.facets.count(request.facets, request.where or None)
            total = min(total, findable(request, opened, images, offset + len(matches), k))
        return Answer(
            hits=hits_of(opened, matches),
            near=near,
            total=total,
            ranked=total,
            size=opened.size,
            version=opened.version,
            exact=opened.index.compares_all(
                k,
                strategy=request.weights,
                part=part,
                words=request.words_to_find,
                exact=request.exact,
                offset=offset,
                where=request.filter,
            ),
            facets=facets,
            hints=tuple(opened.facets.hints(request.where or None)),
            seconds=time.perf_counter() - start,
        )


def explanation_bytes(explanation: Explanation) -> int:
    """What an explanation takes in memory, but for a few numbers: its pictures and masks."""
    parts = (*explanation.query_parts, *explanation.hit_parts)
    pictures = explanation.query_image.nbytes + explanation.hit_image.nbytes
    overlays = (one.overlay for one in explanation.evidence.values() if one.overlay is not None)
    pictures += sum(one.nbytes for both in overlays for one in both)
    return pictures + sum(part.mask.nbytes for part in parts)
