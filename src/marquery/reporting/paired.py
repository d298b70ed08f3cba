"""Two results side by side: differences by stratum as a table, the queries that changed most as a picture."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from rich.table import Table

from marquery.arrays import AnyArray, Float32Array
from marquery.datasets import LogoSet
from marquery.errors import MarqueryError, UsageError
from marquery.evaluation import top_k
from marquery.evaluation.paired import Columns, Difference, most_changed, paired_differences
from marquery.files import write_atomically
from marquery.reporting.comparison import Row, print_whole
from marquery.visualization.retrieval import RetrievalRow, draw_retrievals

_SHOWN = ("map", "nar", "recall@1")
_TITLES = {"map": "mAP ↑", "nar": "NAR ↓", "recall@1": "R@1 ↑"}
_HITS = 8

#: Section ("all", a namespace, a stratum of the pairs) -> metric -> difference.
Sections = dict[str, dict[str, Difference]]


@dataclass(frozen=True)
class Scored:
    """One method's scores of single queries, from a file or fresh.

    Attributes:
        name: what it is called in tables.
        conditions: protocol, settings and hash of the data; only results under equal conditions are compared.
        queries: column -> one value a query, as ``RetrievalResult.per_query``.
        strata: stratum of the pairs -> the same.
        paths: query -> file, relative to the data's folder.
        vectors: (N, D) embeddings of the set, where they are at hand.
    """

    name: str
    conditions: Mapping[str, Any]
    queries: Columns
    strata: Mapping[str, Columns] = field(default_factory=dict)
    paths: Mapping[int, str] = field(default_factory=dict)
    vectors: Float32Array | None = None


def scored_row(row: Row, logos: LogoSet, conditions: Mapping[str, Any]) -> Scored:
    """A method that was ranked just now.

    Args:
        row: result of the method.
        logos: the set it was evaluated on.
        conditions: from :func:`conditions_of`.
    """
    return Scored(
        name=row.name,
        conditions=conditions,
        queries=row.result.per_query,
        strata={name: part.per_query for name, part in row.strata.items()},
        paths=dict(enumerate(logos.paths)),
        vectors=row.vectors,
    )


def conditions_of(protocol: str, settings: Mapping[str, Any], data: object) -> dict[str, Any]:
    """What two results must have in common.

    Args:
        protocol: its name.
        settings: of the evaluation.
        data: what the ranked set is known by.
    """
    return {"protocol": protocol, "data": data, **settings}


def read_results(file: Path, method: str | None = None) -> Scored:
    """A method from a file that an evaluation wrote; the last one, if none is named.

    Raises:
        MarqueryError: the file is not such a file.
        UsageError: it holds no such method.
    """
    try:
        body = json.loads(file.read_text(encoding="utf-8"))
        methods, data = body["methods"], body["data"]
        names = list(methods)
        if method is not None and method not in methods:
            raise UsageError(
                "method", f"{file} has no method {method!r}", f"it has: {', '.join(names)}"
            )
        found = methods[method or names[-1]]
        return Scored(
            name=method or names[-1],
            conditions=conditions_of(
                body["protocol"], body.get("settings", {}), data.get("sha256", data)
            ),
            queries=_columns(found["per_query"]),
            strata={
                name: _columns(part["per_query"]) for name, part in found.get("strata", {}).items()
            },
            paths={int(query): path for query, path in body.get("paths", {}).items()},
        )
    except UsageError:  # a ValueError, too
        raise
    except OSError as error:
        raise MarqueryError(f"{file}: cannot be read ({error.strerror or error})") from error
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise MarqueryError(
            f"{file}: holds no results of an evaluation; evaluate the model again and write them to a file"
        ) from error


def compare_scored(one: Scored, two: Scored, *, samples: int = 1000, seed: int = 0) -> Sections:
    """Differences ``two - one``: over all queries, each namespace or kind of edit, each stratum of the pairs.

    Args:
        one, two: results of the two methods.
        samples: of the bootstrap.
        seed: of the bootstrap.

    Raises:
        UsageError: the two were not evaluated under the same conditions.
    """
    for key in sorted({*one.conditions, *two.conditions}):
        mine, other = one.conditions.get(key), two.conditions.get(key)
        if key == "strata" and None in (mine, other):
            continue  # one was not evaluated by strata, which leaves the rest comparable
        if mine != other:
            raise UsageError(
                f"{one.name} and {two.name} differ in {key} ({mine} and {other}); evaluate both alike"
            )

    def differ(left: Columns, right: Columns) -> dict[str, Difference]:
        return paired_differences(left, right, samples=samples, seed=seed)

    sections = {"all": differ(one.queries, two.queries)}
    if "stratum" in one.queries and np.array_equal(one.queries["query"], two.queries["query"]):
        labels = np.asarray(one.queries["stratum"])
        for label in np.unique(labels):
            rows = labels == label
            parts = [{k: v[rows] for k, v in s.queries.items()} for s in (one, two)]
            sections[str(label)] = differ(parts[0], parts[1])
    for name in one.strata:
        if name in two.strata:
            sections[f"pairs: {name}"] = differ(one.strata[name], two.strata[name])
    return sections


def print_sections(one: Scored, two: Scored, sections: Sections) -> None:
    """Print means and differences, with 95 % intervals; a star where the interval leaves zero out.

    Args:
        one, two: results of the two methods.
        sections: from :func:`compare_scored`.
    """
    title = f"B − A, paired by query, bootstrap over groups; A: {one.name}; B: {two.name}"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("queries", no_wrap=True)
    for metric in _SHOWN:
        for head in (_TITLES[metric] + " A", "B", "B − A", "95 %", ""):
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
        table.add_row(name, *cells)
    print_whole(table)


def write_sections(one: Scored, two: Scored, sections: Sections, out: Path) -> None:
    """Write all differences as JSON.

    Args:
        one, two: results of the two methods.
        sections: from :func:`compare_scored`.
        out: the file.
    """
    body = {
        "one": one.name,
        "two": two.name,
        "conditions": dict(one.conditions),
        "differences": {
            name: {metric: asdict(d) for metric, d in found.items()}
            for name, found in sections.items()
        },
    }
    text = json.dumps(body, indent=1, allow_nan=False) + "\n"
    write_atomically(out, lambda path: path.write_text(text, encoding="utf-8"))


def draw_changes(one: Scored, two: Scored, root: Path, count: int = 8) -> Image.Image:
    """The queries whose average precision changed most: losses first, then gains.

    Where embeddings are at hand, a line with the first hits of each method; otherwise a line with the query's similar
    logos. The title of a line says AP and the rank of the first right answer.

    Args:
        one, two: the methods.
        root: folder of the data.
        count: how many queries.

    Raises:
        MarqueryError: nothing changed, or a file is not in the folder.
    """
    chosen = most_changed(one.queries, two.queries, count)
    if not len(chosen):
        raise MarqueryError("no query changed, so that there is nothing to draw")
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
    if not scored.paths:
        raise MarqueryError(
            f"{scored.name}: its file of results names no logos; write it anew with marquery evaluate"
        )
    mates: Sequence[int] = [int(q) for q in queries[groups == groups[place]]]
    query = int(queries[place])
    found = [(root / scored.paths[mate], True) for mate in mates if mate != query]
    return root / scored.paths[query], found[:_HITS]


def _columns(plain: Mapping[str, list[Any]]) -> dict[str, AnyArray]:
    return {name: np.asarray(values) for name, values in plain.items()}
