"""Exact NAR and mAP at register scale: ours against the matrix product alone, embeddings mapped
from disk.

    python benchmarks/ranks.py [--gallery 923343] [--queries 417] [--dim 512] [--threads 1]

The default, a tenth of METU, takes a minute; the whole needs 2 GB of disk and some minutes. Time is
CPU time, the two in turn. "Product" is the same blocks, read and multiplied, and nothing done with
them. Memory is the growth of private memory (RssAnon: the mapped file does not count) in a process
of its own. "--relevant" adds a run in which groups have that many items, which must not cost
relevant x gallery.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from machine import machine


def write_data(folder: Path, gallery: int, queries: int, dim: int) -> None:
    import numpy as np

    rng = np.random.default_rng(0)
    for name, rows in (("queries", queries), ("gallery", gallery)):
        out = np.lib.format.open_memmap(folder / f"{name}.npy", "w+", np.float32, (rows, dim))
        for start in range(0, rows, 16384):
            block = rng.standard_normal((min(16384, rows - start), dim), dtype=np.float32)
            out[start : start + len(block)] = block / np.linalg.norm(block, axis=1, keepdims=True)
        out.flush()


def load(folder: Path, groups: int, relevant: int):
    """Mapped embeddings; queries in groups, and with ``relevant`` that many gallery items in each
    group.
    """
    import numpy as np

    q, g = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("queries", "gallery"))
    labels = np.full(len(g), -1)
    chosen = np.random.default_rng(1).permutation(len(g))[: relevant * groups]
    labels[chosen] = np.arange(len(chosen)) % groups
    return q, np.arange(len(q)) % groups, g, labels


def product(q, g) -> None:
    import numpy as np

    rows, block = np.array(q), 2048
    buffer = np.empty((len(rows), block), np.float32)
    for start in range(0, len(g), block):
        columns = g[start : start + block]
        np.matmul(rows, columns.T, out=buffer[:, : len(columns)])


def timed(call, *arguments) -> float:
    start = time.process_time()
    call(*arguments)
    return time.process_time() - start


def anon_kib() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1])
    return 0


def measure(folder: Path, groups: int, relevant: int) -> None:
    """Print the MiB of private memory that an evaluation adds at its peak."""
    import numpy as np

    from marquery.evaluation import evaluate

    small = np.random.default_rng(0).standard_normal((500, 64), dtype=np.float32)
    for count in (2, 50):  # compile first
        evaluate(small, np.arange(500) % count, bootstrap=0)
    data = load(folder, groups, relevant)
    before = peak = anon_kib()
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.002):
            peak = max(peak, anon_kib())

    watcher = threading.Thread(target=watch)
    watcher.start()
    evaluate(*data)
    done.set()
    watcher.join()
    print(json.dumps((peak - before) / 1024))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gallery", type=int, default=92_334)
    parser.add_argument("--queries", type=int, default=417)
    parser.add_argument("--groups", type=int, default=35)
    parser.add_argument("--dim", type=int, default=512)
    parser.add_argument("--relevant", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1, help="0 for all")
    parser.add_argument(
        "--folder", type=Path, help="where the data goes (default: a temporary folder)"
    )
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    threads = str(options.threads or len(os.sched_getaffinity(0)))
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = threads
    if options.measure:
        measure(Path(options.measure[0]), options.groups, int(options.measure[1]))
        return
    from marquery.evaluation import evaluate

    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        write_data(folder, options.gallery, options.queries, options.dim)
        print(machine())
        print(
            f"{options.queries} queries x {options.gallery:,} gallery x {options.dim}, {threads} "
            "thread(s)\n"
        )
        print(f"{'':<34}{'CPU s':>8}{'x product':>11}{'MiB':>8}")
        for relevant in (0, options.relevant):
            data = load(folder, options.groups, relevant)
            evaluate(data[0], data[1], bootstrap=0)  # compile
            times: tuple[list[float], list[float]] = ([], [])
            for _ in range(options.rounds):
                times[0].append(timed(product, data[0], data[2]))
                times[1].append(timed(evaluate, *data))
            alone, whole = (statistics.median(t) for t in times)
            command = [sys.executable, __file__, "--measure", name, str(relevant)]
            command += ["--groups", str(options.groups), "--threads", threads]
            found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            if not relevant:
                print(f"{'matrix product alone':<34}{alone:>8.2f}{1:>11.2f}")
            title = f"evaluate, {relevant + options.queries // options.groups} relevant a query"
            print(f"{title:<34}{whole:>8.2f}{whole / alone:>11.2f}{json.loads(found):>8.1f}")


if __name__ == "__main__":
    main()
