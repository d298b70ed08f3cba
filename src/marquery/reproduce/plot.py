"""The table as a picture: every row's mAP, its interval and its seeds."""

from pathlib import Path
from typing import Any

from marquery.files import write_atomically
from marquery.reproduce.table import Results, RowFigures

_COLORS = {
    "reference": "#8c959f",
    "paper": "#0969da",
    "operation": "#1a7f37",
    "pair": "#57ab5a",
    "rival": "#bc4c00",
}
_WORDS = {
    "reference": "nothing learnt",
    "paper": "row of the paper's table",
    "operation": "one segment operation",
    "pair": "two segment operations",
    "rival": "whole-image colour, and mixed",
}


def draw_table(results: Results, out: Path) -> None:
    """Write a PNG: a dot a row for its mean, small dots for its seeds, a bar for its interval.

    One column for each headline: the first set of *cross*, the second where there is one, the strongest edits.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    cross = [p for p in results.panels if p.source == "cross" and p.key != "cross/all"]
    cross = cross or [p for p in results.panels if p.source == "cross"]
    panels = [*cross[:2], *[p for p in results.panels if p.source == "edits"][:1]]
    rows = results.rows[::-1]
    height = 1.4 + 0.32 * len(rows)
    figure = Figure(figsize=(4.2 + 3.2 * len(panels), height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for ax, panel in zip(axes, panels, strict=True):
        for y, row in enumerate(rows):
            _draw_row(ax, y, row, panel.key)
        queries, _ = panel.counts
        ax.set_title(f"{panel.title}: mAP of {queries:,} queries", loc="left", fontsize=10)
        ax.grid(axis="x", alpha=0.3)
        ax.set_axisbelow(True)
        ax.spines[["top", "right"]].set_visible(False)
    axes[0].set_yticks(range(len(rows)), [row.row.title for row in rows])
    axes[0].set_ylim(-0.7, len(rows) - 0.3)
    shown = [part for part in _COLORS if any(row.row.part == part for row in rows)]
    handles = [
        Line2D([], [], color=_COLORS[part], marker="o", lw=2.5, label=_WORDS[part])
        for part in shown
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(shown), frameon=False)
    write_atomically(out, lambda path: figure.savefig(path, dpi=120))


def _draw_row(ax: Any, y: int, row: RowFigures, panel: str) -> None:

    estimate, color = row.figures[panel]["map"], _COLORS[row.row.part]
    ax.plot([estimate.low, estimate.high], [y, y], color=color, lw=2.2, solid_capstyle="round")
    ax.plot([estimate.mean], [y], "o", color=color, ms=6)
    if len(estimate.seeds) > 1:
        below = [y - 0.28] * len(estimate.seeds)
        ax.plot(estimate.seeds, below, "|", color=color, ms=5, mew=1.2, alpha=0.8)
