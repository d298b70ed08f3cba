"""Making the record of a search."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import ValidationError

from marquery.boxes import Box
from marquery.errors import UsageError
from marquery.images import ImageSource
from marquery.index import LogoIndex, Match
from marquery.index.browsing.listing import Details, Listing
from marquery.index.strategies.weights import weights_of
from marquery.searchreport.query_image import QueryImage
from marquery.searchreport.record import (
    FORMAT,
    SCHEMA,
    AbsentLogo,
    Asked,
    Decision,
    Explanation,
    IndexedLogo,
    IndexState,
    RecordedHit,
    SearchRecord,
)

Told = TypeVar("Told", Decision, Explanation)
Logo = int | str | os.PathLike[str]


def at_one_version(index: LogoIndex) -> LogoIndex:
    """The index at its present version, to search and to record: later writes do not affect it.

    An index to which nothing was added yet has no version and is given back.
    """
    version = index.version
    return index.at(version) if version else index


def record_search(
    index: LogoIndex,
    images: Sequence[ImageSource | QueryImage] | ImageSource | QueryImage | None,
    matches: Sequence[Match],
    *,
    k: int = 20,
    strategy: str | Mapping[str, float] | None = None,
    part: Box | None = None,
    where: str | None = None,
    words: str | None = None,
    exact: bool = False,
    offset: int = 0,
    like: Sequence[Logo] = (),
    unlike: Sequence[Logo] = (),
    turned: bool = False,
    reference: str = "",
    examiner: str = "",
    selected: bool = False,
    decided: Sequence[Match] = (),
    absent: Sequence[AbsentLogo] = (),
    decisions: Mapping[int, Decision | Mapping[str, Any]] | None = None,
    explanations: Mapping[int, Explanation | Mapping[str, Any]] | None = None,
    date: datetime | None = None,
) -> SearchRecord:
    """Make the record of a search.

    Args:
        index: what was searched, best opened at one version (:func:`at_one_version`): an index that
            was written since would be recorded at a version that gave other hits.
        images: what :meth:`LogoIndex.search` was given; of files the bytes are kept.
        matches: what it gave.
        k, strategy, part, where, words, exact, offset, like, unlike, turned: as they were given to
            it.
        reference: the office's number of the case.
        examiner: who searched.
        selected: whether the matches are chosen ones and not the first.
        decided: logos that were decided about, at their places in the whole ranking
            (:meth:`LogoIndex.places`); those among the matches are left out.
        absent: logos that were decided about and are not ranked.
        decisions: id of a hit or of a decided logo -> :class:`Decision`, or its fields; of other
            logos they are left out.
        explanations: hit's id -> :class:`Explanation`, or its fields; likewise.
        date: when it was made, with a time zone; default now.

    Raises:
        ImageError: an image cannot be read.
        MarqueryError: a hit is not in the index.
        UsageError: options do not go together, a date has no time zone, or a decision has other
            fields.
    """
    if date is not None and date.tzinfo is None:
        raise UsageError("date", f"{date} has no time zone", "give one, such as datetime.UTC")
    from marquery._version import __version__

    found = {match.id for match in matches}
    further = sorted((m for m in decided if m.id not in found), key=lambda match: match.rank)
    told = [*matches, *further]
    pictures = _as_list(images)
    weights = weights_of(
        strategy, images=pictures, part=part, words=words, like=like, unlike=unlike
    )
    exhaustive = index.compares_all(
        k, strategy=weights, part=part, words=words, exact=exact, offset=offset, where=where
    )
    listing = Listing(index)
    listing.many([match.id for match in told])  # at once
    return SearchRecord(
        format=FORMAT,
        schema_version=SCHEMA,
        marquery=__version__,
        date=(date or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0),
        reference=reference,
        examiner=examiner,
        images=[
            QueryImage.of(image, f"image {number}") for number, image in enumerate(pictures, 1)
        ],
        asked=Asked(
            strategy=weights,
            part=part,
            where=where,
            words=words,
            like=[_stored(index, logo) for logo in like],
            unlike=[_stored(index, logo) for logo in unlike],
            k=k,
            offset=offset,
            exact=exact,
            turned=turned,
        ),
        index=IndexState(
            path=index.lasting_name,
            version=index.version,
            logos=len(index),
            compared="all" if exhaustive else "candidates",
            encoder=index.encoder_name,
            fingerprint=index.fingerprint,
            words_from=index.words_from,
        ),
        hits=[_hit(index, listing.one(match.id), match) for match in matches],
        selected=selected,
        total=index.count(where),
        decided=[_hit(index, listing.one(match.id), match) for match in further],
        absent=list(absent),
        decisions=_of_hits("decisions", decisions, told, Decision),
        explanations=_of_hits("explanations", explanations, told, Explanation),
    )


def _of_hits(
    name: str, given: Mapping[int, Any] | None, matches: Sequence[Match], kind: type[Told]
) -> dict[int, Told]:
    try:
        return {
            match.id: kind.model_validate(given[match.id])
            for match in matches
            if given and match.id in given
        }
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(f"{name}.{where}", first["msg"]) from error


def _hit(index: LogoIndex, stored: Details, match: Match) -> RecordedHit:
    return RecordedHit(
        rank=match.rank,
        id=match.id,
        path=match.path,
        sha256=stored.sha256,
        score=match.score,
        scores=match.scores,
        probability=match.probability,
        by_chance=match.by_chance,
        part=match.part,
        kind=match.kind,
        words=match.words,
        register_words=match.register_words,
        words_by="" if index.words_from is None else match.words_by,
        metadata=match.metadata,
        reasons=match.reasons,
        turned=match.turned,
    )


def _stored(index: LogoIndex, logo: Logo) -> IndexedLogo:
    entry = index.entry(logo)
    return IndexedLogo(id=entry["id"], path=entry["path"], sha256=entry["sha256"])


def _as_list(images: Any) -> list[Any]:
    if images is None:
        return []
    return list(images) if isinstance(images, (list, tuple)) else [images]
