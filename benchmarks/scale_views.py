"""Logos of openlogos and views of them, as files: what the rows of benchmarks/scale.py are
made from.

    python benchmarks/scale_views.py OPENLOGOS OUT --logos 2000

Writes OUT/logos/NNNNN-a.png (a logo) and NNNNN-b.png (a view: one to three segment operations,
then often a word, a badge, a background or a frame, then often a scan's warp and dirt), and
OUT/queries/NNNNN.png, other views of the first logos.
"""

import argparse
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import torch

from marquery import augment
from marquery.images import load_logo


def view_maker():
    segments = augment.RandomSegmentOp()
    changes = [
        augment.LogoWordmark(),
        augment.LogoBadge(),
        augment.LogoBackground(),
        augment.LogoFrame(),
    ]
    scan = [augment.LogoWarp(), augment.Degrade()]

    def make(image, rng):
        for _ in range(int(rng.integers(1, 4))):
            image = segments(image)
        if rng.random() < 0.5:
            image = changes[int(rng.integers(len(changes)))](image)
        if rng.random() < 0.5:
            for step in scan:
                image = step(image)
        return image

    return make


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("openlogos", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--logos", type=int, default=2000)
    parser.add_argument("--queries", type=int, default=200)
    asked = parser.parse_args()
    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    paths = pq.read_table(asked.openlogos / "manifest.parquet", columns=["path"])["path"]
    chosen = rng.choice(len(paths), asked.logos, replace=False)
    (asked.out / "logos").mkdir(parents=True, exist_ok=True)
    (asked.out / "queries").mkdir(exist_ok=True)
    make = view_maker()
    for number, index in enumerate(chosen.tolist()):
        image = load_logo(asked.openlogos / paths[index].as_py())
        image.save(asked.out / "logos" / f"{number:05d}-a.png")
        make(image, rng).save(asked.out / "logos" / f"{number:05d}-b.png")
        if number < asked.queries:
            make(image, rng).save(asked.out / "queries" / f"{number:05d}.png")


if __name__ == "__main__":
    main()
