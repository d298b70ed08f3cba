"""What each search strategy finds, alone and all evidence together.

Every labelled logo is a query, left out of its own ranking, among all logos of an index. Prints one
row for each strategy, with 95 % bootstrap intervals over marks, and the time of a search.

    python experiments/all_evidence.py --data data/openlogos --split test --out runs/evidence
    python experiments/all_evidence.py --folder logos --labels labels.csv --out runs/own

Labels are a CSV file with the columns path and group; paths are from its folder.
"""

import argparse
import csv
import json
import time
from pathlib import Path

import numpy as np

from marquery.datasets import LogoSet
from marquery.datasets.selection import brands_of
from marquery.index import LogoIndex
from marquery.index.searching import search_context
from marquery.index.strategies.query import prepare_query
from marquery.index.strategies.weights import parse_strategy
from marquery.progress import progress_bar

STRATEGIES = (
    *("overall", "part", "figure", "shape", "color", "words"),
    *("overall=2,part=1", "auto"),
)


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
    ids = seen.block.ids
    stored = seen.table.read(("id", "path")).to_pylist()
    path_of = {row["id"]: Path(row["path"]) for row in stored}
    groups = np.array([group_of.get(path_of[int(i)].name, "") for i in ids])
    names, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    queries = np.flatnonzero((sizes[codes] > 1) & (names[codes] != ""))
    if arguments.queries:
        queries = np.random.default_rng(0).permutation(queries)[: arguments.queries]
    context = search_context(index._folder, seen)
    scores: dict[str, list[np.ndarray]] = {name: [] for name in STRATEGIES}
    spent = dict.fromkeys(STRATEGIES, 0.0)
    with progress_bar("searching", len(queries), unit="queries") as advance:
        for query in queries:
            image = path_of[int(ids[query])]
            for name in STRATEGIES:
                start = time.process_time()
                prepared = prepare_query(
                    [image],
                    parse_strategy(name),
                    index.encoder,
                    index._folder.projection,
                    context=context,
                )
                total = prepared.score(seen.block).total
                spent[name] += time.process_time() - start
                scores[name].append(ranks_of(total, groups, int(query)))
            advance(1)
    # Each query's average precision, for comparisons that are paired by query.
    paths = [path_of[int(ids[query])].name for query in queries]
    order = np.argsort(paths)
    precision = {
        name: np.array([float(np.mean(np.arange(1, len(r) + 1) / r)) for r in scores[name]])[order]
        for name in STRATEGIES
    }
    marks = groups[queries][order]
    np.savez(out / "queries.npz", query=np.arange(len(order)), group=marks, **precision)
    rows = []
    for name in STRATEGIES:
        rows.append(
            {
                "strategy": name,
                **summary(scores[name], groups[queries], len(ids)),
                "cpu_ms": 1e3 * spent[name] / len(queries),
            }
        )
    result = {"logos": len(ids), "queries": len(queries), "rows": rows}
    (out / "evidence.json").write_text(json.dumps(result, indent=2) + "\n")
    print(table(result))


def labelled(arguments: argparse.Namespace, out: Path) -> tuple[Path, dict[str, str]]:
    """A folder of logos whose file names tell their marks."""
    if arguments.folder:
        with Path(arguments.labels).open(newline="") as file:
            told = {Path(row["path"]).name: row["group"] for row in csv.DictReader(file)}
        return Path(arguments.folder), told
    logos = LogoSet.open(arguments.data).split(arguments.split)
    logos = logos.subset(brands_of(logos))
    folder = out / "logos"
    folder.mkdir(exist_ok=True)
    told = {}
    for path, file, group in zip(logos.paths, logos.files(), logos.groups, strict=True):
        link = folder / path.replace("/", "--")
        told[link.name] = str(group)
        if not link.exists():
            link.hardlink_to(Path(file).resolve())
    return folder, told


def ranks_of(total: np.ndarray, groups: np.ndarray, query: int) -> np.ndarray:
    """Ranks of the logos of the query's mark, the query left out; ties count half."""
    own = groups == groups[query]
    own[query] = False
    rest = np.delete(np.round(total, 6), query)
    relevant = np.sort(np.round(total[own], 6))[::-1]
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


def table(result: dict) -> str:
    lines = [
        f"{result['queries']:,} queries, {result['logos']:,} logos",
        "| strategy | NAR ↓ | mAP ↑ | Recall@1 ↑ | CPU ms a search |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in result["rows"]:
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
    parser.add_argument("--folder", help="a folder of logos, in place of --data")
    parser.add_argument("--labels", help="CSV with path and group, for --folder")
    parser.add_argument("--model", default="default")
    parser.add_argument("--queries", type=int, help="so many, drawn at random; default all")
    parser.add_argument("--out", required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
