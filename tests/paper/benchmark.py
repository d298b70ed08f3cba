"""A benchmark of a few drawn brands, and settings small enough to train on in a second."""

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from marquery.datasets.metu.layout import (
    GALLERY_LIST,
    QUERY_LIST,
    TRAINING_LIST,
    UNLABELLED_LIST,
)

TINY = [
    *("model.backbone=mobilenetv3_small_050", "model.pretrained=false", "model.dim=8"),
    *("model.image_size=32", "steps=2", "batch.size=8", "batch.per_class=2"),
]


def write_benchmark(root, draw, brands=20):
    """Brands of three logos (every fifth a crypto token) in the splits of a built benchmark, with
    edits.
    """
    rows, edits = [], []
    for brand in range(brands):
        logo = draw(brand)
        name = f"b{brand:02d}"
        split = ("train", "test", "test", "val")[brand % 4]
        variants = [logo, Image.merge("RGB", logo.split()[::-1]), logo.resize((64, 64))]
        paths = [f"logos/c{number}/{name}.png" for number in range(3)]
        for number, (path, image) in enumerate(zip(paths, variants, strict=True)):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            image.save(root / path)
            rows.append(
                {
                    "path": path,
                    "brand": name,
                    "namespace": "brand" if brand % 5 else "crypto",
                    "collection": f"c{number}",
                    "split": split,
                    "sha256": hashlib.sha256(np.asarray(image).tobytes()).hexdigest(),
                }
            )
        if split == "test":
            edited = f"edits/{name}.png"
            (root / edited).parent.mkdir(exist_ok=True)
            logo.transpose(Image.Transpose.ROTATE_90).save(root / edited)
            edits.append(
                {
                    "path": edited,
                    "source": paths[0],
                    "kind": "rotate",
                    "strength": 1 + 2 * (brand % 2),
                    "split": split,
                    "excluded": paths[1:],
                }
            )
    pq.write_table(pa.Table.from_pylist(rows), root / "manifest.parquet")
    pq.write_table(pa.Table.from_pylist(edits), root / "edits.parquet")
    return root


def write_metu(root, draw):
    """METU in the paper's layout: groups 1 to 3 to train on, 4 to 6 to test, forty unlabelled
    logos.
    """
    labelled = [(g, f"{i}-{g}.jpg") for g in range(1, 7) for i in range(1, 5)]
    pool = [(0, f"{number:06d}.jpg") for number in range(40)]
    (root / "images").mkdir(parents=True)
    (root / "Info_Files").mkdir()
    for seed, (group, name) in enumerate(labelled + pool):
        draw(group or seed).resize((40 + seed, 40)).save(root / "images" / name)
    for name, rows in (
        (UNLABELLED_LIST, pool),
        (GALLERY_LIST, pool),
        (TRAINING_LIST, [row for row in labelled if row[0] <= 3]),
        (QUERY_LIST, [row for row in labelled if row[0] > 3]),
    ):
        lines = ["class_id\tpath", *(f"{group}\t{path}" for group, path in rows)]
        (root / "Info_Files" / name).write_text("\n".join(lines) + "\n")
    return root
