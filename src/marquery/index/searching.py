"""What a search does beside scoring: it refuses what cannot be, moves the query by feedback, adds
probabilities.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from marquery.arrays import Float32Array
from marquery.errors import MarqueryError, NotThereError, UsageError
from marquery.images import ImageSource
from marquery.index.metadata.conditions import Compare
from marquery.index.metadata.types import INTEGER_RANGE, ColumnType, column_name, is_column_name
from marquery.index.snapshot import Snapshot
from marquery.index.storage.folder import IndexFolder
from marquery.index.strategies.base import SearchContext
from marquery.index.strategies.columns import vectors_of
from marquery.index.strategies.overall import VECTOR
from marquery.index.strategies.query import MixedQuery, View
from marquery.index.strategies.registry import get_strategy
from marquery.index.strategies.words import WORDS
from marquery.index.updating import stored_path
from marquery.names import StrPath

Logo = int | StrPath


def check_request(
    images: Sequence[ImageSource],
    weights: Mapping[str, float],
    words: str | None,
    like: Sequence[Logo],
    unlike: Sequence[Logo],
) -> None:
    """Refuse a search for nothing, and feedback that a strategy cannot take.

    Args:
        images: of the query.
        weights: of the strategies.
        words: that are given.
        like: stored logos that hits should be more like.
        unlike: stored logos that hits should be less like.

    Raises:
        UsageError: so it is.
    """
    strategies = [get_strategy(name) for name in weights]
    given = words is not None and all(s.needs_words_only for s in strategies)
    if not images and not like and not given:
        raise UsageError(
            "image",
            "there is nothing to search for",
            lambda name: (
                f"give an image, stored logos ({name('like')}), or {name('words')} with the "
                f"{name('strategy')} words"
            ),
        )
    if (like or unlike) and not all(s.takes_feedback for s in strategies):
        names = ", ".join(s.name for s in strategies if not s.takes_feedback)
        raise UsageError(
            "like" if like else "unlike",
            f"does not go with the strategy {names}",
            "use overall alone",
        )


def check_columns(
    folder: IndexFolder, seen: Snapshot, weights: Mapping[str, float], words: str | None = None
) -> None:
    """Refuse strategies whose columns a version lacks, or holds empty.

    Args:
        folder: of the index.
        seen: the version.
        weights: of the strategies.
        words: that are given to look for.

    Raises:
        UsageError: a column is not there.
        MarqueryError: words are to be compared and were not read.
    """
    strategies = [get_strategy(name) for name in weights]
    lacking = [c for c in seen.lacks(strategies) if c != WORDS.name]
    if lacking:
        names = [s.name for s in strategies if {c.name for c in s.columns} & set(lacking)]
        raise UsageError(
            "strategy",
            f"{folder.name} holds nothing that {', '.join(names)} could compare "
            f"(no column {', '.join(lacking)})",
            "build the index again, or choose another strategy",
        )
    by_words = words is not None or any(WORDS in s.columns for s in strategies)
    if by_words and not seen.knows_words:
        raise MarqueryError(
            f"{folder.name}: holds no words; rescan its folder to read them"
            if folder.config.words
            else f"{folder.name}: was built without words; build an index with words to search"
        )


def check_words_column(given: str, types: Mapping[str, ColumnType]) -> None:
    """Refuse words from a column that is not there.

    Args:
        given: its name, as it was given.
        types: of the columns that are there.

    Raises:
        UsageError: so it is.
    """
    if column_name(given) not in types:
        raise UsageError(
            "words_from",
            f"there is no column {given[:40]!r}",
            f"there are {', '.join(types)}" if types else "add metadata that has one",
        )


def check_words_name(given: str) -> None:
    """Refuse words from a column that no metadata can have.

    Args:
        given: its name, as it was given.

    Raises:
        UsageError: so it is.
    """
    if not is_column_name(column_name(given)):
        raise UsageError(
            "words_from",
            f"{given[:40]!r} cannot name a column of the metadata",
            "give the name of one",
        )


def apply_feedback(
    query: MixedQuery, seen: Snapshot, place: Path, like: Sequence[Logo], unlike: Sequence[Logo]
) -> MixedQuery:
    """A query moved towards some stored logos and away from others.

    Args:
        query: stays as it is.
        seen: the version that holds the logos.
        place: folder of the index, to be named in an error.
        like: ids or paths.
        unlike: likewise.

    Raises:
        UsageError: a logo is not stored.
    """

    def vectors(option: str, logos: Sequence[Logo]) -> Float32Array:
        if not logos:
            return np.empty((0, 0), np.float32)
        ids = []
        for logo in logos:
            stored = _id_of(seen, logo)
            if stored is None:
                raise NotThereError(option, f"{logo} is not in {place}", "give a logo of the index")
            ids.append(stored)
        return vectors_of(seen.rows(ids, (VECTOR.name,))[VECTOR.name])

    liked, unliked = vectors("like", like), vectors("unlike", unlike)
    views = [
        View(
            view.turn,
            {
                s.name: s.with_feedback(view.prepared[s.name], liked, unliked)
                for s in query.strategies
            },
        )
        for view in query.views
    ]
    moved = MixedQuery(query.weights, views, query.context)
    moved.is_of_pairs = False
    return moved


def search_context(folder: IndexFolder, seen: Snapshot) -> SearchContext:
    """What an index knows beside its logos.

    Args:
        folder: of the index.
        seen: the version that is searched.
    """
    return SearchContext(
        fingerprint=folder.config.fingerprint,
        calibration=lambda: folder.calibration,
        evidence=lambda: folder.evidence,
        word_counts=lambda: seen.word_counts,
    )


def find_logo(seen: Snapshot, logo: Logo, place: Path) -> int:
    """The id of a stored logo.

    Args:
        seen: the version that holds it.
        logo: its id or path.
        place: folder of the index, to be named in an error.

    Raises:
        MarqueryError: it is not stored.
    """
    stored = _id_of(seen, logo)
    if stored is None:
        raise MarqueryError(f"{logo}: is not in {place}; give a logo of the index")
    return stored


def _id_of(seen: Snapshot, logo: Logo) -> int | None:
    if not isinstance(logo, (int, np.integer)):
        condition = Compare("path", "=", stored_path(logo))
    elif INTEGER_RANGE[0] <= logo <= INTEGER_RANGE[1]:
        condition = Compare("id", "=", int(logo))
    else:
        return None
    found = seen.ids(condition)
    return int(found[0]) if len(found) else None
