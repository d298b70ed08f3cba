"""A folder of the shape of METU, and what ``marquery data check`` takes on it.

    python benchmarks/metu_shaped.py make OPENLOGOS OUT --files 923343
    python benchmarks/metu_shaped.py check OUT

``make`` writes a few hundred logos as JPEG and links each many times (hard links: the files take no
room, but each has a name of its own and is opened and read): 417 queries in 35 groups, named
``<instance>-<group>.jpg`` in ``queries/``, and the others in folders of 10,000. ``check`` prints
the time, the processor time and the peak memory of the process; ``--full`` decodes every file.
"""

import argparse
import os
import resource
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from marquery.datasets.check import check_data
from marquery.images import load_logo

QUERIES, GROUPS, FOLDER = 417, 35, 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    steps = parser.add_subparsers(dest="step", required=True)
    making = steps.add_parser("make")
    making.add_argument("openlogos", type=Path)
    making.add_argument("out", type=Path)
    making.add_argument("--files", type=int, default=923_343)
    making.add_argument("--sources", type=int, default=300)
    checking = steps.add_parser("check")
    checking.add_argument("folder", type=Path)
    checking.add_argument("--full", action="store_true")
    asked = vars(parser.parse_args())
    {"make": make, "check": check}[asked.pop("step")](**asked)


def make(openlogos: Path, out: Path, files: int, sources: int) -> None:
    paths = pq.read_table(openlogos / "manifest.parquet", columns=["path"])["path"].to_pylist()
    chosen = np.random.default_rng(0).choice(len(paths), sources, replace=False)
    (out / ".sources").mkdir(parents=True)
    logos = []
    for number, index in enumerate(chosen.tolist()):
        logos.append(str(out / ".sources" / f"{number}.jpg"))
        load_logo(openlogos / paths[index]).save(logos[-1], quality=90)
    (out / "queries").mkdir()
    for number in range(QUERIES):
        os.link(logos[number % sources], out / "queries" / f"{number}-{number % GROUPS}.jpg")
    for number in range(files - QUERIES):
        folder = f"{out}/{number // FOLDER:03d}"
        if number % FOLDER == 0:
            Path(folder).mkdir()
        os.link(logos[number % sources], f"{folder}/{number:07d}.jpg")


def check(folder: Path, full: bool) -> None:
    start = time.perf_counter()
    report = check_data(folder, full)
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = time.perf_counter() - start
    print(
        f"{report.counts['files']:,} files, {report.kind}: {seconds:.0f} s, CPU "
        f"{used.ru_utime:.0f} s and {used.ru_stime:.0f} s of the system, peak memory "
        f"{used.ru_maxrss / 2**20:.2f} GiB"
    )
    for problem in report.problems:
        print(f"  {problem}")


if __name__ == "__main__":
    main()
