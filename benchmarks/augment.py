"""Segment labelling + colour change against what a loader does anyway, one core.

Rivals: torchvision's RandomResizedCrop + flips + ColorJitter, and the loader's own budget (decode a
    PNG, resize, crop, flip,
normalise). Alternating runs on the same logos, each time in another order (what ran before leaves
the caches warm or cold); medians of CPU time over all of them. Also the cost against the number of
colours, and of what takes longer: gradients, JPEG.
"""

import io
import statistics
import time

import cv2
import numpy as np
import torch
from machine import machine
from PIL import Image, ImageDraw
from torchvision.transforms import v2

import marquery as mq
from marquery.augment import functional as F


def draw_logo(side: int, parts: int, seed: int) -> np.ndarray:
    """A smooth logo: a badge with ``parts`` figures in different paints."""
    rng = np.random.default_rng(seed)
    big = Image.new("RGB", (4 * side, 4 * side), "white")
    pen = ImageDraw.Draw(big)
    pen.ellipse([0.2 * side, 0.2 * side, 3.8 * side, 3.8 * side], fill=(28, 60, 120))
    across = int(np.ceil(np.sqrt(parts)))
    pitch = 2.4 * side / across
    for i in range(parts):
        x, y = 0.8 * side + pitch * (i % across), 0.8 * side + pitch * (i // across)
        color = tuple(int(v) for v in rng.integers(90, 256, 3))
        shape = pen.ellipse if i % 2 else pen.rectangle
        shape([x + 0.1 * pitch, y + 0.1 * pitch, x + 0.8 * pitch, y + 0.8 * pitch], fill=color)
    return np.asarray(big.reduce(4))


def shaded(pixels: np.ndarray) -> np.ndarray:
    """The same logo with a gradient over all that is not white."""
    y, x = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]]
    fall = 1 - 0.4 * (y + x) / sum(pixels.shape[:2])
    dark = np.rint(pixels * fall[..., None]).astype(np.uint8)
    return np.where(pixels.min(axis=2, keepdims=True) > 250, pixels, dark)


def as_jpeg(pixels: np.ndarray) -> np.ndarray:
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "JPEG", quality=75)
    return np.asarray(Image.open(packed).convert("RGB"))


def alternate(works: dict, images: list, rounds: int) -> dict[str, float]:
    """Median milliseconds of CPU time of each piece of work, the works taken in turn on every
    image.
    """
    times: dict[str, list[float]] = {name: [] for name in works}
    names = list(works)
    for turn in range(rounds + 1):
        for image in images:
            names = names[1:] + names[:1]
            for name in names if turn % 2 else names[::-1]:
                start = time.thread_time()
                works[name](image)
                if turn:  # the first round warms up
                    times[name].append(1000 * (time.thread_time() - start))
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    print(machine())
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    jitter = v2.Compose(
        [
            v2.RandomResizedCrop(224, antialias=True),
            v2.RandomHorizontalFlip(),
            v2.RandomVerticalFlip(),
            v2.ColorJitter(0.4, 0.4, 0.4, 0.1),
        ]
    )
    to_input = v2.Compose(
        [
            v2.Resize(256, antialias=True),
            v2.RandomCrop(224),
            v2.RandomHorizontalFlip(),
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )
    color = mq.augment.SegmentColor()

    def label(sample):
        return mq.segment(sample["pixels"])

    def label_and_recolor(sample):
        found = mq.segment(sample["pixels"])
        return F.recolor(sample["pixels"], found, {1: (10, 200, 90)})

    def whole_transform(sample):
        return color(sample["pixels"])

    def torchvision_jitter(sample):
        return jitter(sample["image"])

    def loader(sample):
        return to_input(Image.open(io.BytesIO(sample["png"])).convert("RGB"))

    works = {
        "label": label,
        "label + recolour": label_and_recolor,
        "SegmentColor, draws included": whole_transform,
        "torchvision crop + flips + ColorJitter": torchvision_jitter,
        "decode + resize + crop + flip + normalise": loader,
    }
    for side, rounds in ((224, 12), (500, 4)):
        samples = []
        for seed in range(12):
            pixels = draw_logo(side, 1 + seed, seed)
            image = Image.fromarray(pixels)
            packed = io.BytesIO()
            image.save(packed, "PNG")
            samples.append({"pixels": pixels, "image": image, "png": packed.getvalue()})
        medians = alternate(works, samples, rounds)
        ours = medians["label + recolour"]
        print(f"{side} px, median of {12 * rounds}, one core")
        for name, value in medians.items():
            print(f"  {name:44s} {value:7.3f} ms   {value / ours:5.2f} x label + recolour")
        budget = medians["decode + resize + crop + flip + normalise"]
        print(f"  label + recolour over the loader's budget: {ours / budget:.2f} (goal 0.25)")
        if side == 224:
            print(f"  label + recolour: {ours:.3f} ms (goal 0.35)")
    print("label + recolour at 224 px against the number of parts, each of its own colour")
    for parts in (1, 4, 16, 64, 144):
        samples = [{"pixels": draw_logo(224, parts, seed)} for seed in range(4)]
        median = alternate({"ours": label_and_recolor}, samples, 8)["ours"]
        print(f"  {parts:4d} parts {median:7.3f} ms")
    print("label + recolour at 224 px, 5 parts, of other kinds")
    plain = [draw_logo(224, 5, seed) for seed in range(4)]
    kinds = {
        "flat paints": plain,
        "gradients": [shaded(pixels) for pixels in plain],
        "JPEG quality 75 (smoothed first)": [as_jpeg(pixels) for pixels in plain],
    }
    for name, images in kinds.items():
        samples = [{"pixels": pixels} for pixels in images]
        median = alternate({"ours": label_and_recolor}, samples, 8)["ours"]
        print(f"  {name:34s} {median:7.3f} ms")


if __name__ == "__main__":
    main()
