"""Embedding on one core, end to end from PNG bytes: this package's engines against plain PyTorch.

    OMP_NUM_THREADS=1 python benchmarks/embedding.py --data data/openlogos [--backbones
    tf_efficientnet_lite0 resnet50]
        [--side 224] [--images 96] [--rounds 5] [--threads 1]

Rival, as most scripts have it: Pillow decodes, resizes and pads, float32 NCHW batches of 32, eager
PyTorch. Ours: ``LogoEncoder.embed`` on bytes, by each engine that is installed. Methods take turns,
their order rotated; CPU time of the process and all its threads; the median of the rounds. Engines
are built before; what that took is a column. Weights are the packaged ImageNet weights where there
are such, else random: they do not change the time.
"""

import argparse
import statistics
import time

import numpy as np
import torch
from machine import machine

from marquery import LogoEncoder
from marquery.datasets import LogoSet
from marquery.encoder.engines import bfloat16_by_hardware, installed
from marquery.encoder.sources import square_of
from marquery.encoder.weights import OFFLINE_BACKBONE


def eager(encoder: LogoEncoder, data: list[bytes]) -> np.ndarray:
    mean = torch.tensor(encoder.spec.mean).view(1, 3, 1, 1)
    std = torch.tensor(encoder.spec.std).view(1, 3, 1, 1)
    network = encoder.network.to(memory_format=torch.contiguous_format)
    out = []
    for start in range(0, len(data), 32):
        squares = [encoder.square(d) for d in data[start : start + 32]]
        batch = np.ascontiguousarray(np.stack(squares).transpose(0, 3, 1, 2))
        with torch.inference_mode():
            out.append(network((torch.from_numpy(batch).float() / 255 - mean) / std).numpy())
    encoder.network.to(memory_format=torch.channels_last)
    return np.concatenate(out)


def seconds(call, *arguments) -> tuple[float, np.ndarray]:
    start = time.process_time()
    result = call(*arguments)
    return time.process_time() - start, result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="a built openlogos")
    parser.add_argument("--backbones", nargs="+", default=[OFFLINE_BACKBONE, "resnet50"])
    parser.add_argument("--model", help="a trained encoder in place of the backbones")
    parser.add_argument("--side", type=int, default=224)
    parser.add_argument("--images", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    files = LogoSet.open(arguments.data).split("val").files()
    data = [f.read_bytes() for f in files[:: max(1, len(files) // arguments.images)]]
    data = data[: arguments.images]
    reading, _ = seconds(lambda: [square_of(d, arguments.side) for d in data])
    print(machine())
    print(f"{len(data)} logos, {arguments.side} px, {arguments.threads} thread(s)")
    print(f"reading, resizing and padding alone: {reading / len(data) * 1000:.2f} ms an image")
    for name in [arguments.model] if arguments.model else arguments.backbones:
        compare(name, arguments, data)


def compare(name: str, arguments: argparse.Namespace, data: list[bytes]) -> None:
    torch.manual_seed(0)
    if arguments.model:
        encoder = LogoEncoder.load(name)
        encoder.spec = encoder.spec.model_copy(update={"image_size": arguments.side})
    else:
        encoder = LogoEncoder.create(
            name, 512, image_size=arguments.side, pretrained=name == OFFLINE_BACKBONE
        )
    choices = [("pytorch", "float32")]
    choices += [(e, "float32") for e in ("onnxruntime", "openvino") if installed(e)]
    choices += [("openvino", "bfloat16")] if bfloat16_by_hardware() else []
    calls, building = {"eager NCHW float32": lambda: eager(encoder, data)}, {}
    for engine, precision in choices:
        label = f"embed, {engine} {precision}"
        start = time.process_time()
        built = encoder.engine(len(data), engine, precision)
        building[label] = time.process_time() - start

        def call(engine=engine, precision=precision):
            return encoder.embed(data, engine=engine, precision=precision)

        calls[label] = call
        assert built.name == engine
    times: dict[str, list[float]] = {label: [] for label in calls}
    vectors = {}
    for turn in range(arguments.rounds):
        labels = list(calls)
        for label in labels[turn % len(labels) :] + labels[: turn % len(labels)]:
            spent, vectors[label] = seconds(calls[label])
            times[label].append(spent)
    rival = "eager NCHW float32"
    slow = statistics.median(times[rival])
    print(f"\n{name}\n{'':28} img/s   x eager   lowest cosine   s to build")
    for label, spent in times.items():
        middle = statistics.median(spent)
        cosine = (vectors[label].astype(float) * vectors[rival]).sum(1).min()
        print(
            f"{label:28} {len(data) / middle:5.1f}   {slow / middle:7.2f}   {cosine:13.6f}   "
            f"{building.get(label, 0):.1f}"
        )


if __name__ == "__main__":
    main()
