"""What a command costs before it answers: CPU seconds and peak memory of whole processes.

    python benchmarks/startup.py [--logos 20000] [--rounds 5] [--base PYTHON]

An index of so many logos is made, with vectors that stand for theirs, and asked for a picture;
then come `--help`, `search --in` a folder of 60, and the time until `serve` answers. `--base`
names the Python of another environment, such as one with an earlier commit, whose commands run in
turn with these on an index of its own. Medians; CPU time is user and system, of the process and
its children.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np
from machine import machine
from PIL import Image, ImageDraw

COMMANDS = {
    "--help": "--help",
    "search --index": "search query.png --index {index}",
    "search --in": "search query.png --in logos",
}
#: Runs in the other environment, too, so it uses public names only.
BUILD = """
import sys
from pathlib import Path
import marquery as mq
index = mq.LogoIndex.create(sys.argv[1], encoder="default", words=False)
index.add("logos")
"""
GROW = """
import sys
from dataclasses import replace
from pathlib import Path
from marquery.index.storage.folder import IndexFolder
from marquery.index.storage.rows import stored_rows, to_table
from marquery.index.strategies.registry import stored_columns
folder, wanted = IndexFolder(Path(sys.argv[1])), int(sys.argv[2])
table, columns = folder.table(), stored_columns()
rows = stored_rows(table, list(range(table.count())), columns)
count = len(rows)
while count < wanted:
    some = rows[: wanted - count]
    new = [
        replace(r, id=count + i, file=replace(r.file, path=f"{r.file.path}.{count + i}"))
        for i, r in enumerate(some)
    ]
    table.add(to_table(new, table.schema, columns, {}))
    count += len(new)
table.optimise()
"""


def main() -> None:
    arguments = parse()
    pythons = {"here": sys.executable}
    if arguments.base:
        pythons["base"] = arguments.base
    place = Path(tempfile.mkdtemp())
    try:
        draw(place, 60)
        print(f"{machine()}; {arguments.logos:,} logos")
        for name, python in pythons.items():
            run(place, python, "-c", BUILD, name)
            if arguments.logos > 60:
                run(place, python, "-c", GROW, name, str(arguments.logos))
        for label, line in COMMANDS.items():
            measured: dict[str, list[tuple[float, float]]] = {name: [] for name in pythons}
            for _ in range(arguments.rounds):
                for name, python in pythons.items():
                    command = line.format(index=name).split()
                    measured[name].append(run(place, python, "-m", "marquery", *command))
            report(label, measured)
        for name, python in pythons.items():
            waits = [served(place, python, name) for _ in range(min(3, arguments.rounds))]
            print(f"{'serve answers':16s} {name:5s} {statistics.median(waits):6.2f} s wall")
    finally:
        shutil.rmtree(place, ignore_errors=True)


def report(label: str, measured: dict[str, list[tuple[float, float]]]) -> None:
    cpu = {name: statistics.median(c for c, _ in some) for name, some in measured.items()}
    for name, some in measured.items():
        memory = statistics.median(m for _, m in some)
        ratio = ""
        if name == "here" and "base" in cpu:
            ratio = f", {cpu['base'] / cpu['here']:.1f} x less"
        print(f"{label:16s} {name:5s} {cpu[name]:6.2f} s CPU, {memory:5.0f} MB{ratio}")


def run(place: Path, *command: str) -> tuple[float, float]:
    """CPU seconds and peak megabytes of a command that must succeed."""
    errors = place / "errors.txt"
    with errors.open("w") as told:
        process = subprocess.Popen(
            command, cwd=place, env=environment(place), stdout=subprocess.DEVNULL, stderr=told
        )
        _, status, used = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(command)}: {errors.read_text()[-2000:]}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6


def served(place: Path, python: str, index: str) -> float:
    """Seconds from the command until the page answers."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [python, "-m", "marquery", "serve", "--index", index, "--port", "0"],
        cwd=place,
        env=environment(place),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        found = next(m for m in map(re.compile(r"http://[\w.]+:\d+").search, lines) if m)
        while True:
            try:
                urllib.request.urlopen(found.group(0) + "/", timeout=30).read()
                return time.perf_counter() - began
            except OSError:
                time.sleep(0.05)
    finally:
        process.terminate()
        process.wait()


def environment(place: Path) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**clean, "XDG_CACHE_HOME": str(place / "cache")}


def draw(place: Path, count: int) -> None:
    """Pictures of flat shapes, and a query."""
    # Not those of another benchmark: a child's peak memory begins with what is loaded here.
    (place / "logos").mkdir()
    rng = np.random.default_rng(0)
    for i in range(count):
        picture = Image.new("RGB", (256, 256), "white")
        pen = ImageDraw.Draw(picture)
        for _ in range(int(rng.integers(2, 6))):
            x, y = (int(v) for v in rng.integers(10, 150, 2))
            side = int(rng.integers(30, 100))
            color = tuple(int(v) for v in rng.integers(0, 200, 3))
            shape = pen.ellipse if rng.random() < 0.5 else pen.rectangle
            shape((x, y, x + side, y + side), fill=color)
        picture.save(place / "logos" / f"{i:03d}.png")
    shutil.copy(place / "logos" / "007.png", place / "query.png")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--logos", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--base", help="Python of another environment to compare with")
    return parser.parse_args()


if __name__ == "__main__":
    main()
