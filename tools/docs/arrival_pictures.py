"""Draw the picture of segmentation.md that shows logos in ten conditions: data/openlogos ->
docs/images.

For each logo and condition: the picture, its segments if it is taken for crisp, and its segments.
"""

import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from PIL import Image, ImageDraw

import marquery as mq
from marquery.visualization.canvas import INK, PAPER, font, save_small

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from segmentation.pictures import label_colors
from segmentation.sample import Logo
from segmentation.sources import load_source

from marquery.datasets.openlogos.arrivals import CONDITIONS

MANIFEST = Path("data/openlogos/manifest.parquet")
CACHE = Path("runs/segmentation-truth")
TARGET = Path("docs/images/segmentation-arrivals.png")
LOGOS = (
    "logos/slack-icon",
    "logos/python",
    "devicon/opencv",
    "logos/mastercard",
    "simple-icons/burgerking",
)
SHOWN = (
    "box",
    "lanczos",
    "unsharp-1.5-120",
    "up2-bicubic",
    "up4-bilinear",
    "blur-1.5",
    "webp-40",
    "jpeg-30",
    "gif-web-dither",
    "scan",
)
_SIDE, _GAP, _TEXT = 224, 6, 18
#: Tolerance of crisp renderings: given as a number, nothing is restored.
_CRISP = 7


def main() -> None:
    manifest = Path(sys.argv[1]) if len(sys.argv) > 1 else MANIFEST
    rows = pq.read_table(manifest, columns=["path", "svg", "backdrop"]).to_pylist()
    by_name = {row["path"].removeprefix("logos/").removesuffix(".png"): row for row in rows}
    cell = 3 * (_SIDE // 2) + _GAP
    width, height = len(LOGOS) * (cell + _GAP), len(SHOWN) * (_SIDE // 2 + _TEXT + _GAP)
    page = Image.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(page)
    for column, name in enumerate(LOGOS):
        row = by_name[name]
        logo = Logo(row["path"], "shown", row["svg"], row["backdrop"] != "white")
        source = load_source(logo, _SIDE, CACHE)
        for line, condition in enumerate(SHOWN):
            picture = source.picture(CONDITIONS[condition])
            left, top = column * (cell + _GAP), line * (_SIDE // 2 + _TEXT + _GAP)
            before = mq.segment(picture, tolerance=_CRISP)
            after = mq.segment(picture)
            words = f"{condition}: {before.count} / {after.count} of {source.truth.count}"
            pen.text((left + 2, top), words, INK, font(12))
            for k, shown in enumerate((picture, painted(before), painted(after))):
                small = Image.fromarray(shown)
                small = small.resize((small.width // 2, small.height // 2), Image.Resampling.BOX)
                page.paste(small, (left + k * (_SIDE // 2), top + _TEXT))
    save_small(page, TARGET)


def painted(found: mq.Segmentation) -> np.ndarray:
    """uint8 (H, W, 3): each segment in a colour of its own, the background white."""
    return label_colors(found.count)[found.labels].astype(np.uint8)


if __name__ == "__main__":
    main()
