"""Does training gain when segments are found in degraded pictures as well as in crisp ones?

Somebody trains on a folder of small JPEG scans: the training logos of openlogos at half their size,
scanned and then saved as JPEG 60. Two short runs (row ``lg2`` of experiments/encoder_ablations.py,
fewer steps) differ in one thing: segments are found as they are, or with every picture taken for
crisp. Judged on the validation brands that are no tokens, as they are and as such scans. Finished
runs are kept under runs/degraded-training.

    python experiments/degraded_training.py [--steps 100] [--data data/openlogos]
"""

import argparse
import io
import json
import zlib
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from encoder_ablations import recipe_of
from PIL import Image

from marquery.datasets import LogoSet
from marquery.datasets.openlogos.arrivals import CONDITIONS
from marquery.encoder import LogoEncoder
from marquery.evaluation import evaluate
from marquery.images import load_image
from marquery.progress import progress_bar
from marquery.segments.formation import CRISP
from marquery.training.loop import train

RUNS = Path("runs/degraded-training")
ROW = "full-lg2"
QUALITY = 60


def scans_of(logos: LogoSet, folder: Path) -> LogoSet:
    """The logos as small JPEG scans, below ``folder``, which is filled where files are missing."""
    places = [Path(path).with_suffix(".jpg").as_posix() for path in logos.paths]
    with progress_bar("scanning", len(places)) as advance:
        for file, place in zip(logos.files(), places, strict=True):
            target = folder / place
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(scan(np.asarray(load_image(file)), zlib.crc32(place.encode())))
            advance(1)
    return replace(logos, root=folder, paths=tuple(places))


def scan(pixels: np.ndarray, seed: int) -> bytes:
    """A JPEG file of half the size."""
    even = np.ascontiguousarray(pixels[: len(pixels) // 2 * 2, : pixels.shape[1] // 2 * 2])
    packed = io.BytesIO()
    Image.fromarray(CONDITIONS["scan"].make(even, seed)).save(packed, "JPEG", quality=QUALITY)
    return packed.getvalue()


def figures(run: Path, *sets: LogoSet) -> list[float]:
    """mAP on the brands of each set."""
    encoder = LogoEncoder.load(run)
    found = []
    for logos in sets:
        own = logos.subset(logos.namespaces == "brand")
        found.append(evaluate(encoder.embed(own.files()), own.groups, bootstrap=0).map)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("data/openlogos"))
    parser.add_argument("--steps", type=int, default=100)
    options = parser.parse_args()
    torch.set_num_threads(1)
    logos = LogoSet.open(options.data)
    grouped = logos.subset(logos.namespaces == "brand")
    training = scans_of(grouped.split("train"), RUNS / "scans")
    validation = grouped.split("val")
    scans = scans_of(validation, RUNS / "scans")
    print("| segments found | val: mAP | val as scans: mAP |\n|---|---|---|")
    for title, crisp in (("as they are", False), ("as if crisp", True)):
        run = RUNS / f"{title.replace(' ', '-')}-{options.steps}"
        file = run.with_suffix(".json")
        if not file.exists():
            recipe = recipe_of(ROW).model_copy(update={"steps": options.steps})
            judging = recipe.validation.model_copy(update={"every": options.steps})
            patch = mock.patch("marquery.segments.segmenter.find_formation", return_value=CRISP)
            with patch if crisp else nullcontext():
                plan = recipe.model_copy(update={"validation": judging})
                train(plan, training, validation, run, resume=True)
            file.write_text(json.dumps(figures(run, validation, scans)))
        cells = " | ".join(f"{value:.3f}" for value in json.loads(file.read_text()))
        print(f"| {title} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
