"""Does a search by parts find the logo that a part was cut out of, where a search by wholes does
not?

    python experiments/part_search.py --model runs/demo/train

Gallery: some test logos of openlogos, crypto tokens left out. Queries, made from the SVG and so
    without our
segmentation: one element or group of the drawing that paints 10 to 70 % of its ink and that nothing
    covers, or one of the pieces that do not
touch where the drawing is a single path, alone (``alone``), or put beside a logo of another brand
(``composed``). Relevant: the logo it was cut from; other logos of its brand are left out of the
ranking. The rival ranks by whole-logo vectors from the same index. Writes ``part-search.json`` and
prints a table; the index is kept, so that a second run only searches.
"""

import argparse
import copy
import hashlib
import json
import random
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pyarrow.parquet as pq
from PIL import Image

from marquery.datasets.openlogos.shapes import read_shapes
from marquery.images import load_image
from marquery.index import LogoIndex
from marquery.progress import progress_bar
from marquery.svg import render_svg
from marquery.visibility import DARK, WHITE

ET.register_namespace("", "http://www.w3.org/2000/svg")
ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")
PAINTED = {"path", "rect", "circle", "ellipse", "polygon", "polyline", "g"}
SHARE = (0.1, 0.7)
SHOWN = 0.9
SIDE = 256
K = 10


@dataclass(frozen=True)
class PartQuery:
    image: Image.Image
    source: str
    share: float


def cut_element(row: dict, rng: random.Random) -> PartQuery | None:
    """One element or group of a drawing alone, where it stood; None if the drawing has none to
    cut.
    """
    shapes = read_shapes(row["svg"])
    try:
        root = ET.fromstring(row["svg"])
        if shapes is not None and sum(1 for e in root.iter() if e.tag.endswith("}path")) == 1:
            root = shapes[0]  # the path cut where its pieces do not touch
        whole = render_svg(row["svg"], SIDE).astype(np.int16)
        full = whole[..., 3].sum() / 255
    except Exception:  # a drawing that cannot be rendered alone is no query
        return None
    names = [e.tag.rpartition("}")[2] for e in root.iter()]
    if full < 1 or {"use", "mask", "image", "text", "style"} & set(names):
        return None
    places = [i for i, name in enumerate(names) if name in PAINTED and i]
    rng.shuffle(places)
    for place in places[:12]:
        alone = copy.deepcopy(root)
        elements = list(alone.iter())
        keep = set(map(id, elements[place].iter()))
        above = ancestors(alone, elements[place])
        for parent in above:
            for child in list(parent):
                name = child.tag.rpartition("}")[2]
                if id(child) not in keep and child not in above and name in PAINTED:
                    parent.remove(child)
        try:
            drawn = render_svg(ET.tostring(alone, encoding="unicode"), SIDE)
        except Exception:
            continue
        alpha = drawn[..., 3:] / 255
        share = float(alpha.sum() / full)
        ground = np.array(DARK if row["backdrop"] == "dark" else WHITE, np.float64)
        flat = np.rint(drawn[..., :3] * alpha + (1 - alpha) * ground).astype(np.uint8)
        # Of an element that others cover, the logo does not show what would be looked for.
        shown = (np.abs(whole - drawn).max(axis=2) <= 24) & (drawn[..., 3] > 127)
        if shown.sum() < SHOWN * (drawn[..., 3] > 127).sum():
            continue
        seen = (np.abs(flat - ground).max(axis=2) > 60).sum()
        if SHARE[0] <= share <= SHARE[1] and seen > alpha.sum() / 2:
            return PartQuery(Image.fromarray(flat), row["path"], share)
    return None


def ancestors(root: ET.Element, element: ET.Element) -> list[ET.Element]:
    parent_of = {child: parent for parent in root.iter() for child in parent}
    chain = []
    while element in parent_of:
        element = parent_of[element]
        chain.append(element)
    return chain


