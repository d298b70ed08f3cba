"""What a machine costs whose cores are not all free: wall time alone, and beside a process that
spins on one core.

    python benchmarks/busy.py --data data/openlogos [--steps 30] [--rounds 3]

The job is 30 steps of the recipe `demo` after 10 that are not counted, or 512 pictures embedded by
the package's encoder, or an index of 256 logos, or 30 searches in it by all evidence. The rival is
the same job with OpenMP's threads spinning at barriers (``OMP_WAIT_POLICY=ACTIVE``), as they do by
default elsewhere. Jobs alternate; medians are printed with the processor and the threads. The
spinning process keeps to the first core; the job may use all.
"""

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from machine import machine

POLICIES = {"asleep": {}, "spinning": {"OMP_WAIT_POLICY": "ACTIVE"}}
JOBS = ("train", "embed", "index", "search")


def main() -> None:
    arguments = parse()
    if arguments.job is not None:
        print(json.dumps(run(arguments)))
        return
    print(machine())
    for job in arguments.jobs:
        times: dict[tuple[str, bool], list[float]] = {}
        for _ in range(arguments.rounds):
            for policy, variables in POLICIES.items():
                for busy in (False, True):
                    with spinning(busy):
                        seconds = timed(arguments, job, variables)
                    times.setdefault((policy, busy), []).append(seconds)
        for policy in POLICIES:
            alone, busy = (statistics.median(times[policy, b]) for b in (False, True))
            print(
                f"{job:6s} {policy:9s} alone {alone:7.3f} s, beside a spinning process "
                f"{busy:7.3f} s: {busy / alone:.2f} x"
            )
        ratio = statistics.median(times["asleep", False]) / statistics.median(
            times["spinning", False]
        )
        print(f"{job:6s} asleep / spinning, alone: {ratio:.3f}")


def timed(arguments: argparse.Namespace, job: str, variables: dict[str, str]) -> float:
    """Seconds a step, or of the job, in a process of its own."""
    clean = {k: v for k, v in os.environ.items() if k not in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")}
    command = [sys.executable, __file__, "--data", str(arguments.data), "--job", job]
    done = subprocess.run(
        [*command, "--steps", str(arguments.steps)],
        env={**clean, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(json.loads(done.stdout.splitlines()[-1]))


def run(arguments: argparse.Namespace) -> float:
    import marquery as mq  # before PyTorch: it says how threads wait

    place = Path(tempfile.mkdtemp())
    try:
        if arguments.job == "train":
            steps = arguments.steps + 11
            settings = [f"steps={steps}", f"validation.every={steps}"]
            mq.train("demo", arguments.data, place / "run", settings=settings)
            lines = (place / "run" / "log.jsonl").read_text().splitlines()
            rows = {row["step"]: row for row in map(json.loads, lines) if "computing" in row}
            first, last = rows[10], rows[steps - 1]
            spent = sum(last[name] - first[name] for name in ("waiting", "computing"))
            return float(spent / (steps - 11))
        files = sorted((Path(arguments.data) / "logos").rglob("*.png"))
        if arguments.job == "embed":
            encoder = mq.LogoEncoder.load("default")
            encoder.embed(files[:128])
            began = time.perf_counter()
            encoder.embed(files[:512])
            return time.perf_counter() - began
        (place / "logos").mkdir()
        for i, file in enumerate(files[:256]):
            shutil.copy(file, place / "logos" / f"{i}.png")
        index = mq.LogoIndex.create(place / "idx", encoder="default")
        began = time.perf_counter()
        index.add(place / "logos")
        if arguments.job == "index":
            return time.perf_counter() - began
        index.search(files[256])  # compiled functions and the engine
        began = time.perf_counter()
        for file in files[257:287]:
            index.search(file)
        return time.perf_counter() - began
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextlib.contextmanager
def spinning(wanted: bool) -> Iterator[None]:
    if not wanted:
        yield
        return
    core = min(os.sched_getaffinity(0))
    code = f"import os; os.sched_setaffinity(0, {{{core}}})\nwhile True: pass"
    process = subprocess.Popen([sys.executable, "-c", code])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data/openlogos"))
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", nargs="+", choices=JOBS, default=list(JOBS))
    parser.add_argument("--job", choices=JOBS, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
