"""The results as a page, as a table for spreadsheets, and as JSON."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from marquery.files import write_atomically
from marquery.paper.reproduce.intervals import Estimate
from marquery.paper.reproduce.panels import PAIRS, Panel
from marquery.paper.reproduce.table import Results, RowFigures

_HEADLINE_COLUMNS = (("nar", "NAR ↓"), ("map", "mAP ↑"), ("recall@1", "R@1 ↑"))


def write_page(results: Results, out: Path) -> None:
    """Write the page in Markdown; the plots are named as lying beside it."""
    text = "\n".join(
        [
            f"# The paper's table, scale `{results.scale.name}`",
            "",
            *_setting(results),
            "",
            "![Every row's mAP](results.png)",
            "",
            "## Every row",
            "",
            *headline_table(results),
            "",
            "## Asked of the table",
            "",
            *_answers(results),
            *_strata(results),
            *_edits(results),
            "",
        ]
    )
    write_atomically(out, lambda path: path.write_text(text, encoding="utf-8"))


def headline_table(results: Results) -> list[str]:
    """Lines of the main table: the paper's NAR, ours on the first panel of *cross*, mAP on the
    other headlines.
    """
    first, others = results.panels[0], headlines(results)[1:]
    head = ["row", "paper, NAR on METU", "seeds"]
    head += [f"{first.title}, {words}" for _, words in _HEADLINE_COLUMNS]
    head += [f"{panel.title}, mAP ↑" for panel in others]
    lines = [_line(head), _line(["---", *["---:"] * (len(head) - 1)])]
    for row in results.rows:
        paper = "" if row.row.paper_nar is None else f"{row.row.paper_nar:.3f}"
        seeds = str(len(row.seeds)) if row.row.loss else "–"
        cells = [_interval(row.figures[first.key][metric]) for metric, _ in _HEADLINE_COLUMNS]
        cells += [_interval(row.figures[panel.key]["map"]) for panel in others]
        lines.append(_line([row.row.title, paper, seeds, *cells]))
    return lines


def answer_table(results: Results, panels: Sequence[Panel]) -> list[str]:
    """Lines of the paired differences of mAP on some panels; bold where the interval of several
    seeds leaves 0 out.
    """
    head = ["difference of mAP", "seeds", *(panel.title for panel in panels)]
    lines = [_line(head), _line(["---", *["---:"] * (len(head) - 1)])]
    for answer in results.answers:
        cells = [_difference(answer.differences[panel.key]) for panel in panels]
        lines.append(_line([answer.question, str(answer.seeds), *cells]))
    return lines


def panel_table(results: Results, panels: Sequence[Panel], strip: str) -> list[str]:
    """Lines of a table of mAP, one column a panel; ``strip`` is left out of their titles.

    Args:
        results: of all rows.
        panels: columns of the table.
        strip: words left out of the panels' titles.
    """
    head = ["row, mAP", *(panel.title.removeprefix(strip) for panel in panels)]
    lines = [_line(head), _line(["---", *["---:"] * len(panels)])]
    for row in results.rows:
        means = [row.figures[panel.key]["map"].mean for panel in panels]
        lines.append(_line([row.row.title, *(f"{mean:.3f}" for mean in means)]))
    return lines


def write_csv(results: Results, out: Path) -> None:
    """Write one line for every row, panel and metric."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(
        [
            *("row", "title", "part", "paper_nar_metu", "set", "queries", "groups", "metric"),
            *("mean", "low", "high", "seeds", "per_seed"),
        ]
    )
    counts = {panel.key: panel.counts for panel in results.panels}
    for row in results.rows:
        known = [row.row.key, row.row.title, row.row.part, row.row.paper_nar]
        for key, metrics in row.figures.items():
            for metric, e in metrics.items():
                each = " ".join(f"{value:.6f}" for value in e.seeds)
                figures = [f"{e.mean:.6f}", f"{e.low:.6f}", f"{e.high:.6f}", len(e.seeds), each]
                table.writerow([*known, key, *counts[key], metric, *figures])
    write_atomically(out, lambda path: path.write_text(text.getvalue(), encoding="utf-8"))


