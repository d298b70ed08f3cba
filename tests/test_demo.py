"""The demo end to end on a small benchmark, and the report it writes."""

import hashlib
import json
import re

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from marquery.demo import run
from marquery.training.recipe import load_recipe

SMALL = [
    *("model.backbone=mobilenetv3_small_050", "model.pretrained=false", "model.dim=16"),
    *("model.image_size=32", "steps=4", "workers=0", "batch.size=8", "batch.per_class=2"),
    "validation.every=2",
]


@pytest.fixture
def benchmark(tmp_path, make_logo):
    """Thirty brands of five logos, as ``marquery data openlogos`` would leave them."""
    root = tmp_path / "data"
    rows = []
    for brand in range(30):
        logo = make_logo(brand)
        bands = logo.split()
        variants = [
            logo,
            Image.merge("RGB", bands[::-1]),
            Image.merge("RGB", bands[1:] + bands[:1]),
            logo.resize((64, 64)),
            logo.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        ]
        for number, image in enumerate(variants):
            path = f"logos/c{number}/b{brand:02d}.png"
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            image.save(root / path)
            rows.append(
                {
                    "path": path,
                    "brand": f"b{brand:02d}" if brand % 5 else f"t{brand:02d}",
                    "namespace": "brand" if brand % 5 else "crypto",
                    "collection": f"c{number}",
                    "split": ("train", "test", "test", "val")[brand % 4],
                    "sha256": hashlib.sha256(np.asarray(image).tobytes()).hexdigest(),
                }
            )
    pq.write_table(pa.Table.from_pylist(rows), root / "manifest.parquet")
    return root


def test_the_demo_ends_in_a_report_with_figures_and_five_lines(benchmark, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "build_openlogos", lambda out, source_dir, progress: None)
    out = tmp_path / "run"
    said = []
    report, lines = run.run_demo(load_recipe("demo", SMALL), benchmark, out, say=said.append)
    assert len(lines) == 5
    assert all("NAR" in line and "mAP" in line for line in lines[2:])
    page = report.read_text()
    assert page.count("data:image/png;base64,") == 8
    assert not re.search(r"""(src|href)=["'](?!data:|#)""", page), "the report must stand alone"
    for words in (
        "NAR ↓",
        "16×16 grey pixels",
        "perceptual hash",
        "ImageNet features",
        "brand (",
        "crypto (",
    ):
        assert words in page
    results = json.loads((out / "results.json").read_text())
    assert set(results["methods"]) == {
        "ImageNet features",
        "16×16 grey pixels",
        "perceptual hash",
        "trained here",
    }
    shown = f"{results['methods']['trained here']['means']['nar']:.3f}"
    assert shown in lines[4]
    assert shown in page
    names = {p.stem for p in (out / "pictures").glob("*.png")}
    assert names == {
        *("segments", "rotation", "augmentations", "curves", "groups"),
        *("retrievals", "failures", "search"),
    }

    before = (out / "train" / "checkpoint.pt").stat().st_mtime_ns
    run.run_demo(load_recipe("demo", SMALL), benchmark, out, say=said.append)
    assert (out / "train" / "checkpoint.pt").stat().st_mtime_ns == before, "trained again"
