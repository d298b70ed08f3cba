"""An index of a large folder of PNG files, end to end: time, memory, kills.

    python benchmarks/folder_build.py make OPENLOGOS OUT --files 100000
    python benchmarks/folder_build.py build OUT INDEX --kills 3 --record RECORD.json

``make`` writes each logo of openlogos as it is, and copies of it that differ in colour, size and
margin until there are enough; no two files are the same. ``build`` runs ``marquery index build``
on them and reads the memory of its processes every five seconds: the resident pages of each, and
of all together with shared pages counted once. It kills all of them (SIGKILL) that many times,
spread over the first three quarters of the logos, and gives the same command again. At the end
every file has to be in the index once.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import numpy as np
from machine import machine
from PIL import Image, ImageOps

from marquery.datasets import LogoSet
from marquery.errors import MarqueryError
from marquery.images import load_logo
from marquery.index import LogoIndex
from marquery.index.storage.table import open_store

EVERY, SIDE, FOLDER = 5.0, 256, 10_000
CHANNELS = list(permutations(range(3)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    steps = parser.add_subparsers(dest="step", required=True)
    making = steps.add_parser("make")
    making.add_argument("openlogos", type=Path)
    making.add_argument("out", type=Path)
    making.add_argument("--files", type=int, default=100_000)
    building = steps.add_parser("build")
    building.add_argument("folder", type=Path)
    building.add_argument("index", type=Path)
    building.add_argument("--kills", type=int, default=3)
    building.add_argument("--record", type=Path)
    asked = vars(parser.parse_args())
    step = asked.pop("step")
    (make if step == "make" else build)(**asked)


def make(openlogos: Path, out: Path, files: int) -> None:
    logos = LogoSet.open(openlogos).files()
    sources = [logos[at] for at in np.random.default_rng(0).permutation(len(logos))]
    starts = range(0, files, FOLDER)
    with ProcessPoolExecutor() as pool:
        for name in pool.map(
            partial(write_folder, sources, out),
            ((start, min(start + FOLDER, files)) for start in starts),
        ):
            print(name, flush=True)


def write_folder(sources: list[Path], out: Path, numbers: tuple[int, int]) -> str:
    """Files of a range of numbers; the folder's name."""
    folder = out / f"{numbers[0] // FOLDER:03d}"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(*numbers):
        round_, at = divmod(number, len(sources))
        file = folder / f"{number:07d}.png"
        copy_of(load_logo(sources[at]), round_).save(file, compress_level=1)
    return folder.name


def copy_of(logo: Image.Image, round_: int) -> Image.Image:
    """The logo at 256 px; each round with other colours, another margin, another filter."""
    channels = CHANNELS[round_ % len(CHANNELS)]
    pixels = np.asarray(logo.convert("RGB"))[..., channels]
    inside = SIDE - 12 * round_
    small = Image.fromarray(pixels).resize((inside, inside), 1 + round_ % 3)
    return ImageOps.expand(small, 6 * round_, tuple(int(v) for v in pixels[0, 0]))


def build(folder: Path, index: Path, kills: int, record: Path | None) -> None:
    print(machine())
    files = sum(len(names) for _, _, names in os.walk(folder))
    samples: list[Sample] = []
    already = rows_of(index)  # of a build that was cut off before
    began, used = time.monotonic(), 0.0
    for run in range(kills + 1):
        stop = 0.75 * files * (run + 1) / kills if run < kills else None
        used += one_run(folder, index, stop, samples, began)
        print(f"run {run + 1}: {samples[-1].rows} rows after {samples[-1].at:.0f} s", flush=True)
    seconds = time.monotonic() - began
    kept = LogoIndex.open(index)
    assert len(kept) == files
    assert kept.pending(folder) == []
    told = {
        "machine": machine(),
        "files": files,
        "already": already,
        "kills": kills,
        "seconds": round(seconds),
        "cpu_ms_per_logo": round(1000 * used / max(files - already, 1), 1),
        "disk_bytes_per_logo": round(kept.status()["bytes"] / files),
        "samples": [list(sample) for sample in samples],
    }
    print({name: value for name, value in told.items() if name != "samples"})
    for tenth in np.array_split(np.arange(len(samples)), 10):
        part = [samples[i] for i in tenth]
        print(
            f"{part[0].rows:>8,} to {part[-1].rows:>8,} rows, {part[-1].at - part[0].at:5.0f} s: "
            f"together {max(s.together for s in part):,.0f} MB, "
            f"largest process {max(s.largest for s in part):,.0f} MB"
        )
    if record:
        record.write_text(json.dumps(told))


class Sample(NamedTuple):
    """One reading: seconds since the start, rows stored, memory of all processes together and of
    the largest (MB).
    """

    at: float
    rows: int
    together: float
    largest: float


def one_run(
    folder: Path, index: Path, stop: float | None, samples: list[Sample], began: float
) -> float:
    """The command until it ends or, with ``stop``, until so many rows are stored; its CPU, s."""
    command = [sys.executable, "-m", "marquery", "index", "build", str(folder), "--out", str(index)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    used: dict[int, float] = {}
    while process.poll() is None:
        time.sleep(EVERY)
        readings = [reading for reading in map(read_process, members(process.pid)) if reading]
        if not readings:
            continue
        used |= {pid: cpu for pid, cpu, _, _ in readings}
        samples.append(
            Sample(
                round(time.monotonic() - began, 1),
                rows_of(index),
                round(sum(shared for *_, shared in readings), 1),
                round(max(resident for *_, resident, _ in readings), 1),
            )
        )
        if stop is not None and samples[-1].rows >= stop:
            for pid in members(process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()
            return sum(used.values())
    if process.returncode != 0:
        sys.exit(f"the build ended with {process.returncode}")
    return sum(used.values())


def members(root: int) -> list[int]:
    """A process and all below it; its workers have sessions of their own."""
    found, waiting = [], [root]
    while waiting:
        found.append(waiting.pop())
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{found[-1]}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
    return found


def read_process(pid: int) -> tuple[int, float, float, float] | None:
    """CPU (s), resident pages and resident pages with shared ones divided (MB) of a process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return None  # it has ended meanwhile
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1000 for line in lines}
    cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return pid, cpu, sizes["Rss"], sizes["Pss"]


def rows_of(index: Path) -> int:
    """Rows that are stored; 0 while there is no table."""
    try:
        table = open_store("lance", index).open()
        return 0 if table is None else table.count()
    except (MarqueryError, OSError):
        return 0


if __name__ == "__main__":
    main()
