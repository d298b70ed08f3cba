"""A register of many marks on one machine: building, size, opening, searching, recall.

    python benchmarks/scale_views.py OPENLOGOS VIEWS --logos 2000
    marquery index build VIEWS/logos --out SEED --no-words
    python benchmarks/scale.py make SEED REGISTER --rows 1000000 --names OPENLOGOS
    python benchmarks/scale.py search REGISTER VIEWS/queries
    python benchmarks/scale.py search REGISTER OTHER --flat-limit 50000
    python benchmarks/scale.py search REGISTER OTHER --strategies words --writing
    python benchmarks/scale.py flat REGISTER
    python benchmarks/scale.py compare REGISTER VIEWS/queries milvus-lite:register.db

Rows are those of real logos and of views of them, moved as views move: benchmarks/scale_rows.py.
Times of `search` are of the search alone: the query is embedded already. Its queries are
pictures, or rows of another register (other moves of the same logos), for which no picture is
embedded. `--flat-limit` has a small register searched by candidates, as a large one is. `--writing`
has another process add 512 rows a second meanwhile, and each search asks for the newest version, as
the page does; the rows are removed again. `--names` gives rows the words of brands.
"""

import argparse
import json
import resource
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scale_rows import Register

from marquery.index import LogoIndex
from marquery.index.metadata.conditions import Compare, OneOf, Within
from marquery.index.metadata.filters import PREFIX, parse_filter
from marquery.index.snapshot import Snapshot
from marquery.index.storage.changes import build_missing_indices
from marquery.index.storage.table import Table, TableStore, open_store
from marquery.index.strategies.auto import AutoQuery, QueryEvidence
from marquery.index.strategies.base import SearchContext
from marquery.index.strategies.color import PALETTE
from marquery.index.strategies.overall import VECTOR
from marquery.index.strategies.query import MixedQuery, View, prepare_query
from marquery.index.strategies.registry import stored_columns
from marquery.index.strategies.turning import AS_GIVEN
from marquery.index.strategies.weights import parse_strategy
from marquery.index.strategies.wording import plain
from marquery.index.strategies.words import WORDS

CHUNK, K = 20_000, 10
FILTERS = {
    "all": None,
    "half (.5)": "status = registered",
    "office (.01)": "office = AK",
    "owner (.0001)": "owner = 'Owner 7'",
}
STRATEGIES = ("overall", "part", "auto")
WRITTEN = 512


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    steps = parser.add_subparsers(dest="step", required=True)
    for name, arguments in (
        ("make", ("seed", "place")),
        ("search", ("place", "queries")),
        ("compare", ("place", "queries")),
    ):
        step = steps.add_parser(name)
        for argument in arguments:
            step.add_argument(argument, type=Path)
    steps.add_parser("flat").add_argument("place", type=Path)
    steps.choices["make"].add_argument("--names", type=Path)
    for name in ("make", "search"):
        steps.choices[name].add_argument("--flat-limit", type=int)
    steps.choices["make"].add_argument("--rows", type=int, default=1_000_000)
    # Merging writes all rows once more beside the old ones, which stay for a week.
    steps.choices["make"].add_argument("--merge", action="store_true")
    steps.choices["search"].add_argument("--strategies", nargs="+", default=STRATEGIES)
    steps.choices["search"].add_argument("--asked", type=int, default=100)
    steps.choices["search"].add_argument("--exact", type=int, default=20)
    steps.choices["search"].add_argument("--writing", action="store_true")
    steps.add_parser("write").add_argument("place", type=Path)
    steps.choices["compare"].add_argument("address")
    steps.choices["compare"].add_argument("--asked", type=int, default=20)
    asked = vars(parser.parse_args())
    ways = {"make": make, "search": search, "flat": flat, "compare": compare, "write": write}
    ways[asked.pop("step")](**asked)


def make(
    seed: Path, place: Path, rows: int, merge: bool, flat_limit: int | None, names: Path | None
) -> None:
    opened = LogoIndex.open(seed)
    table = opened.snapshot().table
    stored = [n for n in table.schema.names if not n.startswith(PREFIX)]
    matrix = opened._folder.projection.matrix
    register = Register(table.read(stored), matrix, _names(names) if names else ())
    folder = _empty(seed, place)
    start, target = _now(), None
    for first in range(0, rows, CHUNK):
        content = register.rows(first, min(CHUNK, rows - first), rows)
        if target is None:
            target = folder.create_table(content)
            continue
        target.add(content.cast(target.schema))
    _say("rows written", start, rows)
    if merge:
        start = _now()
        target.optimise()
        _say("pieces merged", start, rows)
    start = _now()
    build_missing_indices(target, stored_columns(), flat_limit or folder.config.flat_limit)
    _say("indices built", start, rows)
    size = sum(f.stat().st_size for f in place.rglob("*") if f.is_file())
    print(f"{rows:,} rows, {size / rows / 1000:.2f} kB a mark on disk with all versions")


