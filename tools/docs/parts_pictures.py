"""The picture and the figures of parts.md, from a built openlogos: docs/images/parts.png, counts on
stdout.
"""

import colorsys
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from PIL import Image, ImageDraw, ImageFont

import marquery as mq
from marquery.segments import group_segments
from marquery.visualization.canvas import save_small

LOGOS = ("logos/hugging-face", "devicon/influxdb-wordmark", "logos/okta", "logos/typescript")
COLUMNS = (
    ("segments", None),
    ('group="glyphs"', "glyphs"),
    ('group="proximity"', "proximity"),
)
SIDE, GAP = 260, 16


def colors(count):
    """Background white, then colours far apart: hues by the golden ratio."""
    found = [(1.0, 1.0, 1.0)]
    for i in range(count):
        found.append(colorsys.hls_to_rgb((0.58 + i * 0.618034) % 1, (0.6, 0.42, 0.74)[i % 3], 0.75))
    return np.array(found) * 255


def parts_picture(found):
    """Parts in distinct colours, holes pale."""
    paint = colors(found.count)
    pale = np.flatnonzero(found.is_hole) + 1
    paint[pale] = 0.3 * paint[pale] + 0.7 * 255
    mix = paint[found.labels] * found.coverage[..., None]
    mix += paint[found.under] * (1 - found.coverage[..., None])
    return Image.fromarray(np.rint(mix).astype(np.uint8))


def draw(folder):
    """One row for each logo: itself, its segments, its parts."""
    face = ImageFont.load_default(15)
    rows = []
    for name in LOGOS:
        with Image.open(folder / "logos" / f"{name}.png") as file:
            logo = file.convert("RGB")
        cells = [(logo, "logo" if not rows else "")]
        for title, how in COLUMNS:
            found = mq.segment(logo, group=how)
            cells.append((parts_picture(found), f"{title}: {found.count}"))
        factor = SIDE / max(logo.size)
        size = (round(logo.width * factor), round(logo.height * factor))
        rows.append([(cell.resize(size, Image.Resampling.LANCZOS), text) for cell, text in cells])
    heights = [row[0][0].height + 24 + GAP for row in rows]
    sheet = Image.new("RGB", (GAP + (SIDE + GAP) * 4, GAP + sum(heights)), "white")
    pen, y = ImageDraw.Draw(sheet), GAP
    for row, height in zip(rows, heights, strict=True):
        for i, (cell, text) in enumerate(row):
            x = GAP + i * (SIDE + GAP)
            pen.text((x, y), text, fill=(31, 35, 40), font=face)
            sheet.paste(cell, (x, y + 22))
        y += height
    out = Path("docs/images/parts.png")
    save_small(sheet, out)
    print(out)


def count(folder):
    """Segments and parts of every tenth logo of the two collections with most words, test split
    left out.
    """
    table = pq.read_table(folder / "manifest.parquet", columns=["path", "collection", "split"])
    paths = [
        row["path"]
        for row in table.to_pylist()
        if row["collection"] in ("logos", "devicon") and row["split"] != "test"
    ][::10]
    numbers = {how: [] for _, how in COLUMNS}
    on_ground = {how: [] for _, how in COLUMNS}
    for path in paths:
        with Image.open(folder / path) as file:
            found = mq.segment(file.convert("RGB"))
        for how in numbers:
            parts = group_segments(found, how)
            numbers[how].append(parts.count)
            on_ground[how].append(int((parts.parent == 0).sum()))
    print(f"{len(paths)} logos")
    for how in numbers:
        few = np.mean(np.array(on_ground[how]) <= 5)
        print(
            f"{how}: mean {np.mean(numbers[how]):.1f}, median {np.median(numbers[how]):.0f} parts; "
            f"{np.mean(on_ground[how]):.1f} on the background, at most 5 there in {few:.0%}"
        )


def cost(folder):
    """CPU milliseconds of grouping, median of 60: a logo of 30 segments, and squares of random
    paint.
    """
    with Image.open(folder / "logos/devicon/kotlin-wordmark.png") as file:
        images = {"logo, 224 px": file.convert("RGB").resize((224, 224), Image.Resampling.BOX)}
    rng = np.random.default_rng(0)
    for side, square in ((224, 5), (1800, 40)):
        paints = rng.integers(0, 256, (side // square, side // square, 3), dtype=np.uint8)
        images[f"squares, {side} px"] = Image.fromarray(paints).resize((side, side), 0)
    for title, image in images.items():
        found = mq.segment(image)
        for how in ("glyphs", "proximity"):
            spent = []
            for _ in range(60):
                fresh = replace(found)  # nothing measured yet
                start = time.thread_time()
                group_segments(fresh, how)
                spent.append(time.thread_time() - start)
            print(f"{title}: {found.count} segments, {how} {1000 * np.median(spent):.2f} ms")


if __name__ == "__main__":
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "data/openlogos")
    draw(data)
    count(data)
    cost(data)
