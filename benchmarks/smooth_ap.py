"""Smooth-AP forward and backward: ours, pytorch-metric-learning's, and the two matrix products alone.

    python benchmarks/smooth_ap.py [--batch 512] [--dim 512] [--threads 1] [--large 8192]

Float32, classes of 4 in blocks (the only batches that pytorch-metric-learning takes), contenders in turn, median
of CPU time. Memory is what the first call adds to the peak of a fresh process that has the library loaded and warm.
The rival is skipped with --no-rival; it takes 4 s and 3 GB a call at 512.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path


def make_call(name: str, batch: int, dim: int):
    """A function without arguments that runs one forward and backward pass."""
    import torch

    torch.manual_seed(0)
    labels = torch.arange(batch) // 4
    x = torch.nn.functional.normalize(torch.randn(batch, dim), dim=1).requires_grad_()
    if name == "products":
        slopes = torch.randn(batch, batch)

        def products():
            with torch.no_grad():
                return x @ x.T, slopes @ x

        return products
    if name.startswith("ours"):
        from marquery.losses import SmoothAPLoss

        if name == "ours, unequal":
            # One class of a quarter of the batch, the rest in pairs, all shuffled.
            labels = torch.cat([torch.zeros(batch // 4), torch.arange(1, batch) // 2])[:batch]
            labels = labels[torch.randperm(batch)].long()
        loss = SmoothAPLoss(backend="eager" if name == "ours, eager" else "auto")
    else:
        from pytorch_metric_learning.losses import SmoothAPLoss as Rival

        loss = Rival()

    def step():
        x.grad = None
        loss(x, labels).backward()

    return step


def peak_mib(name: str, batch: int, dim: int, threads: int) -> tuple[float, float]:
    """MiB that one call adds in a fresh process, and its wall time in seconds."""
    command = [sys.executable, __file__, "--measure", name, "--batch", str(batch)]
    command += ["--dim", str(dim), "--threads", str(threads)]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    mib, seconds = json.loads(found)
    return mib, seconds


def measure(name: str, batch: int, dim: int) -> None:
    make_call(name, 32, dim)()  # imports, compilation and thread pools do not count
    call = make_call(name, batch, dim)
    before = resident_kib("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew from here
    start = time.perf_counter()
    call()
    seconds = time.perf_counter() - start
    print(json.dumps([(resident_kib("VmHWM") - before) / 1024, seconds]))


def resident_kib(field: str) -> int:
    """VmRSS or VmHWM of this process (ru_maxrss would carry the parent's peak over)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field + ":"))


def cpu_ms(calls: dict, rounds: int) -> dict[str, float]:
    """Median CPU milliseconds of each, called in turn."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            start = time.process_time()
            call()
            times[name].append(time.process_time() - start)
    return {name: 1000 * statistics.median(values) for name, values in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--dim", type=int, default=512)
    parser.add_argument("--threads", type=int, default=1, help="0 for all")
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument(
        "--large", type=int, default=8192, help="batch of the memory test, 0 for none"
    )
    parser.add_argument("--no-rival", action="store_true")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args()
    threads = options.threads or len(os.sched_getaffinity(0))
    os.environ["OMP_NUM_THREADS"] = str(threads)
    if options.measure:
        measure(options.measure, options.batch, options.dim)
        return
    names = ["products", "ours", "ours, eager", "ours, unequal"]
    batch, dim = options.batch, options.dim
    times = cpu_ms({name: make_call(name, batch, dim) for name in names}, options.rounds)
    if not options.no_rival:
        names.append("pytorch-metric-learning")
        rivals = {
            "products": make_call("products", batch, dim),
            names[-1]: make_call(names[-1], batch, dim),
        }
        times[names[-1]] = cpu_ms(rivals, 3)[names[-1]]
    memory = {name: peak_mib(name, batch, dim, threads)[0] for name in names}
    print(f"B = {batch}, D = {dim}, float32, classes of 4, {threads} thread(s)\n")
    print(f"{'':<26}{'CPU ms':>10}{'x products':>12}{'x ours':>9}{'MiB':>9}{'x ours':>9}")
    for name in names:
        print(
            f"{name:<26}{times[name]:>10.2f}{times[name] / times['products']:>12.2f}"
            f"{times[name] / times['ours']:>9.1f}{memory[name]:>9.1f}"
            f"{memory[name] / max(memory['ours'], 0.1):>9.1f}"
        )
    if options.large:
        for name in ("ours", "ours, eager"):
            mib, seconds = peak_mib(name, options.large, dim, threads)
            print(f"\n{name}, B = {options.large}: {mib:,.0f} MiB, {seconds:.1f} s wall", end="")
        print()


if __name__ == "__main__":
    main()
