"""Differences between a recorded search and its repetition, and their reasons."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from marquery.errors import MarqueryError
from marquery.index import LogoIndex
from marquery.searchreport.record import RecordedHit, SearchRecord

#: Scores that differ by no more count as equal; they are recorded to six decimal places.
TOLERANCE = 1e-6
Pair = tuple[RecordedHit, RecordedHit]


@dataclass(frozen=True)
class HitDifference:
    """One logo whose result differs."""

    what: Literal["came", "went", "changed", "moved"]
    """``"changed"``: its score, part, file or metadata, whatever its rank; ``"moved"``: its rank
    only.
    """
    path: str
    rank_then: int | None
    rank_now: int | None
    score_then: float | None
    score_now: float | None
    why: str


@dataclass(frozen=True)
class Differences:
    """A search and its repetition."""

    then: SearchRecord
    now: SearchRecord
    reasons: list[str]
    """What has changed since, whether it affected the result or not: index, encoder, program."""
    hits: list[HitDifference]
    """Hits that appeared and disappeared, then changed and moved ones, each by rank."""

    @property
    def same(self) -> bool:
        """Whether the same logos were found at the same ranks, with the same scores and
        metadata.
        """
        return not self.hits

    def count(self, what: str) -> int:
        """How many logos appeared, disappeared, changed or moved."""
        return sum(hit.what == what for hit in self.hits)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON: same, reasons, hits, and both records' digests, dates and
        versions.
        """
        return {
            "same": self.same,
            "reasons": self.reasons,
            "hits": [asdict(hit) for hit in self.hits],
            **{
                name: {
                    "record": record.digest(),
                    "date": record.date.isoformat(),
                    "index": record.index.model_dump(),
                    "hits": len(record.hits),
                }
                for name, record in (("then", self.then), ("now", self.now))
            },
        }


def compare_records(
    then: SearchRecord,
    now: SearchRecord,
    index_then: LogoIndex | None,
    index_now: LogoIndex,
) -> Differences:
    """Compare a search with its repetition.

    Args:
        then: the record.
        now: its repetition.
        index_then: the index as it was; None if that is not kept.
        index_now: the index as it was searched again.
    """
    pairs = pair_hits(then, now)
    kept_then, kept_now = {a.rank for a, _ in pairs}, {b.rank for _, b in pairs}
    last = then.asked.offset + then.asked.k
    hits = [
        HitDifference(
            "came", hit.path, None, hit.rank, None, hit.score, _why_came(hit, index_then, last)
        )
        for hit in now.shown
        if hit.rank not in kept_now
    ]
    hits += [
        HitDifference(
            "went", hit.path, hit.rank, None, hit.score, None, _why_went(hit, index_now, last)
        )
        for hit in then.shown
        if hit.rank not in kept_then
    ]
    score_at = {hit.rank: hit.score for hit in then.shown}
    moved = []
    for a, b in pairs:
        changes = _changes(a, b)
        if changes:
            hits.append(_pair_difference("changed", a, b, ", ".join(changes)))
        elif a.rank != b.rank and not _equal(a.score, score_at.get(b.rank)):
            moved.append(_pair_difference("moved", a, b, "others came, went or changed"))
    reasons = _reasons(then, now)
    if (hits or moved) and not reasons:
        reasons.append(
            "index, encoder and program are as they were: another machine or other libraries "
            "compute the scores differently"
        )
    return Differences(then, now, reasons, hits + moved)


def pair_hits(then: SearchRecord, now: SearchRecord) -> list[Pair]:
    """Pairs of hits that are the same logo: with the same path, or the same content under another
    path.
    """
    pairs: list[Pair] = []
    left, right = list(then.shown), list(now.shown)
    keys: tuple[Callable[[RecordedHit], str], ...] = (lambda hit: hit.path, lambda hit: hit.sha256)
    for key in keys:
        rest = []
        for a in left:
            b = next((b for b in right if key(b) == key(a)), None)
            if b is None:
                rest.append(a)
            else:
                pairs.append((a, b))
                right.remove(b)
        left = rest
    return sorted(pairs, key=lambda pair: pair[0].rank)