def write_json(results: Results, out: Path) -> None:
    """Write every figure with where it comes from."""
    body = {
        "scale": results.scale.model_dump(mode="json"),
        "data": results.data,
        "logos": results.logos,
        **results.provenance,
        "sets": {
            panel.key: {"title": panel.title, "queries": queries, "groups": groups}
            for panel in results.panels
            for queries, groups in [panel.counts]
        },
        "rows": [_row_json(row) for row in results.rows],
        "differences of mAP": [
            {
                "question": answer.question,
                "rows": [answer.ours, answer.other],
                "seeds": answer.seeds,
                "sets": {key: _rounded(e) for key, e in answer.differences.items()},
            }
            for answer in results.answers
        ],
    }
    text = json.dumps(body, indent=1, ensure_ascii=False) + "\n"
    write_atomically(out, lambda path: path.write_text(text, encoding="utf-8"))


def _setting(results: Results) -> list[str]:
    logos, facts = results.logos, results.provenance
    trained = [row for row in results.rows if row.row.loss]
    seeds = sorted({len(row.seeds) for row in trained})
    said = " to ".join(str(n) for n in dict.fromkeys((seeds[0], seeds[-1]))) if seeds else "no"
    cost = max((row.cpu_seconds for row in trained), default=0)
    return [
        f"{logos['training']:,} logos to learn from, {logos['test']:,} to rank, "
        f"{logos['edits']:,} edited queries; {said} {'seed' if said == '1' else 'seeds'} a row. "
        f"{results.scale.about.strip()}",
        "",
        f"Every row: {facts['model']['backbone']}, {facts['model']['image_size']} px, "
        f"{facts['steps']} steps of {facts['batch']['size']} ({facts['batch']['kind']}), "
        f"{facts['optimizer']['kind']} at {facts['optimizer']['lr']:g}; a run takes up to "
        f"{cost:.0f} s of "
        f"processor time ({facts['device']}).",
        "",
        "Protocol `standard`. In brackets 95 % intervals by bootstrap over groups and seeds; of a "
        "row with one seed "
        "they leave out how trainings differ. Differences are paired by seed and query, bold where "
        "two or more "
        "seeds leave 0 outside. The paper's NAR is another network on other data; compare orders "
        "of rows, not "
        "figures.",
    ]


def _answers(results: Results) -> list[str]:
    if not results.answers:
        return ["No two rows that are to be compared are done."]
    return [
        "![Differences of mAP](results-differences.png)",
        "",
        *answer_table(results, headlines(results)),
    ]


def _strata(results: Results) -> list[str]:
    panels = [p for p in results.panels if p.key.startswith(PAIRS)]
    if not panels:
        return []
    counts = ", ".join(f"{p.title} {p.counts[0]:,}" for p in panels)
    return [
        "",
        "## By what sets the logos apart",
        "",
        "Of the first column's queries, only logos that differ from the query in that way are "
        f"relevant. Queries: {counts}.",
        "",
        *panel_table(results, panels, ""),
        *(["", *answer_table(results, panels)] if results.answers else []),
    ]


def _edits(results: Results) -> list[str]:
    edits = [
        p
        for p in results.panels
        if p.source == "edits" and p.key not in ("edits/strongest", "edits/all")
    ]
    if not edits:
        return []
    words = "By kind and strength of the edit (1 weak, 3 strong):"
    return ["", "## Edits", "", words, "", *panel_table(results, edits, "edit: ")]


def headlines(results: Results) -> list[Panel]:
    """The panels of *cross* but the union of all, and the strongest edits."""
    cross = [panel for panel in results.panels if panel.source == "cross"]
    named = [panel for panel in cross if panel.key != "cross/all"]
    edits = [panel for panel in results.panels if panel.source == "edits"]
    return [*(named or cross), *edits[:1]]


def _interval(e: Estimate) -> str:
    return f"{e.mean:.3f} [{e.low:.3f}, {e.high:.3f}]"


def _difference(e: Estimate) -> str:
    text = f"{e.mean:+.3f} [{e.low:+.3f}, {e.high:+.3f}]"
    return f"**{text}**" if e.sure else text


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _row_json(row: RowFigures) -> dict[str, Any]:
    return {
        **row.row.model_dump(mode="json", exclude_none=True),
        "seeds": list(row.seeds),
        "cpu_seconds": round(row.cpu_seconds, 1),
        "sets": {
            key: {metric: _rounded(e) for metric, e in metrics.items()}
            for key, metrics in row.figures.items()
        },
    }


def _rounded(e: Estimate) -> dict[str, Any]:
    plain = asdict(e)
    return {
        "mean": round(plain["mean"], 6),
        "interval": [round(plain["low"], 6), round(plain["high"], 6)],
        "per_seed": [round(value, 6) for value in plain["seeds"]],
    }
