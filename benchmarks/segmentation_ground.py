"""Is the background right where a drawing's own paint holds half of the border or more?

Logos of the open benchmark whose SVG paints at least half of the border while the backdrop is seen
at the border, too. The background is right if most of that backdrop has label 0.

    python benchmarks/segmentation_ground.py --split test --every 3
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
import pyarrow.parquet as pq

import marquery as mq
from marquery.datasets.openlogos.draw import in_parallel
from marquery.datasets.openlogos.render import over
from marquery.datasets.openlogos.truth import framed
from marquery.svg import render_svg
from marquery.visibility import DARK, WHITE

_SIDE = 224
_LEAST_BACKDROP = 12  # pixels
_SHARES = (0.5, 0.6, 0.7, 0.8, 0.9)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--split", choices=("train", "val", "test"), default="val")
    parser.add_argument("--every", type=int, default=1, help="one logo in so many")
    parser.add_argument("--manifest", type=Path, default=Path("data/openlogos/manifest.parquet"))
    parser.add_argument("--jobs", type=int, default=2, help="parallel processes")
    options = parser.parse_args()
    rows = pq.read_table(options.manifest, columns=["split", "svg", "backdrop"]).to_pylist()
    rows = [row for row in rows if row["split"] == options.split][:: options.every]
    found = in_parallel("logos", _looked_at, rows, options.jobs, None)
    for least, most in zip(_SHARES, (*_SHARES[1:], 1.01), strict=True):
        right = [good for share, good in found if least <= share < most]
        print(f"own paint on {least:.0%} of the border or more: {sum(right)} of {len(right)}")
    print(f"all: {sum(good for _, good in found)} of {len(found)}")


def _looked_at(rows: list[dict]) -> list[tuple[float, bool]]:
    """Of each full-bleed drawing: share of the border its own paint holds, whether the background
    is right.
    """
    scores = []
    for row in rows:
        try:
            drawn = render_svg(framed(row["svg"], _SIDE), _SIDE)
        except ValueError:
            continue
        share = float((_rim(drawn[..., 3]) > 127).mean())
        clear = (drawn[..., 3] < 8).astype(np.uint8)
        regions = cv2.connectedComponents(clear, connectivity=8)[1]
        backdrop = np.isin(regions, np.setdiff1d(_rim(regions), [0]))
        if share < _SHARES[0] or backdrop.sum() < _LEAST_BACKDROP:
            continue
        pixels = over(drawn, WHITE if row["backdrop"] == "white" else DARK)
        labels = mq.segment(np.ascontiguousarray(pixels)).labels
        scores.append((share, bool((labels[backdrop] == 0).mean() > 0.5)))
    return scores


def _rim(values: np.ndarray) -> np.ndarray:
    return np.concatenate([values[0], values[-1], values[1:-1, 0], values[1:-1, -1]])


if __name__ == "__main__":
    main()
