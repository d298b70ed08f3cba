"""Two results side by side: a table of differences, and a picture of the queries that changed
most.
"""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from rich.table import Table

from marquery.arrays import Float32Array
from marquery.comparison.paired import Scored, Sections
from marquery.errors import MarqueryError
from marquery.evaluation import top_k
from marquery.evaluation.paired import most_changed
from marquery.evaluation.registry import title
from marquery.names import printable
from marquery.reporting.printing import print_whole
from marquery.visualization.retrieval import RetrievalRow, draw_retrievals

_SHOWN = ("map", "nar", "recall@1")
_HITS = 8


def print_sections(one: Scored, two: Scored, sections: Sections) -> None:
    """Print means and differences, with 95 % intervals; a star where the interval leaves zero out.

    Args:
        one, two: results of the two methods.
        sections: from :func:`compare_scored`.
    """
    names = f"A: {printable(one.name)}; B: {printable(two.name)}"
    heading = f"B − A, paired by query, bootstrap over groups; {names}"
    table = Table(title=heading, title_justify="left", box=None, pad_edge=False)
    table.add_column("queries", no_wrap=True)
    for metric in _SHOWN:
        for head in (f"{title(metric)} A", "B", "B − A", "95 %", ""):
            table.add_column(head, justify="right", no_wrap=True)
    for name, found in sections.items():
        cells = []
        for metric in _SHOWN:
            if metric not in found:
                cells += [""] * 5
                continue
            d = found[metric]
            interval = "" if d.low is None else f"{d.low:+.3f} to {d.high:+.3f}"
            cells += [f"{d.one:.3f}", f"{d.two:.3f}", f"{d.difference:+.3f}", interval]
            cells.append("*" if d.is_clear else "")
        table.add_row(printable(name), *cells)
    print_whole(table)


def draw_changes(one: Scored, two: Scored, root: Path, count: int = 8) -> Image.Image:
    """The queries whose average precision changed most: losses first, then gains.

    Where embeddings are at hand, a line with the first hits of each method; otherwise a line with
    the query's similar logos. The title of a line says AP and the rank of the first right answer.

    Args:
        one, two: the methods.
        root: folder of the data.
        count: how many queries.

    Raises:
        MarqueryError: nothing changed, or a file is not in the folder.
    """
    for scored in (one, two):
        if not scored.paths:
            raise MarqueryError(
                f"{scored.name}: its file of results names no logos; evaluate the model again"
            )
    chosen = most_changed(one.queries, two.queries, count)
    if not len(chosen):
        raise MarqueryError(
            "no query changed, so that there is nothing to draw; compare methods that differ"
        )
    rows = []
    for place in chosen:
        query = int(one.queries["query"][place])
        group = str(one.queries["group"][place])
        if one.vectors is not None and two.vectors is not None:
            for side, scored, vectors in (("A", one, one.vectors), ("B", two, two.vectors)):
                ap, first = _figures(scored, place)
                title = f"{group}\n{side}: AP {ap}\nfirst at {first}"
                rows.append(RetrievalRow(title, *_hits(scored, vectors, query, root)))
        else:
            (ap1, first1), (ap2, first2) = _figures(one, place), _figures(two, place)
            title = f"{group}\nAP {ap1} → {ap2}\nfirst {first1} → {first2}"
            rows.append(RetrievalRow(title, *_mates(one, place, root)))
    return draw_retrievals(rows)


def _figures(scored: Scored, place: int) -> tuple[str, str]:
    """Average precision and rank of the first right answer, as text."""
    first = float(scored.queries["first_rank"][place])
    return f"{float(scored.queries['ap'][place]):.2f}", f"{first:,.0f}"


def _hits(
    scored: Scored, vectors: Float32Array, query: int, root: Path
) -> tuple[Path, list[tuple[Path, bool]]]:
    """The query's file, and its first hits."""
    indices, _ = top_k(vectors[query : query + 1], vectors, _HITS, exclude=[[query]])
    group_of = dict(
        zip(scored.queries["query"].tolist(), scored.queries["group"].tolist(), strict=True)
    )
    found = [
        (root / scored.paths[int(i)], group_of.get(int(i)) == group_of[query]) for i in indices[0]
    ]
    return root / scored.paths[query], found


def _mates(scored: Scored, place: int, root: Path) -> tuple[Path, list[tuple[Path, bool]]]:
    """The query's file, and those of the other queries of its group."""
    queries, groups = scored.queries["query"], scored.queries["group"]
    mates: Sequence[int] = [int(q) for q in queries[groups == groups[place]]]
    query = int(queries[place])
    found = [(root / scored.paths[mate], True) for mate in mates if mate != query]
    return root / scored.paths[query], found[:_HITS]
