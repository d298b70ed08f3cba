"""The table as two pictures: every row's mAP, and the differences that were asked about."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from marquery.files import write_atomically
from marquery.paper.reproduce.intervals import Estimate
from marquery.paper.reproduce.panels import Panel
from marquery.paper.reproduce.table import Results

_COLORS = {
    "reference": "#8c959f",
    "paper": "#0969da",
    "operation": "#1a7f37",
    "pair": "#8250df",
    "rival": "#bc4c00",
}
_WORDS = {
    "reference": "nothing learnt",
    "paper": "row of the paper's table",
    "operation": "one segment operation",
    "pair": "two segment operations",
    "rival": "whole-image colour, and mixed",
}
_SURE, _UNSURE = "#0969da", "#8c959f"


def draw_table(results: Results, out: Path) -> None:
    """Write a PNG: a dot a row for its mean, ticks for its seeds, a bar for its interval.

    One column for each headline: at most two of *cross*, and the strongest edits.
    """
    from matplotlib.lines import Line2D

    rows, panels = results.rows[::-1], _columns(results)
    figure, axes = _figure(len(rows), panels)
    for ax, panel in zip(axes, panels, strict=True):
        for y, row in enumerate(rows):
            _dot(ax, y, row.figures[panel.key]["map"], _COLORS[row.row.part])
        queries, _ = panel.counts
        ax.set_title(f"{panel.title}: mAP of {queries:,} queries", loc="left", fontsize=10)
    axes[0].set_yticks(range(len(rows)), [row.row.title for row in rows])
    shown = [part for part in _COLORS if any(row.row.part == part for row in rows)]
    handles = [
        Line2D([], [], color=_COLORS[part], marker="o", lw=2.5, label=_WORDS[part])
        for part in shown
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(shown), frameon=False)
    write_atomically(out, lambda path: figure.savefig(path, dpi=120))


def draw_answers(results: Results, out: Path) -> None:
    """Write a PNG of the paired differences of mAP, coloured where two or more seeds leave 0
    outside.
    """
    answers, panels = results.answers[::-1], _columns(results)
    figure, axes = _figure(len(answers), panels)
    for ax, panel in zip(axes, panels, strict=True):
        ax.axvline(0, color="#1f2328", lw=1)
        for y, answer in enumerate(answers):
            found = answer.differences[panel.key]
            _dot(ax, y, found, _SURE if found.sure else _UNSURE)
        ax.set_title(f"{panel.title}: difference of mAP", loc="left", fontsize=10)
    axes[0].set_yticks(range(len(answers)), [answer.question for answer in answers])
    write_atomically(out, lambda path: figure.savefig(path, dpi=120))


def _columns(results: Results) -> list[Panel]:
    cross = [p for p in results.panels if p.source == "cross" and p.key != "cross/all"]
    cross = cross or [p for p in results.panels if p.source == "cross"]
    return [*cross[:2], *[p for p in results.panels if p.source == "edits"][:1]]


def _figure(rows: int, panels: Sequence[Panel]) -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    size = (4.2 + 3.2 * len(panels), 1.4 + 0.32 * rows)
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for ax in axes:
        ax.locator_params(axis="x", nbins=5)
        ax.grid(axis="x", alpha=0.3)
        ax.set_axisbelow(True)
        ax.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylim(-0.7, rows - 0.3)
    return figure, axes


def _dot(ax: Any, y: int, estimate: Estimate, color: str) -> None:
    ax.plot([estimate.low, estimate.high], [y, y], color=color, lw=2.2, solid_capstyle="round")
    ax.plot([estimate.mean], [y], "o", color=color, ms=6)
    if len(estimate.seeds) > 1:
        below = [y - 0.28] * len(estimate.seeds)
        ax.plot(estimate.seeds, below, "|", color=color, ms=5, mew=1.2, alpha=0.8)
