"""Memory and time of one training step by gradient caching: ResNet50, 224 px, 512 images.

    OMP_NUM_THREADS=1 python benchmarks/gradient_caching.py [--batch 512] [--micro 32] [--backbone
    resnet50]

Each line is a fresh process: the micro-batch alone (one plain step of it), the whole batch by
caching with that micro-batch, and a plain step of twice the micro-batch, which tells what a plain
step of the whole batch would take. Steps are whole ones: uint8 images to floats, forward,
Smooth-AP, backward, AdamW, with the allocator set as in training. Memory is the peak of the process
that the first step adds to what network and input batch take, and in brackets the peak of the whole
process, libraries and all. Time is CPU time of that step.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path


def measure(backbone: str, side: int, batch: int, micro: int) -> None:
    import torch

    from marquery.allocator import keep_freed_memory
    from marquery.encoder import LogoEncoder
    from marquery.losses import SmoothAPLoss
    from marquery.training.grad_cache import GradientCache

    keep_freed_memory()
    torch.manual_seed(0)
    encoder = LogoEncoder.create(backbone, 512, image_size=side, pretrained=False)
    network = encoder.network.train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-4)
    criterion = SmoothAPLoss()

    def step(images: torch.Tensor, micro: int) -> None:
        labels = torch.arange(len(images)) // 4
        optimizer.zero_grad(set_to_none=True)
        if len(images) <= micro:
            criterion(network(encoder.normalize(images)), labels).backward()
        else:
            GradientCache(network, micro, prepare=encoder.normalize)(
                images, lambda embeddings: criterion(embeddings, labels)
            )
        optimizer.step()

    # Compilation and the library's own buffers do not count.
    criterion(
        torch.nn.functional.normalize(torch.randn(8, 512)).requires_grad_(), torch.arange(8) // 4
    )
    shape = (batch, side, side, 3)
    images = torch.randint(0, 256, shape, dtype=torch.uint8).permute(0, 3, 1, 2)
    before = resident_kib("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew from here
    start = time.process_time()
    step(images, micro)
    seconds = time.process_time() - start
    peak = resident_kib("VmHWM")
    print(json.dumps([(peak - before) / 2**20, peak / 2**20, seconds]))


def resident_kib(field: str) -> int:
    """VmRSS or VmHWM of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field + ":"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--micro", type=int, default=32)
    parser.add_argument("--backbone", default="resnet50")
    parser.add_argument("--side", type=int, default=224)
    parser.add_argument("--measure", type=int, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.backbone, options.side, *options.measure)
        return
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    batch, micro = options.batch, options.micro
    print(f"{options.backbone}, {options.side} px, float32\n", flush=True)
    found = {}
    for name, size, part in (
        (f"micro-batch of {micro} alone", micro, micro),
        (f"plain batch of {2 * micro}", 2 * micro, 2 * micro),
        (f"batch of {batch}, cached by {micro}", batch, micro),
    ):
        command = [sys.executable, __file__, "--backbone", options.backbone]
        command += ["--side", str(options.side), "--measure", str(size), str(part)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        added, peak, seconds = found[size] = json.loads(output)
        print(
            f"{name:<34}{added:6.2f} GiB ({peak:5.2f}){seconds:9.1f} s{1000 * seconds / size:8.0f} "
            "ms an image",
            flush=True,
        )
    alone, twice, whole = (found[size][0] for size in (micro, 2 * micro, batch))
    plain = alone + (twice - alone) / micro * (batch - micro)
    print(f"\ncached to the micro-batch alone: {whole / alone:.3f}")
    print(f"a plain batch of {batch} would take about {plain:.0f} GiB (by the two plain ones)")


if __name__ == "__main__":
    main()
