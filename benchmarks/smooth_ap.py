"""Smooth-AP and its kin, forward and backward, against pytorch-metric-learning and the two matrix
products alone.

    python benchmarks/smooth_ap.py [--batch 512] [--dim 512] [--threads 1 0] [--large 8192]
    [--no-rival]

Float32, classes of 4 in blocks (the only batches that pytorch-metric-learning takes), contenders in
turn. CPU ms is the median over calls, wall ms the minimum. Memory is what the first call adds to
the peak of a fresh process that has the library loaded and warm. Every number of threads (0: all)
is a process of its own, whose idle threads sleep instead of spinning (OMP_WAIT_POLICY=PASSIVE), or
CPU time would count their waiting. The rival is called three times with one thread; a call takes 4
s and 3 GB at 512. "unequal" is one class of a quarter of the batch, pairs otherwise, shuffled; "500
+ 2000 x 2" is one class of 500 and 2,000 pairs, shuffled, whatever --batch says.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from machine import machine

RIVAL = "pytorch-metric-learning"
OURS = {
    "Smooth-AP": ("SmoothAPLoss", {}),
    "Smooth-AP, eager": ("SmoothAPLoss", {"backend": "eager"}),
    "Smooth-AP, unequal": ("SmoothAPLoss", {}),
    "SupAP": ("SupAPLoss", {}),
    "SupAP, eager": ("SupAPLoss", {"backend": "eager"}),
    "ROADMAP": ("SupAPLoss", {"calibration": 0.5}),
    "Recall@k": ("RecallAtKLoss", {}),
    "Recall@k, eager": ("RecallAtKLoss", {"backend": "eager"}),
}
SKEWED = "500 + 2000 x 2"


def make_labels(layout: str, batch: int):
    import torch

    if layout == "blocks":
        return torch.arange(batch) // 4
    large = 500 if layout == SKEWED else batch // 4
    pairs = torch.arange(2, batch + 2) // 2
    labels = torch.cat([torch.zeros(large, dtype=torch.long), pairs])[:batch]
    return labels[torch.randperm(batch)]


def make_call(name: str, batch: int, dim: int, layout: str, chunk_mib: float = 8.0):
    """A function without arguments that runs one forward and backward pass."""
    import torch

    torch.manual_seed(0)
    labels = make_labels("unequal" if "unequal" in name else layout, batch)
    x = torch.nn.functional.normalize(torch.randn(batch, dim), dim=1).requires_grad_()
    if name == "products":
        slopes = torch.randn(batch, batch)

        def products():
            with torch.no_grad():
                return x @ x.T, slopes @ x

        return products
    if name == RIVAL:
        from pytorch_metric_learning.losses import SmoothAPLoss as Rival

        loss = Rival()
    else:
        from marquery import losses

        kind, options = OURS[name]
        loss = getattr(losses, kind)(chunk_mib=chunk_mib, **options)

    def step():
        x.grad = None
        loss(x, labels).backward()

    return step


def peak_mib(options, name: str, batch: int, layout: str = "blocks", chunk_mib: float = 8.0):
    """MiB that one call adds in a fresh process, and its CPU seconds."""
    task = [name, batch, options.dim, layout, chunk_mib]
    command = [sys.executable, __file__, "--measure", json.dumps(task)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measure(name: str, batch: int, dim: int, layout: str, chunk_mib: float) -> None:
    make_call(name, 32, dim, layout)()  # imports, compilation and thread pools do not count
    call = make_call(name, batch, dim, layout, chunk_mib)
    before = resident_kib("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew from here
    start = time.process_time()
    call()
    seconds = time.process_time() - start
    print(json.dumps([(resident_kib("VmHWM") - before) / 1024, seconds]))


def resident_kib(field: str) -> int:
    """VmRSS or VmHWM of this process (ru_maxrss would carry the parent's peak over)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field + ":"))


def times(calls: dict, rounds: int) -> dict[str, tuple[float, float]]:
    """Median CPU and least wall milliseconds of each, called in turn."""
    cpu: dict[str, list[float]] = {name: [] for name in calls}
    wall: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            start = time.process_time(), time.perf_counter()
            call()
            cpu[name].append(time.process_time() - start[0])
            wall[name].append(time.perf_counter() - start[1])
    return {n: (1000 * statistics.median(cpu[n]), 1000 * min(wall[n])) for n in calls}


def report(options, threads: int) -> None:
    """All tables for one number of threads."""
    batch, dim = options.batch, options.dim
    names = ["products", *OURS]
    found = times({n: make_call(n, batch, dim, "blocks") for n in names}, options.rounds)
    rival = not options.no_rival and threads == 1
    if rival:
        pair = {n: make_call(n, batch, dim, "blocks") for n in ("products", RIVAL)}
        found[RIVAL] = times(pair, 3)[RIVAL]
        names.append(RIVAL)
    print(f"\n{machine()}\n{threads} thread(s), B = {batch}, D = {dim}, float32, classes of 4")
    head = ("CPU ms", "x products", "x Smooth-AP", "wall ms", "MiB")
    print(f"{'':<26}" + "".join(f"{h:>13}" for h in head))
    for name in names:
        cpu, wall = found[name]
        mib = peak_mib(options, name, batch)[0]
        of = cpu / found["products"][0], cpu / found["Smooth-AP"][0]
        print(f"{name:<26}{cpu:>13.2f}{of[0]:>13.2f}{of[1]:>13.2f}{wall:>13.2f}{mib:>13.1f}")
    if not options.skewed:
        return
    print(f"\n{threads} thread(s), B = 4500: what a pair costs in classes of 4 and in one of 500")
    head = ("pairs", "CPU ms", "wall ms", "ns a cell", "MiB")
    print(f"{'':<26}" + "".join(f"{h:>13}" for h in head))
    for layout, pairs in (("blocks", 4500 * 3), (SKEWED, 500 * 499 + 4000)):
        calls = {n: make_call(n, 4500, dim, layout) for n in ("products", "Smooth-AP")}
        costs = times(calls, 3)
        cpu, wall = costs["Smooth-AP"]
        cell = 1e6 * (cpu - costs["products"][0]) / (pairs * 4500)
        mib = peak_mib(options, "Smooth-AP", 4500, layout)[0]
        print(f"{layout:<26}{pairs:>13,}{cpu:>13.1f}{wall:>13.1f}{cell:>13.2f}{mib:>13.0f}")
    padded = 4500 * 499 / (500 * 499 + 4000)
    print(f"padded to the largest class there would be {padded:.1f} x as many pairs")


def report_memory(options) -> None:
    """Peak of a large batch, by backend and bound."""
    print(f"\nB = {options.large}, classes of 4, by chunk_mib")
    for name, chunks in (("Smooth-AP", [8]), ("Smooth-AP, eager", [1, 8, 64])):
        for chunk in chunks:
            mib, seconds = peak_mib(options, name, options.large, chunk_mib=chunk)
            print(f"{name:<26}{chunk:>6} MiB bound{mib:>10,.0f} MiB peak{seconds:>8.1f} s CPU")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--dim", type=int, default=512)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 0], help="0 for all")
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--large", type=int, default=8192, help="0 to leave out")
    parser.add_argument("--no-skewed", dest="skewed", action="store_false")
    parser.add_argument("--no-rival", action="store_true")
    parser.add_argument("--measure", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("--report", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(*options.measure)
    elif options.report:
        report(options, options.report)
    else:
        for count in options.threads:
            threads = count or len(os.sched_getaffinity(0))
            command = [sys.executable, __file__, *sys.argv[1:], "--report", str(threads)]
            variables = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
            variables["OMP_WAIT_POLICY"] = "PASSIVE"
            subprocess.run(command, check=True, env={**os.environ, **variables})
        if options.large:
            os.environ["OMP_NUM_THREADS"] = "1"
            report_memory(options)


if __name__ == "__main__":
    main()
