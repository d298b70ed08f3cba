"""Draw the picture of segmentation.md that shows small JPEG files: data/openlogos -> docs/images.

For each logo: the file of 64 px, its segments at that size, and its segments from a copy twice as
large, with their numbers and the true one.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from arrival_pictures import CACHE, MANIFEST, painted
from PIL import Image, ImageDraw

import marquery as mq
from marquery.segments import SegmenterSettings
from marquery.visualization.canvas import INK, PAPER, font, save_small

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from segmentation.sample import Logo
from segmentation.sources import load_source

from marquery.datasets.openlogos.arrivals import CONDITIONS

TARGET = Path("docs/images/segmentation-small.png")
#: Five that gain, of which two are among those that gain most, and one that loses.
LOGOS = (
    "simple-icons/betterauth",
    "simple-icons/cinema4d",
    "devicon/photonengine",
    "logos/n8n",
    "simple-icons/burgerking",
    "logos/zeit",
)
_SIDE, _SHOWN, _GAP, _TEXT = 64, 128, 6, 18


def main() -> None:
    manifest = Path(sys.argv[1]) if len(sys.argv) > 1 else MANIFEST
    rows = pq.read_table(manifest, columns=["path", "svg", "backdrop"]).to_pylist()
    by_name = {row["path"].removeprefix("logos/").removesuffix(".png"): row for row in rows}
    settings = SegmenterSettings()
    as_it_is = replace(settings, small=replace(settings.small, max_side=0))
    cell = 3 * (_SHOWN + _GAP)
    page = Image.new("RGB", (2 * cell + _GAP, len(LOGOS) // 2 * (_SHOWN + _TEXT + _GAP)), PAPER)
    pen = ImageDraw.Draw(page)
    for place, name in enumerate(LOGOS):
        row = by_name[name]
        logo = Logo(row["path"], "shown", row["svg"], row["backdrop"] != "white")
        source = load_source(logo, _SIDE, CACHE)
        picture = source.picture(CONDITIONS["jpeg-75"])
        found = [mq.segment(picture, settings=chosen) for chosen in (as_it_is, settings)]
        left, top = place % 2 * (cell + _GAP), place // 2 * (_SHOWN + _TEXT + _GAP)
        numbers = " / ".join(str(one.count) for one in found)
        pen.text((left + 2, top), f"{name}: {numbers} of {source.truth.count}", INK, font(12))
        for k, shown in enumerate((picture, *(painted(one) for one in found))):
            page.paste(enlarged(shown), (left + k * (_SHOWN + _GAP), top + _TEXT))
    save_small(page, TARGET)


def enlarged(pixels: np.ndarray) -> Image.Image:
    """As squares, so that each pixel is seen."""
    picture = Image.fromarray(pixels)
    scale = _SHOWN / max(picture.size)
    size = (round(picture.width * scale), round(picture.height * scale))
    return picture.resize(size, Image.Resampling.NEAREST)


if __name__ == "__main__":
    main()
