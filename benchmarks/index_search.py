"""Time, exactness and size of searches in an index, against one blocked matrix product with torch.

    OMP_NUM_THREADS=1 python benchmarks/index_search.py --flat 100000 --large 150000

Vectors are drawn: look-alikes in tens round centres of a 64-dimensional cloud, 4 parts a logo.
Times are of the search alone: the query is embedded already. CPU time is the sum over threads.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from machine import machine

from marquery._version import __version__
from marquery.encoder import LogoEncoder
from marquery.files import Stamp
from marquery.index import snapshot as snapshot_module
from marquery.index.match import Match
from marquery.index.snapshot import Snapshot
from marquery.index.storage.changes import build_missing_indices
from marquery.index.storage.config import IndexConfig
from marquery.index.storage.folder import IndexFolder
from marquery.index.storage.reading import StoredFile
from marquery.index.storage.rows import Row, table_schema, to_table
from marquery.index.strategies.base import SearchContext
from marquery.index.strategies.columns import VectorSizes
from marquery.index.strategies.overall import VECTOR
from marquery.index.strategies.projection import FILE as PROJECTION_FILE
from marquery.index.strategies.projection import Projection, write_projection
from marquery.index.strategies.query import MixedQuery, View
from marquery.index.strategies.registry import stored_columns
from marquery.index.strategies.turning import AS_GIVEN

DIM, PART_DIM, PARTS, K = 512, 128, 4, 10
CHUNK = 10_000
THUMBNAIL = 1600  # bytes, the mean over openlogos


class Cloud:
    """Vectors that have neighbours, as logos of one brand have."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.basis = (
            self.rng.normal(size=(64, DIM)).astype(np.float32) * np.geomspace(1, 0.05, 64)[:, None]
        )

    def draw(self, count: int) -> np.ndarray:
        centers = self.rng.normal(size=(-(-count // 10), 64)).repeat(10, axis=0)[:count]
        near = centers + 0.35 * self.rng.normal(size=centers.shape)
        return unit((near @ self.basis).astype(np.float32))


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def build(place: Path, count: int, flat_limit: int) -> tuple[IndexFolder, np.ndarray]:
    encoder = LogoEncoder.create("mobilenetv3_small_050", DIM, image_size=32, pretrained=False)
    config = IndexConfig(
        encoder="drawn",
        fingerprint=encoder.fingerprint(),
        dim=DIM,
        flat_limit=flat_limit,
        version=__version__,
        words=False,
    )
    folder = IndexFolder.create(place, encoder, config)
    columns = stored_columns()
    cloud, table, some = Cloud(0), None, []
    projection = Projection(
        np.linalg.qr(cloud.rng.normal(size=(DIM, PART_DIM)))[0].astype(np.float32), 1.0
    )
    drawn = {
        "part_kinds": ["shape"] * PARTS,
        "part_boxes": [0, 0, 9, 9] * PARTS,
        "colors": np.tile(np.array([50, 0, 0, 0.2], np.float32), 5),
    }
    schema = table_schema(columns, VectorSizes(DIM, PART_DIM))
    for start in range(0, count, CHUNK):
        n = min(CHUNK, count - start)
        wholes = cloud.draw(n)
        parts = np.concatenate(
            [wholes[:, None], cloud.draw(n * PARTS).reshape(n, PARTS, DIM)], axis=1
        )
        small = projection(parts.reshape(-1, DIM)).reshape(n, 1 + PARTS, PART_DIM)
        rows = []
        for i in range(n):
            file = StoredFile(
                path=f"/logos/{start + i:08d}.png",
                stamp=Stamp(1, 1),
                sha256=f"{start + i:064x}",
                size=(9, 9),
                thumbnail=cloud.rng.bytes(THUMBNAIL),
            )
            vectors = {"vector": wholes[i], "shape": small[i, 0], "parts": small[i]}
            rows.append(Row(start + i, file, {**drawn, **vectors}))
        content = to_table(rows, schema, columns)
        if table is None:
            write_projection(projection, place / PROJECTION_FILE)
            folder = IndexFolder(place)
            table = folder.create_table(content)
        else:
            table.add(content)
        some.append(wholes[:: max(1, count // 100)][:10])
    queries = unit(np.concatenate(some)[:100] + 0.01 * cloud.rng.normal(size=(1, DIM)))
    return folder, queries.astype(np.float32)


def timed(call: Callable[[int], object], count: int) -> str:
    wall, cpu = [], []
    call(0)
    for i in range(count):
        w, c = time.perf_counter(), time.process_time()
        call(i)
        wall.append(time.perf_counter() - w)
        cpu.append(time.process_time() - c)
    w50, w95 = np.quantile(wall, [0.5, 0.95]) * 1e3
    return f"CPU median {np.median(cpu) * 1e3:7.1f} ms  wall median {w50:7.1f}  p95 {w95:7.1f} ms"


def query_of(vector: np.ndarray, folder: IndexFolder, name: str) -> MixedQuery:
    vectors = vector[None]
    prepared = {name: vectors if name == "overall" else folder.projection(vectors)}
    return MixedQuery({name: 1.0}, [View(AS_GIVEN, prepared)], SearchContext())


def size_of(place: Path) -> int:
    return sum(f.stat().st_size for f in place.rglob("*") if f.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flat", type=int, default=100_000)
    parser.add_argument("--large", type=int, default=150_000)
    parser.add_argument("--queries", type=int, default=40)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(machine())
    with tempfile.TemporaryDirectory() as scratch:
        measure_flat(Path(scratch) / "flat", options.flat, options.queries)
    with tempfile.TemporaryDirectory() as scratch:
        measure_large(Path(scratch) / "large", options.large, options.queries)


def measure_flat(place: Path, count: int, asked: int) -> None:
    folder, queries = build(place, count, count)
    queries = queries[:asked]
    print(f"{count:,} logos: {size_of(place) / count / 1024:.1f} KiB each on disk")
    flat = Snapshot(folder.table(), count)
    start = time.process_time()
    vectors = torch.from_numpy(flat.block.column(VECTOR))
    print(f"  read into memory: {time.process_time() - start:.2f} s CPU")
    q = torch.from_numpy(queries)
    print("  torch product + topk", timed(lambda i: torch.topk(vectors @ q[i], K), len(q)))
    for name in ("overall", "part"):
        made = [query_of(v, folder, name) for v in queries]
        print(f"  {name:20}", timed(partial(search, flat, made, False), len(made)), flush=True)


def measure_large(place: Path, count: int, asked: int) -> None:
    folder, queries = build(place, count, count - 1)
    queries = queries[:asked]
    table = folder.table()
    start, wall = time.process_time(), time.perf_counter()
    build_missing_indices(table, stored_columns(), count - 1)
    spent, wall = time.process_time() - start, time.perf_counter() - wall
    print(f"{count:,} logos: approximate index built in {spent:.0f} s CPU, {wall:.0f} s")
    print(f"  {size_of(place) / count / 1024:.1f} KiB each on disk", flush=True)
    large = Snapshot(table, count - 1)
    for name in ("overall", "part"):
        made = [query_of(v, folder, name) for v in queries]
        truth = [{h.id for h in search(large, made, True, i)} for i in range(len(made))]
        print(f"  {name:8} exact", timed(partial(search, large, made, True), 5), flush=True)
        for probes in (8, 16, 32, 64):
            snapshot_module._PROBES = probes
            found = [{h.id for h in search(large, made, False, i)} for i in range(len(made))]
            recall = np.mean([len(f & t) / K for f, t in zip(found, truth, strict=True)])
            told = timed(partial(search, large, made, False), len(made))
            print(f"  {name:8} {probes:3} clusters  recall@10 {recall:.4f}  {told}", flush=True)


def search(snapshot: Snapshot, made: list[MixedQuery], exact: bool, i: int) -> list[Match]:
    return snapshot.search(made[i], K, 0, None, exact)


if __name__ == "__main__":
    main()