def _names(openlogos: Path) -> list[str]:
    """Brands of openlogos, as words."""
    found = pq.read_table(openlogos / "manifest.parquet", columns=["brand"])["brand"]
    return sorted({name.replace("-", " ") for name in found.to_pylist() if len(name) > 2})


def write(place: Path) -> None:
    """Add rows, 512 a second, until the input ends; then remove them."""
    table = open_store("lance", place).open()
    assert table is not None
    last = table.count()
    rows = table.read(table.schema.names, Within("id", 0, WRITTEN - 1))
    print("ready", flush=True)
    added = 0
    while not select.select([sys.stdin], [], [], 1.0)[0]:
        ids = pa.array(range(last + added, last + added + len(rows)), pa.int64())
        table.add(rows.set_column(rows.schema.get_field_index("id"), "id", ids))
        added += len(rows)
    table.delete(Compare("id", ">=", last))
    print(added)


@contextmanager
def _writing(place: Path) -> Iterator[None]:
    command = [sys.executable, __file__, "write", str(place)]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdin is not None
        writer.stdout.readline()
        yield
        writer.stdin.close()
        print(f"{int(writer.stdout.read()):,} rows were added meanwhile", flush=True)


def _empty(seed: Path, place: Path):
    from marquery.index.storage.folder import IndexFolder

    place.mkdir(parents=True)
    shutil.copytree(seed / "encoder", place / "encoder")
    for name in ("index.json", "projection.npz"):
        shutil.copy(seed / name, place / name)
    return IndexFolder(place)


def search(
    place: Path,
    queries: Path,
    asked: int,
    exact: int,
    flat_limit: int | None,
    strategies: Sequence[str],
    writing: bool,
) -> None:
    start = _now()
    index = LogoIndex.open(place)
    seen = index.snapshot()
    assert seen is not None
    _say("opened", start, seen.count)
    if flat_limit is not None:
        seen = Snapshot(seen.table, flat_limit)
    newest = index.snapshot if writing else lambda: seen
    for strategy in strategies:
        if (queries / "index.json").is_file():
            made = queries_of_rows(queries, strategy, asked)
        else:
            weights = parse_strategy(strategy, False, False)
            files = sorted(queries.glob("*.png"))[:asked]
            encoder, projection = index.encoder, index._folder.projection
            made = [prepare_query([file], weights, encoder, projection) for file in files]
        for name, where in FILTERS.items():
            with _writing(place) if writing else nullcontext():
                _measure(newest, strategy, made, name, where, exact)
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    print(f"resident {resident / 2**30:.2f} GiB, peak {_peak():.2f} GiB")


def queries_of_rows(place: Path, strategy: str, asked: int) -> list[MixedQuery]:
    """Rows of an index as queries, evenly chosen."""
    table = open_store("lance", place).open()
    ids = np.linspace(0, table.count() - 1, asked).astype(int).tolist()
    names = ("id", VECTOR.name, "shape", "parts", PALETTE.name, WORDS.name)
    context, made = SearchContext(), []
    for row in table.read(names, OneOf("id", ids)).to_pylist():
        values = {name: np.asarray(row[name], np.float32) for name in names[1:-1]}
        whole, parts = values[VECTOR.name], values["parts"]
        colors = values[PALETTE.name].reshape(-1, 4)
        words = plain(row[WORDS.name] or "")
        evidence = QueryEvidence(whole, values["shape"], parts, colors, words)
        if strategy == "words" and not words:
            continue
        prepared = {
            "overall": whole[None],
            "part": parts,
            "words": [words],
            "auto": AutoQuery([evidence], context.evidence(), context.word_counts()),
        }[strategy]
        made.append(MixedQuery({strategy: 1.0}, [View(AS_GIVEN, {strategy: prepared})], context))
    return made


def _measure(
    newest: Callable[[], Snapshot],
    strategy: str,
    made: list[MixedQuery],
    name: str,
    where: str | None,
    exact: int,
) -> None:
    seen = newest()
    condition = None if where is None else parse_filter(where, seen.types, seen.has_words)
    for query in made[:3]:
        seen.search(query, K, 0, condition, False)
    wall, cpu, recalls = [], [], []
    for number, query in enumerate(made):
        start = _now()
        seen = newest()
        found = seen.search(query, K, 0, condition, False)
        for spent, before, after in zip((wall, cpu), start, _now(), strict=True):
            spent.append(after - before)
        # The page keeps what the last eight searches compared.
        made[number - 8].forget_scores()
        if number < exact:
            truth = seen.search(query, K, 0, condition, True)
            # A tie at the last place is no miss: what counts is the score.
            least = truth[-1].score - 1e-6 if truth else 0.0
            recalls.append(sum(m.score >= least for m in found) / max(len(truth), 1))
    middle, high = np.quantile(wall, [0.5, 0.95]) * 1e3
    told = {"strategy": strategy, "filter": name, "p50_ms": round(middle, 1)}
    told |= {"p95_ms": round(high, 1), "cpu_ms": round(float(np.median(cpu)) * 1e3, 1)}
    told |= {"recall@10": round(float(np.mean(recalls)), 4) if recalls else None}
    print(json.dumps({"rows": seen.count, **told}), flush=True)


