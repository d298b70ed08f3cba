"""Results of methods as tables on standard output; the console is made when something is
printed.
"""

from collections.abc import Sequence

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from marquery.comparison.methods import ALIKE, ALL_PAIRS, MethodResult
from marquery.evaluation import RetrievalResult
from marquery.evaluation.registry import table_titles
from marquery.names import printable

# Columns in which a table's natural width is measured.
_ROOM = 500


def table_rows(rows: Sequence[MethodResult]) -> list[tuple[str, list[tuple[str, RetrievalResult]]]]:
    """The table's sections: title and (method, result) pairs; all queries first, then each
    stratum.
    """
    first = rows[0].result
    sections = [(f"all {_counts(first)}", [(row.name, row.result) for row in rows])]
    for stratum, part in first.by_stratum.items():
        pairs = [(row.name, row.result.by_stratum[stratum]) for row in rows]
        sections.append((f"{printable(stratum)} {_counts(part)}", pairs))
    return sections


def show(result: RetrievalResult, metric: str) -> tuple[str, str]:
    """A mean and its 95 % interval as text; the interval is empty where there is none."""
    value = f"{result.means[metric]:.3f}"
    if metric not in result.intervals:
        return value, ""
    low, high = result.intervals[metric]
    return value, f"{low:.3f}–{high:.3f}"


def print_table(rows: Sequence[MethodResult]) -> None:
    """Print the registered metrics to standard output, with intervals for those of all ranks."""
    for title, pairs in table_rows(rows):
        heads = table_titles(pairs[0][1].means)
        table = Table(title=title, title_justify="left", box=None, pad_edge=False)
        table.add_column("method", no_wrap=True)
        for metric, head in heads.items():
            table.add_column(head, justify="right", no_wrap=True)
            if not _at_cutoff(metric):
                table.add_column("95 %", justify="right", no_wrap=True)
        for name, result in pairs:
            shown = {metric: show(result, metric) for metric in heads}
            # Metrics of the first K are many and close together: their intervals are in the file.
            cells = (c for m, s in shown.items() for c in (s[:1] if _at_cutoff(m) else s))
            table.add_row(printable(name), *cells)
        print_whole(table)


def _at_cutoff(metric: str) -> bool:
    return "@" in metric


def print_edits(rows: Sequence[MethodResult]) -> None:
    """Print mAP of each method on all edits and on each kind and strength."""
    first = rows[0].result
    strata = list(first.by_stratum)
    table = Table(
        title=f"edits: mAP {_counts(first)}", title_justify="left", box=None, pad_edge=False
    )
    table.add_column("method", no_wrap=True)
    for name in ("all", *strata):
        table.add_column(printable(name), justify="right", no_wrap=True)
    for row in rows:
        parts = [row.result, *(row.result.by_stratum[name] for name in strata)]
        table.add_row(printable(row.name), *(f"{part.map:.3f}" for part in parts))
    print_whole(table)


def print_conditions(rows: Sequence[MethodResult]) -> None:
    """Print mAP and its interval of each method on all conditions and on each kind."""
    first = rows[0].result
    table = Table(
        title=f"conditions: mAP, 95 % {_counts(first)}",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    table.add_column("condition (queries)", no_wrap=True)
    for row in rows:
        table.add_column(printable(row.name), justify="right", no_wrap=True)
    for name in (None, *first.by_stratum):
        parts = [row.result if name is None else row.result.by_stratum[name] for row in rows]
        title = f"{name or 'all'} ({parts[0].counts['queries']:,})"
        table.add_row(printable(title), *(" ".join(show(part, "map")) for part in parts))
    print_whole(table)


def print_strata(rows: Sequence[MethodResult]) -> None:
    """Print mAP and its interval of each method on each stratum of the pairs."""
    strata = list(dict.fromkeys(s for row in rows for s in row.strata))
    title = "by what sets query and answer apart: mAP, 95 %"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("method", no_wrap=True)
    for name in strata:
        queries = next(row.strata[name].counts["queries"] for row in rows if name in row.strata)
        table.add_column(f"{printable(name)} ({queries:,})", justify="right", no_wrap=True)
    for row in rows:
        cells = [" ".join(show(row.strata[s], "map")) if s in row.strata else "" for s in strata]
        table.add_row(printable(row.name), *cells)
    print_whole(table)


def print_judged(rows: Sequence[MethodResult]) -> None:
    """Print NAR, mAP and Recall@1 of each method on the brands that were looked at."""
    table = Table(
        title="brands that were looked at, 95 %", title_justify="left", box=None, pad_edge=False
    )
    for name in ("pairs", "method"):
        table.add_column(name, no_wrap=True)
    for name in ("NAR ↓", "mAP ↑", "R@1 ↑"):
        table.add_column(name, justify="right", no_wrap=True)
    for title in (ALL_PAIRS, ALIKE):
        for row in rows:
            if title in row.judged:
                found = row.judged[title]
                queries = f"{title} ({found.counts['queries']:,} queries)"
                cells = [" ".join(show(found, key)) for key in ("nar", "map", "recall@1")]
                table.add_row(queries, printable(row.name), *cells)
    print_whole(table)


def print_ideas(rows: Sequence[MethodResult]) -> None:
    """Print NAR, mAP and Recall@1 of each method on logos of other brands with the same idea."""
    found = {row.name: row.ideas for row in rows if row.ideas is not None}
    first = next(iter(found.values()))
    title = f"the same idea in other brands' logos, 95 % {_counts(first)}"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("method", no_wrap=True)
    for name in ("NAR ↓", "mAP ↑", "R@1 ↑"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, result in found.items():
        cells = [" ".join(show(result, key)) for key in ("nar", "map", "recall@1")]
        table.add_row(printable(name), *cells)
    print_whole(table)


def print_clusters(rows: Sequence[MethodResult]) -> None:
    """Print the distance ratio and NMI of each method."""
    table = Table(title="clusters", title_justify="left", box=None, pad_edge=False)
    table.add_column("method", no_wrap=True)
    table.add_column("intra / inter distance ↓", justify="right", no_wrap=True)
    table.add_column("NMI ↑", justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            printable(row.name), *(f"{row.clusters[k]:.3f}" for k in ("distance_ratio", "nmi"))
        )
    print_whole(table)


def print_whole(table: Table) -> None:
    """Print a table as wide as it must be: a narrow terminal may wrap a line, but no figure is
    cut.
    """
    # Names are text, not markup: [red] and :star: stay as they are.
    wide = Console(width=_ROOM, markup=False, emoji=False)
    needed = Measurement.get(wide, wide.options, table).maximum
    console = Console(width=max(needed, Console().width), markup=False, emoji=False)
    console.print(table)
    console.print()


def _counts(result: RetrievalResult) -> str:
    c = result.counts
    return f"({c['queries']:,} queries, {c['groups']:,} groups, among {c['ranked']:,} logos)"
