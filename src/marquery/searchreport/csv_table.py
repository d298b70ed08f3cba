"""The ranking as CSV, one line a hit, safe to open in a spreadsheet."""

from typing import Any

from marquery.searchreport.record import Decision, SearchRecord
from marquery.spreadsheet import to_safe_csv


def to_csv(record: SearchRecord) -> bytes:
    """Write the hits, then decided logos that are not ranked, as UTF-8 CSV with a byte order mark,
    so that spreadsheets recognise the encoding.

    Columns: rank, score, probability, decision, note, decided_by, decided_at, id, path, sha256,
    part (x,y,w,h in pixels), part_kind, words, words_by (which words are like the query's, where
    the index takes words from a column: ``read`` or ``register``), score_NAME of each strategy,
    meta_NAME of each metadata column; lists are joined by ``;``. Text that a spreadsheet would run
    as a formula begins with ``'``.
    """
    strategies = list(record.asked.strategy)
    columns = list(dict.fromkeys(name for hit in record.shown for name in hit.metadata))
    lines: list[list[Any]] = [
        ["rank", "score", "probability", "decision", "note", "decided_by", "decided_at", "id"]
        + ["path", "sha256", "part", "part_kind", "words", "words_by"]
        + [f"score_{name}" for name in strategies]
        + [f"meta_{name}" for name in columns]
    ]
    for hit in record.shown:
        decision = record.decisions.get(hit.id, Decision())
        lines.append(
            [hit.rank, hit.score, hit.probability, decision.verdict, decision.note, decision.who]
            + [None if decision.when is None else decision.when.isoformat(), hit.id, hit.path]
            + [hit.sha256, None if hit.part is None else ",".join(map(str, hit.part)), hit.kind]
            + [hit.words, hit.words_by or None]
            + [hit.scores.get(name) for name in strategies]
            + [hit.metadata.get(name) for name in columns]
        )
    for logo in record.absent:  # without a place, and with no id: it may be another's by now
        d = logo.decision
        lines.append(
            [None, None, None, d.verdict, d.note, d.who]
            + [None if d.when is None else d.when.isoformat(), None, logo.path, logo.sha256 or None]
            + [None] * (4 + len(strategies) + len(columns))
        )
    return to_safe_csv(lines)
