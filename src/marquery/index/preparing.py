"""Queries, prepared for a search; the last ones are kept, since pages, filters and places of one
search ask for the same picture again.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PIL import Image

from marquery.boxes import Box
from marquery.images import ImageSource, load_logo
from marquery.index.searching import search_context
from marquery.index.snapshot import Snapshot
from marquery.index.storage.folder import IndexFolder
from marquery.index.strategies.query import MixedQuery, prepare_query
from marquery.lru import LruCache

if TYPE_CHECKING:
    from marquery.encoder import LogoEncoder

# As many as examiners turn pages at once; each takes some ten kilobytes.
_KEPT = 256
# Of these the last ones keep what they found on all logos that are searched in memory: some
# megabytes at 100,000.
_SCORED = 8


class QueryPreparer:
    """Prepares the queries of an index.

    Args:
        folder: of the index.
    """

    def __init__(self, folder: IndexFolder) -> None:
        self._folder = folder
        self._kept = LruCache[object, MixedQuery](_KEPT)
        self._scored = LruCache[object, MixedQuery](_SCORED, dropped=MixedQuery.forget_scores)

    def prepare(
        self,
        seen: Snapshot,
        images: Sequence[ImageSource],
        weights: Mapping[str, float],
        part: Box | None,
        words: str | None,
        turned: bool,
    ) -> MixedQuery:
        """A query, see :func:`marquery.index.strategies.query.prepare_query`; not to be changed,
        since others may be given the same.

        Args:
            seen: the version that is searched.
            images: of one mark.
            weights: of the strategies.
            part: rectangle of the only image.
            words: to look for.
            turned: look for the images turned and mirrored, too.

        Raises:
            ImageError, UsageError, MarqueryError: see there.
        """

        def make(pictures: Sequence[ImageSource] = images) -> MixedQuery:
            return prepare_query(
                pictures,
                weights,
                self.encoder,
                self._folder.projection,
                part,
                words,
                any_turn=turned,
                context=search_context(self._folder, seen),
            )

        if part is not None:  # whose file has to be looked at
            return make()
        loaded = [load_logo(image) for image in images]
        key = (
            tuple(map(_digest, loaded)),
            tuple(sorted(weights.items())),
            words,
            turned,
            seen.version,
        )
        query = self._kept.get_or_make(key, lambda: make(loaded))
        self._scored.put(key, query)
        return query

    @property
    def encoder(self) -> "LogoEncoder":
        """Of the index."""
        return self._folder.encoder


def _digest(image: Image.Image) -> tuple[tuple[int, int], bytes]:
    return image.size, hashlib.sha256(image.tobytes()).digest()