def _pair_difference(
    what: Literal["changed", "moved"], a: RecordedHit, b: RecordedHit, why: str
) -> HitDifference:
    return HitDifference(what, b.path, a.rank, b.rank, a.score, b.score, why)


def _changes(a: RecordedHit, b: RecordedHit) -> list[str]:
    changes = []
    if a.path != b.path:
        changes.append(f"its file was {a.path}")
    if a.sha256 != b.sha256:
        changes.append("its file has other content")
    names = sorted(
        name
        for name in a.metadata.keys() | b.metadata.keys()
        if a.metadata.get(name) != b.metadata.get(name)
    )
    if names:
        changes.append(f"its metadata ({', '.join(names)})")
    if not _equal(a.score, b.score) or any(
        not _equal(a.scores.get(name), b.scores.get(name)) for name in a.scores.keys() | b.scores
    ):
        changes.append("its score")
    if not _equal(a.probability, b.probability):
        changes.append("its probability")
    if (a.part, a.kind) != (b.part, b.kind):
        changes.append("the part that was found in it")
    if a.turned != b.turned:
        changes.append("how the query is turned to be like it")
    if a.words != b.words:
        changes.append("the words that were read in it")
    if a.register_words != b.register_words:
        changes.append("the words that the register has of it")
    return changes


def _equal(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    # Half a unit of the last place allows for how binary numbers stand for decimal ones.
    return abs(a - b) < 1.5 * TOLERANCE


def _why_went(hit: RecordedHit, index: LogoIndex, last: int) -> str:
    entry = _entry(index, hit)
    if entry is None:
        return "it is no longer in the index"
    return _changed_entry(hit, entry) or f"it is below place {last} now"


def _why_came(hit: RecordedHit, index: LogoIndex | None, last: int) -> str:
    if index is None:
        return "it was not found then; the index as it was is not kept"
    entry = _entry(index, hit)
    if entry is None:
        return "it was added to the index since"
    return _changed_entry(hit, entry) or f"it was below place {last} then"


def _changed_entry(hit: RecordedHit, entry: dict[str, Any]) -> str:
    if entry["sha256"] != hit.sha256:
        return "its file has other content"
    # A missing column is equal to one without a value.
    if _filled(entry["metadata"]) != _filled(hit.metadata):
        return "its metadata changed"
    return ""


def _filled(metadata: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in metadata.items() if value is not None}


def _entry(index: LogoIndex, hit: RecordedHit) -> dict[str, Any] | None:
    try:
        return index.entry(hit.path)
    except MarqueryError:
        return None


def _reasons(then: SearchRecord, now: SearchRecord) -> list[str]:
    a, b = then.index, now.index
    reasons = []
    if a.path != b.path:
        reasons.append(f"the index is at {b.path}; it was at {a.path}")
    if a.fingerprint != b.fingerprint:
        reasons.append(
            f"the encoder differs ({b.encoder}, {b.fingerprint[:12]}; it was {a.encoder}, "
            f"{a.fingerprint[:12]}), so scores cannot be compared"
        )
    if a.version != b.version:
        reasons.append(
            f"the index is at version {b.version} with {b.logos:,} logos; "
            f"it was at version {a.version} with {a.logos:,}"
        )
    elif a.logos != b.logos:
        reasons.append(
            f"the index holds {b.logos:,} logos at version {b.version}; it held {a.logos:,}, "
            "so it was built anew"
        )
    if a.compared != b.compared:
        said = {"all": "exact", "candidates": "approximate"}
        reasons.append(f"the search is {said[b.compared]}; it was {said[a.compared]}")
    if then.marquery != now.marquery:
        reasons.append(f"the program is marquery {now.marquery}; it was {then.marquery}")
    reasons += [
        f"{old.path}, which hits should be {word} like, has other content"
        for word, olds, news in (
            ("more", then.asked.like, now.asked.like),
            ("less", then.asked.unlike, now.asked.unlike),
        )
        for old, new in zip(olds, news, strict=True)
        if old.sha256 != new.sha256
    ]
    return reasons
