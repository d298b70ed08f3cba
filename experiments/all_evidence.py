"""What each search strategy finds, alone and all evidence together.

Every labelled logo is a query, left out of its own ranking, among all logos of an index. Prints one
row for each strategy, with 95 % bootstrap intervals over marks, and the time of a search.

    python experiments/all_evidence.py --data data/openlogos --split test --out runs/evidence
    python experiments/all_evidence.py --folder logos --labels labels.csv --out runs/own

Labels are a CSV file with the columns path and group; paths are from its folder.

With ``--edits`` or ``--conditions`` the queries are edited logos, or logos as they arrive, each to
be found again: other logos of its brand are left out of its ranking. One table for all, and one
row for each kind.
"""

import argparse
import csv
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from marquery.arrays import BoolArray, Float32Array, Float64Array
from marquery.datasets import LogoSet
from marquery.datasets.edit_set import EditSet
from marquery.datasets.selection import brands_of, of_edition, some_groups
from marquery.index import LogoIndex
from marquery.index.searching import search_context
from marquery.index.strategies.query import prepare_query
from marquery.index.strategies.weights import parse_strategy
from marquery.progress import progress_bar

STRATEGIES = (
    *("overall", "part", "figure", "shape", "color", "words"),
    *("overall=2,part=1", "auto"),
)


@dataclass(frozen=True)
class Query:
    """A picture, and what of an index it should find."""

    image: Path
    own: BoolArray
    """(N,): logos of its mark."""
    left_out: BoolArray
    """(N,): logos that are not ranked."""
    mark: str
    kind: str = ""


def main() -> None:
    arguments = parse()
    out = Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    folder, group_of = labelled(arguments, out)
    place = out / "index"
    index = LogoIndex.open(place) if place.exists() else LogoIndex.create(place, arguments.model)
    index.add(folder)
    seen = index.snapshot()
    assert seen is not None
    stored = {row["id"]: Path(row["path"]) for row in seen.table.read(("id", "path")).to_pylist()}
    files = [stored[int(i)] for i in seen.block.ids]
    groups = np.array([group_of.get(file.name, "") for file in files])
    made = "edits" if arguments.edits else "conditions" if arguments.conditions else ""
    if made:
        queries = made_queries(arguments, made, files, groups)
    else:
        queries = labelled_queries(files, groups)
    if arguments.queries:
        chosen = np.random.default_rng(0).permutation(len(queries))[: arguments.queries]
        queries = [queries[int(i)] for i in chosen]
    strategies = arguments.strategies.split() if arguments.strategies else STRATEGIES
    context = search_context(index._folder, seen)
    scores: dict[str, list[Float64Array]] = {name: [] for name in strategies}
    spent = dict.fromkeys(strategies, 0.0)
    with progress_bar("searching", len(queries), unit="queries") as advance:
        for query in queries:
            for name in strategies:
                start = time.process_time()
                prepared = prepare_query(
                    [query.image],
                    parse_strategy(name),
                    index.encoder,
                    index._folder.projection,
                    context=context,
                )
                total = prepared.score(seen.block).total
                spent[name] += time.process_time() - start
                scores[name].append(ranks_of(total, query.own, query.left_out))
            advance(1)
    # Each query's average precision, for comparisons that are paired by query.
    order = np.argsort([query.image.name for query in queries])
    precision = {
        name: np.array([float(np.mean(np.arange(1, len(r) + 1) / r)) for r in scores[name]])[order]
        for name in strategies
    }
    marks = np.array([query.mark for query in queries])
    kinds = np.array([query.kind for query in queries])
    np.savez(
        out / f"queries{'-' + made if made else ''}.npz",
        query=np.arange(len(order)),
        group=marks[order],
        **precision,
    )
    result = {"logos": len(files), "tables": {}}
    for kind in ("", *sorted(set(kinds) - {""})):
        some = np.flatnonzero(kinds == kind) if kind else np.arange(len(queries))
        rows = [
            {
                "strategy": name,
                **summary([scores[name][i] for i in some], marks[some], len(files)),
                "cpu_ms": 1e3 * spent[name] / len(queries),
            }
            for name in strategies
        ]
        result["tables"][kind or "all"] = {"queries": len(some), "rows": rows}
    name = f"evidence{'-' + made if made else ''}.json"
    (out / name).write_text(json.dumps(result, indent=2) + "\n")
    for kind, told in result["tables"].items():
        print(table(kind, told, len(files)))


def labelled_queries(files: list[Path], groups: np.ndarray) -> list[Query]:
    """Every logo of a mark with others, itself left out."""
    names, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    queries = []
    for place in np.flatnonzero((sizes[codes] > 1) & (names[codes] != "")):
        itself = np.arange(len(files)) == place
        own = (groups == groups[place]) & ~itself
        queries.append(Query(files[place], own, itself, str(groups[place])))
    return queries


