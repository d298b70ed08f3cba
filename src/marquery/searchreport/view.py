"""The texts of a report, the same in PDF and HTML."""

import unicodedata
from dataclasses import dataclass, fields, is_dataclass
from pathlib import PurePath
from typing import Any

from marquery.calibration.chance import chance_in_words, grade
from marquery.index.strategies.registry import compared_words, score_text
from marquery.searchreport.record import AbsentLogo, Box, Decision, RecordedHit, SearchRecord, utc
from marquery.searchreport.words import words_of

TITLE = "Search for similar logos"
_KINDS = {"words": "Words", "figure": "Figure", "shape": "Shape"}
_VERDICTS = {"keep": "Kept", "dismiss": "Dismissed", None: ""}
_WHY_ABSENT = {
    "left": "no longer in the index",
    "changed": "another picture lies at its place in the index now",
    "filtered": "not among the marks that this search ranks",
}
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class QueryView:
    """Texts on a query image."""

    name: str
    size: str
    sha256: str


@dataclass(frozen=True)
class HitView:
    """One line of the ranking."""

    rank: int
    id: int
    name: str
    folder: str
    part: str
    words: str
    """Read in the mark; which words are like the query's, where a column has some, too."""
    score: str
    scores: Pairs
    """Of each strategy; empty where there is one."""
    probability: str
    metadata: list[tuple[str, list[str]]]
    """Columns with what they say; lists by their members, which are not broken."""
    sha256: str
    verdict: str
    note: str
    by: str
    """Who decided and when."""


@dataclass(frozen=True)
class AbsentView:
    """A decided logo that is not in the ranking."""

    name: str
    folder: str
    why: str
    verdict: str
    note: str
    by: str


@dataclass(frozen=True)
class ExplanationView:
    """Why one hit was found."""

    id: int
    title: str
    words: list[str]


@dataclass(frozen=True)
class View:
    """All texts of a report."""

    title: str
    block: Pairs
    """Fields that a report is filed under; empty ones are left to be filled in by hand."""
    queries: list[QueryView]
    part: str
    settings: Pairs
    summary: str
    hits: list[HitView]
    absent: list[AbsentView]
    explanations: list[ExplanationView]
    has_probability: bool
    digest: str


def view_of(record: SearchRecord) -> View:
    """The texts of a record; invisible characters and direction overrides are shown as numbers."""
    hits = [_hit(record, hit) for hit in record.shown]
    view = View(
        title=TITLE,
        block=[
            ("Reference", record.reference),
            ("Examiner", record.examiner),
            ("Date of the search", utc(record.date)),
            ("Index", f"version {record.index.version}, {record.index.logos:,} logos"),
        ],
        queries=[
            QueryView(image.path, f"{image.width} × {image.height} px", image.sha256)
            for image in record.images
        ],
        part="" if record.asked.part is None else box_text(record.asked.part),
        settings=_settings(record),
        summary=_summary(record),
        hits=hits,
        absent=[_absent(logo) for logo in record.absent],
        explanations=[
            ExplanationView(hit.id, f"{hit.rank}. {PurePath(hit.path).name}", _words(record, hit))
            for hit in record.shown
            if hit.id in record.explanations
        ],
        has_probability=any(hit.probability for hit in hits),
        digest=record.digest(),
    )
    shown: View = _visible(view)
    return shown