def compose(query: PartQuery, host: Image.Image) -> PartQuery:
    """The part beside another logo, both about equally high, on the part's ground."""
    pixels = np.asarray(query.image)
    ground = tuple(int(v) for v in pixels[0, 0])
    ink = np.abs(pixels.astype(int) - pixels[0, 0]).max(axis=2) > 20
    ys, xs = np.nonzero(ink)
    part = query.image.crop((xs.min(), ys.min(), xs.max() + 1, ys.max() + 1))
    part.thumbnail((160, 160))
    host = host.copy()
    host.thumbnail((160, 160))
    canvas = Image.new(
        "RGB", (part.width + host.width + 60, max(part.height, host.height) + 40), ground
    )
    canvas.paste(part, (20, (canvas.height - part.height) // 2))
    canvas.paste(host, (part.width + 40, (canvas.height - host.height) // 2))
    return PartQuery(canvas, query.source, query.share)


def rank_of(index: LogoIndex, query: PartQuery, strategy: str, root: Path, brand: dict) -> int:
    """Place of the source among logos of other brands; K + 1 if it is not among the first K."""
    place = 0
    source = str((root / query.source).absolute())
    for match in index.search(query.image, K + 40, strategy=strategy):
        if match.path == source:
            return place + 1
        place += brand[match.path] != brand[source]
        if place >= K:
            break
    return K + 1


def interval(hits: np.ndarray) -> tuple[float, float]:
    rng = np.random.default_rng(0)
    means = rng.choice(hits, (2000, len(hits))).mean(axis=1)
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", type=Path, default=Path("data/openlogos"))
    parser.add_argument("--out", type=Path, default=Path("runs/part-search"))
    parser.add_argument("--gallery", type=int, default=2000)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--save-pictures", action="store_true", help="write the queries as PNG")
    options = parser.parse_args()

    rows = pq.read_table(options.data / "manifest.parquet").to_pylist()
    rows = [r for r in rows if r["split"] == "test" and r["namespace"] == "brand"]
    rows.sort(key=lambda r: hashlib.sha256(r["path"].encode()).hexdigest())
    rows = rows[: options.gallery]
    folder = options.out / "gallery"
    for row in rows:
        link = folder / row["path"]
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.exists():
            link.symlink_to((options.data / row["path"]).absolute())
    place = options.out / "index"
    index = LogoIndex.open(place) if place.exists() else LogoIndex.create(place, options.model)
    with progress_bar("indexing", options.gallery) as bar:
        index.rescan(folder, progress=lambda _: bar)
    brand = {str((folder / r["path"]).absolute()): r["brand"] for r in rows}

    alone: list[PartQuery] = []
    composed: list[PartQuery] = []
    for number, row in enumerate(rows):
        rng = random.Random(row["path"])
        query = cut_element(row, rng) if row["svg"] and len(alone) < options.queries else None
        if query is not None:
            other = rows[(number + 997) % len(rows)]
            while other["brand"] == row["brand"] or other["backdrop"] != row["backdrop"]:
                other = rows[rng.randrange(len(rows))]
            alone.append(query)
            composed.append(compose(query, load_image(options.data / other["path"])))

    result: dict = {"gallery": len(index), "queries": len(alone), "model": options.model}
    print(f"{len(index)} logos, {len(alone)} queries")
    for name, queries in (("alone", alone), ("composed", composed)):
        for strategy in ("part", "overall"):
            ranks = np.array([rank_of(index, q, strategy, folder, brand) for q in queries])
            hits = (ranks <= K).astype(float)
            large = hits[[q.share >= 0.35 for q in queries]]
            low, high = interval(hits)
            result[f"{name}/{strategy}"] = {
                "recall@10": round(float(hits.mean()), 4),
                "interval": [round(low, 4), round(high, 4)],
                "recall@1": round(float((ranks == 1).mean()), 4),
                "recall@10 of parts with 35 % of the ink": round(float(large.mean()), 4),
                "large": len(large),
            }
            print(f"{name:9} {strategy:8} {result[f'{name}/{strategy}']}", flush=True)
            if options.save_pictures:
                show(queries, ranks, options, f"{name}-{strategy}.png")
    (options.out / "part-search.json").write_text(json.dumps(result, indent=2) + "\n")


def show(
    queries: list[PartQuery], ranks: np.ndarray, options: argparse.Namespace, name: str
) -> None:
    """The first misses: query and source side by side."""
    missed = [q for q, r in zip(queries, ranks, strict=True) if r > K][:60]
    sheet = Image.new("RGB", (6 * 210, -(-len(missed) // 6) * 104 + 4), "gray")
    for i, query in enumerate(missed):
        for j, picture in enumerate((query.image, load_image(options.data / query.source))):
            small = picture.copy()
            small.thumbnail((98, 98))
            sheet.paste(small, (i % 6 * 210 + j * 102 + 2, i // 6 * 104 + 2))
    sheet.save(options.out / name)


if __name__ == "__main__":
    main()