def compare(place: Path, queries: Path, address: str, asked: int) -> None:
    """Whether another store gives the answers of LanceDB, and what its candidates find."""
    index = LogoIndex.open(place)
    table = index.snapshot().table
    store, count = open_store(address, place), table.count()
    target = store.open() or _copied(table, store, address)
    here, there, near = Snapshot(table, count), Snapshot(target, count), Snapshot(target, 1)
    files = sorted(queries.glob("*.png"))[:asked]
    encoder, projection = index.encoder, index._folder.projection
    for strategy in STRATEGIES:
        weights = parse_strategy(strategy, False, False)
        made = [prepare_query([file], weights, encoder, projection) for file in files]
        for name, where in FILTERS.items():
            condition = None if where is None else parse_filter(where, here.types, here.has_words)
            same, found, spent = 0, [], []
            for query in made:
                truth = here.search(query, K, 0, condition, True)
                other = there.search(query, K, 0, condition, True)
                same += [(m.id, m.score) for m in truth] == [(m.id, m.score) for m in other]
                start = _now()
                some = near.search(query, K, 0, condition, False)
                spent.append(_now()[0] - start[0])
                least = truth[-1].score - 1e-6 if truth else 0.0
                found.append(sum(m.score >= least for m in some) / max(len(truth), 1))
            told = {"strategy": strategy, "filter": name, "same": f"{same} of {len(made)}"}
            told |= {"recall@10": round(float(np.mean(found)), 4)}
            told |= {"p50_ms": round(float(np.median(spent)) * 1e3, 1)}
            print(json.dumps(told), flush=True)


def _copied(table: Table, store: TableStore, address: str) -> Table:
    start, count, target = _now(), table.count(), None
    for batch in table.scan(table.schema.names, batch_rows=2000):
        rows = pa.Table.from_batches([batch])
        if target is None:
            target = store.create(rows)
        else:
            target.add(rows)
    assert target is not None
    _say(f"copied to {address.partition(':')[0]}", start, count)
    start = _now()
    for column in stored_columns():
        if column.approximate and column.name in target.schema.names:
            target.build_index(column.name)
    _say("candidates made ready", start, count)
    return target


def flat(place: Path) -> None:
    """Exact comparison with all vectors in memory: this library and three others."""
    import faiss
    import torch
    from usearch.index import MetricKind
    from usearch.index import search as exact_search

    for module in (faiss,):
        module.omp_set_num_threads(2)
    torch.set_num_threads(2)
    table = LogoIndex.open(place).snapshot().table
    stored = table.read(("id", VECTOR.name))
    seen = Snapshot(table, len(stored) + 1)
    vectors = seen.block.column(VECTOR)
    queries = vectors[:: max(1, len(vectors) // 50)][:50].copy()
    made = [
        MixedQuery({"overall": 1.0}, [View(AS_GIVEN, {"overall": q[None]})], SearchContext())
        for q in queries
    ]
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    tensor = torch.from_numpy(vectors)
    ways = {
        "marquery, one query": lambda i: seen.search(made[i], K, 0, None, True),
        "marquery, ranking alone": lambda i: seen._flat(made[i], None, K),
        "FAISS flat": lambda i: index.search(queries[i : i + 1], K),
        "USearch exact": lambda i: exact_search(vectors, queries[i], K, MetricKind.IP, exact=True),
        "torch product and topk": lambda i: torch.topk(tensor @ torch.from_numpy(queries[i]), K),
    }
    for name, way in ways.items():
        way(0)
        wall = []
        for i in range(len(queries)):
            start = time.perf_counter()
            way(i)
            wall.append(time.perf_counter() - start)
        middle, high = np.quantile(wall, [0.5, 0.95]) * 1e3
        print(f"{len(vectors):,} {name:24} p50 {middle:7.1f} ms  p95 {high:7.1f} ms", flush=True)


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _say(what: str, start: tuple[float, float], rows: int) -> None:
    wall, cpu = (b - a for a, b in zip(start, _now(), strict=True))
    print(
        f"{rows:,} rows: {what} in {wall:.1f} s, CPU {cpu:.1f} s, peak memory {_peak():.2f} GiB",
        flush=True,
    )


if __name__ == "__main__":
    main()
