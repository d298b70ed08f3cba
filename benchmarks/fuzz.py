"""Broken files by the thousand: none may end the process that reads it, stop it for long, or be
answered by anything but a picture or one sentence.

    python benchmarks/fuzz.py [--svg 1000] [--raster 1000] [--start 0] [--jobs 2]

Files are made from their number (``tests/hostile/mutation.py``) and read by ``decode_image``, in
processes of their own, so that the number of a file that ends one is known. Ends with code 1 if
there is such a file.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.hostile.mutation import KINDS  # noqa: E402
from tests.hostile.reading import outcome  # noqa: E402

CHUNK = 500


def read_chunk(kind: str, start: int, stop: int, mark: Path) -> None:
    """Read the files of some numbers, the current one kept in ``mark``; prints the outcomes."""
    found: Counter[str] = Counter()
    wrong: dict[int, str] = {}
    with mark.open("r+b", buffering=0) as file:
        for number in range(start, stop):
            os.pwrite(file.fileno(), b"%12d" % number, 0)
            try:
                found[outcome(KINDS[kind](number))] += 1
            except Exception as error:
                wrong[number] = f"{type(error).__name__}: {error}"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(json.dumps({"found": found, "wrong": wrong, "peak": peak}))


def run_chunk(kind: str, start: int, stop: int) -> tuple[Counter[str], dict[int, str], int]:
    """:func:`read_chunk` in processes of its own, a new one after each file that ends one."""
    found: Counter[str] = Counter()
    wrong: dict[int, str] = {}
    peak = 0
    with tempfile.NamedTemporaryFile() as mark:
        while start < stop:
            done = subprocess.run(
                [sys.executable, __file__, "--chunk", kind, str(start), str(stop), mark.name],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode == 0:
                result = json.loads(done.stdout)
                found.update(result["found"])
                wrong |= {int(n): text for n, text in result["wrong"].items()}
                peak = max(peak, result["peak"])
                break
            number = int(Path(mark.name).read_text())
            wrong[number] = f"ended the process, code {done.returncode}: {done.stderr[-300:]}"
            start = number + 1
    return found, wrong, peak


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--svg", type=int, default=1000, help="number of drawings")
    parser.add_argument("--raster", type=int, default=1000, help="number of pictures")
    parser.add_argument("--start", type=int, default=0, help="number of the first file")
    parser.add_argument("--jobs", type=int, default=2, help="processes that read")
    parser.add_argument("--chunk", nargs=4, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.chunk:
        kind, start, stop, mark = args.chunk
        read_chunk(kind, int(start), int(stop), Path(mark))
        return 0
    failed = False
    for kind, count in (("svg", args.svg), ("raster", args.raster)):
        began = time.monotonic()
        last = args.start + count
        starts = range(args.start, last, CHUNK)
        with ThreadPoolExecutor(args.jobs) as threads:
            results = list(
                threads.map(lambda s, k=kind, e=last: run_chunk(k, s, min(s + CHUNK, e)), starts)
            )
        found = sum((r[0] for r in results), Counter())
        wrong = {number: text for r in results for number, text in r[1].items()}
        minutes = (time.monotonic() - began) / 60
        peak = max((r[2] for r in results), default=0)
        print(f"{kind}: {count:,} files in {minutes:.1f} min, peak of a reading process {peak} MB")
        for name, number in found.most_common():
            print(f"  {number:8,}  {name}")
        print(f"  {len(wrong):8,}  ended a process, took too long, or came to anything else")
        for number, text in sorted(wrong.items()):
            print(f"    {kind} {number}: {text}")
        failed = failed or bool(wrong)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