def made_queries(
    arguments: argparse.Namespace, made: str, files: list[Path], groups: np.ndarray
) -> list[Query]:
    """Edited logos, or logos as they arrive, whose sources are in the index."""
    logos = split_of(arguments)
    edits = EditSet.open(logos, arguments.split, made)
    place_of = {file.name: place for place, file in enumerate(files)}
    queries = []
    for file, source, stratum in zip(edits.files, edits.sources, edits.strata, strict=True):
        place = place_of.get(logos.paths[source].replace("/", "--"))
        if place is not None:
            own = np.arange(len(files)) == place
            brothers = (groups == groups[place]) & ~own
            kind = stratum.split()[0] if made == "edits" else stratum
            queries.append(Query(Path(file), own, brothers, str(groups[place]), kind))
    return queries


def labelled(arguments: argparse.Namespace, out: Path) -> tuple[Path, dict[str, str]]:
    """A folder of logos whose file names tell their marks."""
    if arguments.folder:
        with Path(arguments.labels).open(newline="") as file:
            told = {Path(row["path"]).name: row["group"] for row in csv.DictReader(file)}
        return Path(arguments.folder), told
    logos = split_of(arguments)
    logos = logos.subset(brands_of(logos))
    if arguments.logos:
        logos = some_groups(logos, arguments.logos, seed=0)
    folder = out / "logos"
    folder.mkdir(exist_ok=True)
    told = {}
    for path, file, group in zip(logos.paths, logos.files(), logos.groups, strict=True):
        link = folder / path.replace("/", "--")
        told[link.name] = str(group)
        if not link.exists():
            link.hardlink_to(Path(file).resolve())
    return folder, told


def split_of(arguments: argparse.Namespace) -> LogoSet:
    logos = LogoSet.open(arguments.data)
    if arguments.edition:
        logos = of_edition(logos, arguments.edition)
    return logos.split(arguments.split)


def ranks_of(total: Float32Array, own: BoolArray, left_out: BoolArray) -> Float64Array:
    """Ranks of a query's own logos among those that are ranked; ties count half.

    Args:
        total: (N,) scores.
        own: (N,) logos of its mark.
        left_out: (N,) logos that are not ranked.
    """
    total = np.round(total, 6)
    rest, relevant = total[~left_out], np.sort(total[own & ~left_out])[::-1]
    above = (rest[None] > relevant[:, None]).sum(axis=1)
    tied = (rest[None] == relevant[:, None]).sum(axis=1)
    return np.sort(above + (tied + 1) / 2)


def summary(ranks: list[np.ndarray], marks: np.ndarray, logos: int) -> dict[str, list[float]]:
    """Mean and 95 % interval over marks of NAR, mAP and Recall@1."""
    values = np.array(
        [
            (
                (r.sum() - len(r) * (len(r) + 1) / 2) / (len(r) * (logos - 1)),
                float(np.mean(np.arange(1, len(r) + 1) / r)),
                float(r[0] < 1.5),
            )
            for r in ranks
        ]
    )
    _, codes = np.unique(marks, return_inverse=True)
    sums = np.stack([np.bincount(codes, values[:, i]) for i in range(3)], axis=1)
    counts = np.bincount(codes)
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(counts), (1000, len(counts)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)[:, None]
    low, high = np.quantile(means, (0.025, 0.975), axis=0)
    return {
        name: [float(values[:, i].mean()), float(low[i]), float(high[i])]
        for i, name in enumerate(("nar", "map", "recall@1"))
    }


def table(kind: str, told: dict, logos: int) -> str:
    lines = [
        f"{kind}: {told['queries']:,} queries, {logos:,} logos",
        "| strategy | NAR ↓ | mAP ↑ | Recall@1 ↑ | CPU ms a search |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in told["rows"]:
        cells = [
            f"{row[name][0]:.{d}f} [{row[name][1]:.{d}f}, {row[name][2]:.{d}f}]"
            for name, d in (("nar", 4), ("map", 3), ("recall@1", 3))
        ]
        lines.append(f"| {row['strategy']} | {' | '.join(cells)} | {row['cpu_ms']:.0f} |")
    return "\n".join(lines)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", default="data/openlogos")
    parser.add_argument("--split", default="test", choices=("val", "test"))
    parser.add_argument("--edition", type=int, help="of openlogos; default as it was built")
    parser.add_argument("--logos", type=int, help="so many, of brands drawn at random; default all")
    parser.add_argument("--folder", help="a folder of logos, in place of --data")
    parser.add_argument("--labels", help="CSV with path and group, for --folder")
    parser.add_argument("--model", default="default")
    parser.add_argument("--queries", type=int, help="so many, drawn at random; default all")
    made = parser.add_mutually_exclusive_group()
    made.add_argument("--edits", action="store_true", help="queries are edited logos")
    made.add_argument("--conditions", action="store_true", help="queries are logos as they arrive")
    parser.add_argument("--strategies", help="their names, parted by spaces; default all")
    parser.add_argument("--out", required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