def escaped(character: str) -> str:
    """A character as its number, such as ``\\u6f22``."""
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _visible(value: Any) -> Any:
    """Names come from strangers: a right-to-left override would make one look like another."""
    if isinstance(value, str):
        return "".join(c if _shows(c) else escaped(c) for c in value)
    if isinstance(value, (list, tuple)):
        return type(value)(_visible(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return type(value)(**{f.name: _visible(getattr(value, f.name)) for f in fields(value)})
    return value


def _shows(character: str) -> bool:
    # Joiners belong to the spelling of Persian and Indian languages.
    if character in "\n\u200c\u200d":
        return True
    return unicodedata.category(character) not in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")


def box_text(box: Box) -> str:
    """A rectangle as text."""
    x, y, width, height = box
    return f"{width} × {height} px at {x}, {y}"


def _settings(record: SearchRecord) -> Pairs:
    asked, index = record.asked, record.index
    mixed = len(asked.strategy) > 1
    compared = ", ".join(
        compared_words(name) + (f" ({100 * weight:.0f} %)" if mixed else "")
        for name, weight in asked.strategy.items()
    )
    rows = [("Compared", compared)]
    if asked.part is not None:
        rows.append(("Part of the query", box_text(asked.part)))
    if asked.words is not None:
        rows.append(("Words", asked.words))
    if index.words_from is not None:
        rows.append(("Words compared", f"as read, and those of {index.words_from}"))
    rows.append(("Filter", asked.where or "none"))
    for name, logos in (("More like", asked.like), ("Less like", asked.unlike)):
        if logos:
            rows.append((name, ", ".join(logo.path for logo in logos)))
    if asked.turned:
        rows.append(("Turned", "the query was looked for turned and mirrored, too"))
    last = asked.offset + asked.k
    rows.append(("Places asked for", f"{asked.offset + 1} to {last}"))
    rows.append(
        (
            "Search",
            "exact: every logo was compared"
            if index.compared == "all"
            else "approximate: candidates of an index, compared in full",
        )
    )
    rows += [
        ("Index", index.path),
        ("Version", f"{index.version}, holding {index.logos:,} logos"),
        ("Encoder", index.encoder),
        ("Encoder SHA-256", index.fingerprint),
        ("Program", f"marquery {record.marquery}"),
    ]
    return rows


def _summary(record: SearchRecord) -> str:
    """How many of how many are shown, and how all decisions of the case are spread."""
    if not record.hits:
        shown = "No logo was found."
    elif record.total is None:
        shown = f"{_marks(len(record.hits))} shown."
    else:
        chosen = "chosen and shown" if record.selected else "shown"
        shown = f"{len(record.hits):,} of {_marks(record.total)} {chosen}, best first."
    if record.decided:
        beyond = _marks(len(record.decided))
        shown += f" {beyond} with a decision or note beyond them, each at its place."
    if record.absent:
        outside = _marks(len(record.absent))
        shown += f" {outside} with a decision or note outside the ranking, listed apart."
    kept, dismissed = record.count("keep"), record.count("dismiss")
    if not (kept or dismissed):
        return f"{shown} None was kept or dismissed."
    undecided = sum(record.decisions.get(h.id, Decision()).verdict is None for h in record.hits)
    return (
        f"{shown} {kept:,} kept, {dismissed:,} dismissed, {undecided:,} undecided of those shown."
    )


def _marks(count: int) -> str:
    return f"{count:,} mark{'' if count == 1 else 's'}"


def _hit(record: SearchRecord, hit: RecordedHit) -> HitView:
    path = PurePath(hit.path)
    decision = record.decisions.get(hit.id)
    verdict, note, by = _decision(decision)
    found = ""
    if hit.part is not None:
        found = f"{_KINDS.get(hit.kind or '', 'Part')}, {box_text(hit.part)}"
    scores = [(compared_words(name), score_text(name, score)) for name, score in hit.scores.items()]
    return HitView(
        rank=hit.rank,
        id=hit.id,
        name=path.name,
        folder="" if str(path.parent) == "." else str(path.parent),
        part=found,
        words=words_of(record, hit),
        score=f"{hit.score:.4f}",
        scores=(scores if len(scores) > 1 else []) + _reasons(hit),
        probability="" if hit.probability is None else _chance(hit),
        metadata=[(n, _members(v)) for n, v in hit.metadata.items() if v not in (None, [], "")],
        sha256=hit.sha256,
        verdict=verdict,
        note=note,
        by=by,
    )


def _absent(logo: AbsentLogo) -> AbsentView:
    path = PurePath(logo.path)
    verdict, note, by = _decision(logo.decision)
    return AbsentView(path.name, str(path.parent), _WHY_ABSENT[logo.why], verdict, note, by)


def _decision(decision: Decision | None) -> tuple[str, str, str]:
    """What was decided, what was noted, by whom and when."""
    if decision is None:
        return "", "", ""
    by = [decision.who, "" if decision.when is None else utc(decision.when)]
    return _VERDICTS[decision.verdict], decision.note, ", ".join(text for text in by if text)


def _reasons(hit: RecordedHit) -> list[tuple[str, str]]:
    """By evidence its share, the largest first; small ones are left out."""
    order = sorted(hit.reasons.items(), key=lambda item: -item[1])
    told = [(f"by {name}", f"{100 * share:.0f} %") for name, share in order if share >= 0.05]
    return told + ([("query", hit.turned)] if hit.turned else [])


def _chance(hit: RecordedHit) -> str:
    """What the probability is in words, never a bare number."""
    probability = hit.probability or 0.0
    told = f"{grade(probability, hit.by_chance)}, {_percent(probability)}"
    return told if hit.by_chance is None else f"{told}: {chance_in_words(hit.by_chance)}"


def _percent(probability: float) -> str:
    """Never 0 or 100 %, which would be certainty."""
    if probability < 0.001:
        return "< 0.1 %"
    if probability > 0.999:
        return "> 99.9 %"
    return f"{100 * probability:.1f} %"


def _members(value: Any) -> list[str]:
    return [str(member) for member in value] if isinstance(value, list) else [str(value)]


def _words(record: SearchRecord, hit: RecordedHit) -> list[str]:
    words = record.explanations[hit.id].facts.get("words")
    return [str(word) for word in words] if isinstance(words, list) else []
