"""Repeating a recorded search."""

import os
from collections.abc import Sequence
from typing import Any

from marquery.errors import MarqueryError, NotThereError
from marquery.index import LogoIndex, Match
from marquery.index.browsing.listing import Listing
from marquery.searchreport.differences import Differences, compare_records, pair_hits
from marquery.searchreport.record import AbsentLogo, IndexedLogo, RecordedHit, SearchRecord
from marquery.searchreport.recording import at_one_version, record_search


def rerun(
    record: SearchRecord,
    index_path: str | os.PathLike[str] | None = None,
    *,
    latest: bool = False,
) -> Differences:
    """Search again as a record says, and compare.

    The query is taken from the record, the logos from the index. Decisions of the reviewer go along
    with the logos that are found again; explanations, too, where encoder and file are the same.

    Args:
        record: what to repeat.
        index_path: the index, if it is not where it was.
        latest: search its newest version, not the recorded one.

    Returns:
        Differences: its ``same`` is True where every hit stands where it stood, with the same file,
            part and
        metadata, and scores to 1e-6. Logos of equal score may change places.

    Raises:
        MarqueryError: the index is not there or has no longer the version; or a logo that the
            search leaned on is gone.
        UsageError: the search cannot be made on this index, for it has no such column to filter by.
    """
    place = record.index.path if index_path is None else index_path
    now = _open(record, place, latest)
    like, unlike = (
        [_stored(now, logo) for logo in logos] for logos in (record.asked.like, record.asked.unlike)
    )
    asked: dict[str, Any] = {
        "k": record.asked.k,
        "strategy": record.asked.strategy,
        "part": record.asked.part,
        "where": record.asked.where,
        "words": record.asked.words,
        "exact": record.asked.exact,
        "offset": record.asked.offset,
        "like": like,
        "unlike": unlike,
        "turned": record.asked.turned,
    }
    images = [image.load() for image in record.images]
    ranking = {name: value for name, value in asked.items() if name not in ("k", "offset", "exact")}
    if record.selected:
        matches = now.places(_stored_ids(now, record.hits), images, **ranking)
    else:
        matches = now.search(images, **asked)
    further = [hit for hit in record.shown if hit.id in record.decisions]
    back = _back(now, record)
    wanted = [*_stored_ids(now, further), *back]
    decided = [] if record.selected else now.places(wanted, images, **ranking)
    again = record_search(
        now,
        record.images,
        matches,
        **asked,
        reference=record.reference,
        examiner=record.examiner,
        selected=record.selected,
        decided=decided,
        absent=_still_absent(record, back, [*matches, *decided]),
        decisions={logo: absent.decision for logo, absent in back.items()},
    )
    again = _carried_over(record, again)
    then = now if now.version == record.index.version else _as_it_was(record, place)
    return compare_records(record, again, then, now)


def _open(record: SearchRecord, place: str | os.PathLike[str], latest: bool) -> LogoIndex:
    try:
        index = LogoIndex.open(place, words_from=record.index.words_from)
    except MarqueryError as error:
        raise MarqueryError(f"{error}, or say where the index is now") from error
    version = record.index.version
    if latest or version == 0:
        return at_one_version(index)
    try:
        return index.at(version)
    except NotThereError as error:
        raise MarqueryError(
            f"{place}: the version that was searched, {version}, is not kept; search the latest one"
        ) from error


def _as_it_was(record: SearchRecord, place: str | os.PathLike[str]) -> LogoIndex | None:
    """The index at the record's version, if it is still stored and the same."""
    if record.index.version == 0:
        return None
    try:
        index = LogoIndex.open(place, version=record.index.version)
    except MarqueryError:
        return None
    return index if len(index) == record.index.logos else None


def _stored(index: LogoIndex, logo: IndexedLogo) -> int:
    try:
        return int(index.entry(logo.path)["id"])
    except MarqueryError as error:
        raise MarqueryError(
            f"{logo.path}: the search was led by this logo, which is not in {index.path}; "
            "add it, or search anew"
        ) from error


def _stored_ids(index: LogoIndex, hits: Sequence[RecordedHit]) -> list[int]:
    """Ids of a record's logos that the index still holds."""
    found = []
    for hit in hits:
        try:
            found.append(int(index.entry(hit.path)["id"]))
        except MarqueryError:  # it has left: the differences say so
            continue
    return found


def _back(index: LogoIndex, record: SearchRecord) -> dict[int, AbsentLogo]:
    """Logos of a record that were not in the index as they were, and are again: by their ids."""
    gone = [logo for logo in record.absent if logo.sha256 and logo.why != "filtered"]
    held = Listing(index).held([], [logo.sha256 for logo in gone])
    found: dict[int, AbsentLogo] = {}
    for logo in gone:
        same = [(path != logo.path, i) for i, path, sha in held if sha == logo.sha256]
        free = [i for _, i in sorted(same) if i not in found]
        if free:
            found[free[0]] = logo
    return found


def _still_absent(
    record: SearchRecord, back: dict[int, AbsentLogo], ranked: Sequence[Match]
) -> list[AbsentLogo]:
    """Without those that are ranked again; one that is back and not ranked is left out by the
    filter, or the strategy.
    """
    ids = {match.id for match in ranked}
    returned = {logo.path: number for number, logo in back.items()}
    return [
        logo.model_copy(update={"why": "filtered"}) if logo.path in returned else logo
        for logo in record.absent
        if returned.get(logo.path) not in ids
    ]


def _carried_over(record: SearchRecord, again: SearchRecord) -> SearchRecord:
    pairs = pair_hits(record, again)
    same_encoder = record.index.fingerprint == again.index.fingerprint
    return again.model_copy(
        update={
            "decisions": again.decisions
            | {b.id: record.decisions[a.id] for a, b in pairs if a.id in record.decisions},
            "explanations": {
                b.id: record.explanations[a.id]
                for a, b in pairs
                if a.id in record.explanations and a.sha256 == b.sha256 and same_encoder
            },
        }
    )
