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

With ``--conditions`` the queries arrive in conditions (``marquery.datasets.openlogos.arrivals``),
while the gallery stays as it is. In each the segments of the query are found as they are, and with
every picture taken for crisp (``as crisp``):

    python experiments/part_search.py --model default --queries 100
        --conditions box,lanczos,blur-1.0,jpeg-30,scan
"""

import argparse
import copy
import hashlib
import json
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock
from xml.etree import ElementTree as ET

import numpy as np
import pyarrow.parquet as pq
from PIL import Image

from marquery.datasets.openlogos.arrivals import CONDITIONS
from marquery.datasets.openlogos.render import over
from marquery.datasets.openlogos.shapes import read_shapes
from marquery.images import load_image
from marquery.index import LogoIndex
from marquery.progress import progress_bar
from marquery.segments.formation import CRISP
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


def cut_element(row: dict, rng: random.Random, side: int) -> PartQuery | None:
    """One element or group of a drawing alone, where it stood, ``side`` pixels long; None if the
    drawing has none to cut.
    """
    shapes = read_shapes(row["svg"])
    try:
        root = ET.fromstring(row["svg"])
        if shapes is not None and sum(1 for e in root.iter() if e.tag.endswith("}path")) == 1:
            root = shapes[0]  # the path cut where its pieces do not touch
        whole = render_svg(row["svg"], side).astype(np.int16)
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
            drawn = render_svg(ET.tostring(alone, encoding="unicode"), side)
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


def compose(query: PartQuery, host: Image.Image, times: int) -> PartQuery:
    """The part beside another logo, both about equally high, on the part's ground; ``times`` times
    as large as the queries of the table without conditions.
    """
    pixels = np.asarray(query.image)
    ground = tuple(int(v) for v in pixels[0, 0])
    ink = np.abs(pixels.astype(int) - pixels[0, 0]).max(axis=2) > 20
    ys, xs = np.nonzero(ink)
    part = query.image.crop((xs.min(), ys.min(), xs.max() + 1, ys.max() + 1))
    part.thumbnail((160 * times, 160 * times))
    host = host.copy()
    host.thumbnail((160 * times, 160 * times))
    gap = 20 * times
    canvas = Image.new(
        "RGB",
        (part.width + host.width + 3 * gap, max(part.height, host.height) + 2 * gap),
        ground,
    )
    canvas.paste(part, (gap, (canvas.height - part.height) // 2))
    canvas.paste(host, (part.width + 2 * gap, (canvas.height - host.height) // 2))
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


def recall_of(
    index: LogoIndex, queries: list[PartQuery], strategy: str, root: Path, brand: dict
) -> float:
    ranks = [rank_of(index, query, strategy, root, brand) for query in queries]
    return float(np.mean([rank <= K for rank in ranks]))


def in_condition(
    name: str,
    alone: list[PartQuery],
    composed: list[PartQuery],
    recall: Callable[[list[PartQuery], str], float],
) -> dict:
    """Recall@10 of queries in a condition, by parts, by parts of what is taken for crisp, and by
    wholes.
    """
    row: dict = {"condition": name}
    crisp = mock.patch("marquery.segments.segmenter.find_formation", return_value=CRISP)
    for kind, queries in (("alone", alone), ("composed", composed)):
        here = [arrived(query, name) for query in queries]
        row[kind] = {"part": recall(here, "part"), "overall": recall(here, "overall")}
        with crisp:
            row[kind]["as crisp"] = recall(here, "part")
    cells = [f"{row[kind][way]:.2f}" for kind in ("alone", "composed") for way in row["alone"]]
    print(f"| {name} | {' | '.join(cells)} |", flush=True)
    return row


def arrived(query: PartQuery, condition: str) -> PartQuery:
    """A query of twice the size in a condition."""
    seed = zlib.crc32(query.source.encode())
    pixels = CONDITIONS[condition].make(np.asarray(query.image), seed)
    return replace(query, image=Image.fromarray(pixels))


def picture_of(row: dict, data: Path, times: int) -> Image.Image:
    """A logo of the gallery; larger ones are drawn anew."""
    if times == 1:
        return load_image(data / row["path"])
    ground = DARK if row["backdrop"] == "dark" else WHITE
    return Image.fromarray(over(render_svg(row["svg"], times * SIDE), ground))


def conditions(text: str) -> tuple[str, ...]:
    names = tuple(CONDITIONS) if text == "all" else tuple(text.split(","))
    if set(names) - set(CONDITIONS):
        raise argparse.ArgumentTypeError(f"conditions are all, or of {', '.join(CONDITIONS)}")
    return names


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
    parser.add_argument("--conditions", type=conditions, help="separated by commas")
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

    times = 2 if options.conditions else 1  # a condition halves the side
    alone: list[PartQuery] = []
    composed: list[PartQuery] = []
    for number, row in enumerate(rows):
        rng = random.Random(row["path"])
        wanted = row["svg"] and len(alone) < options.queries
        query = cut_element(row, rng, times * SIDE) if wanted else None
        if query is not None:
            other = rows[(number + 997) % len(rows)]
            while other["brand"] == row["brand"] or other["backdrop"] != row["backdrop"]:
                other = rows[rng.randrange(len(rows))]
            alone.append(query)
            composed.append(compose(query, picture_of(other, options.data, times), times))

    result: dict = {"gallery": len(index), "queries": len(alone), "model": options.model}
    print(f"{len(index)} logos, {len(alone)} queries", flush=True)
    if options.conditions:

        def recall(queries: list[PartQuery], strategy: str) -> float:
            return recall_of(index, queries, strategy, folder, brand)

        rows = [in_condition(name, alone, composed, recall) for name in options.conditions]
        result["conditions"] = rows
        (options.out / "part-search-conditions.json").write_text(json.dumps(result, indent=2))
        return
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
