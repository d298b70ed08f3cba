"""How long the examiner waits for a first result: from the upload of a picture to the drawn page,
by strategy.

    python benchmarks/page.py [--logos 20000] [--queries 12] [STRATEGY ...]
    python benchmarks/page.py --index IDX --pictures FOLDER [STRATEGY ...]

Without --index, some hundred logos of data/openlogos (or drawn ones, where it was not built) are
indexed with the package's encoder and stored many times over, each time with other noise on the
vectors and with the words' letters in another order, until there are --logos of them, with six
metadata columns. The page is drawn in this process, without a network. CPU time counts all threads,
and does not change with what else the machine does. The floor is what needs no index: the picture
read, cut into segments and embedded.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from starlette.testclient import TestClient

from marquery.images import find_images, load_image
from marquery.index import LogoIndex
from marquery.index.storage.folder import IndexFolder
from marquery.index.storage.known import known_files
from marquery.index.storage.rows import Row, metadata_field, stored_rows, to_table
from marquery.index.strategies.registry import stored_columns
from marquery.segments import segment
from marquery.web.app import create_app
from marquery.web.security import Access

MIX = "overall=1,part=1,color=0.3"
STRATEGIES = (
    "auto",
    "overall",
    "figure",
    "part",
    "words",
    "color",
    "shape",
    MIX,
    "overall=1,part=1,words=0.5,color=0.3,shape=0.3",
)
GOAL = 0.3
DATA = Path("data/openlogos/logos")
SEEDS, CHUNK = 240, 4000
NOISE = 0.4  # of the length of a vector: copies are like logos of neighbouring marks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("strategies", nargs="*", default=STRATEGIES)
    parser.add_argument("--logos", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=12)
    parser.add_argument("--index", type=Path)
    parser.add_argument("--pictures", type=Path)
    asked = parser.parse_args()
    if (asked.index is None) != (asked.pictures is None):
        sys.exit("--index needs --pictures, to ask with, and the other way round")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if asked.index is None:
            files = pictures(folder / "drawn", SEEDS + asked.queries + 1)
            place = build(folder, files[:SEEDS], asked.logos)
            files = files[SEEDS:]
        else:
            place = asked.index
            found = find_images(asked.pictures)
            files = random.Random(0).sample(found, min(asked.queries + 1, len(found)))
        measure(LogoIndex.open(place), files, asked.strategies, folder / "review")


def pictures(folder: Path, count: int) -> list[Path]:
    """Logos of openlogos, or drawn ones where there are too few."""
    found = find_images(DATA) if DATA.is_dir() else []
    if len(found) >= count:
        return random.Random(0).sample(found, count)
    folder.mkdir()
    for seed in range(count):
        drawn(seed).save(folder / f"{seed}.png")
    return find_images(folder)


def drawn(seed: int) -> Image.Image:
    """Shapes over a word."""
    draw = random.Random(seed)
    image = Image.new("RGB", (256, 256), "white")
    pen = ImageDraw.Draw(image)
    for _ in range(4):
        x, y, w, h = (draw.randrange(10, 120) for _ in range(4))
        color = tuple(draw.randrange(200) for _ in range(3))
        (pen.ellipse if draw.random() < 0.5 else pen.rectangle)((x, y, x + w, y + h), fill=color)
    name = "".join(draw.choice("aeioubdfklmnrst") for _ in range(7)).title()
    pen.text((128, 225), name, "black", ImageFont.load_default(36), anchor="mm")
    return image


def build(scratch: Path, files: list[Path], count: int) -> Path:
    """An index of so many logos, grown from some."""
    logos, place = scratch / "logos", scratch / "idx"
    logos.mkdir()
    for number, file in enumerate(files):
        (logos / f"{number:06d}{file.suffix}").symlink_to(file.absolute())
    index = LogoIndex.create(place, encoder="default")
    index.add(logos)
    table, columns = IndexFolder(place).table(), stored_columns()
    seeds = stored_rows(table, [known.id for known in known_files(table).values()], columns)
    table.add_columns([metadata_field(name, kind) for name, kind in KINDS.items()])
    rng = np.random.default_rng(0)
    for start in range(len(seeds), count, CHUNK):
        numbers = range(start, min(start + CHUNK, count))
        rows = [copy(seeds[i % len(seeds)], i, rng) for i in numbers]
        facts = {row.file.path: metadata(row.id, rng) for row in rows}
        table.add(to_table(rows, table.schema, columns, facts))
    table.optimise()
    return place


def copy(row: Row, number: int, rng: np.random.Generator) -> Row:
    """Another logo much like one."""

    def near(vectors: np.ndarray) -> np.ndarray:
        vectors = np.asarray(vectors, np.float32)
        noise = rng.normal(size=vectors.shape) / np.sqrt(vectors.shape[-1])
        moved = vectors + NOISE * noise
        return (moved / np.linalg.norm(moved, axis=-1, keepdims=True)).astype(np.float32)

    old = row.file
    path = f"{old.path[:-4]}-{number:06d}{old.path[-4:]}"
    values = dict(row.values)
    if values["words"] is not None:
        values["words"] = "".join(rng.permutation(list(values["words"])))
    values |= {name: near(values[name]) for name in ("vector", "shape", "parts")}
    file = replace(old, path=path, sha256=f"{number:064x}")
    return Row(1_000_000 + number, file, values)


KINDS = {"owner": "text", "office": "text", "status": "text", "nice": "list", "filed": "integer"}
KINDS |= {"vienna": "list"}


def metadata(number: int, rng: np.random.Generator) -> dict[str, object]:
    """As a register has it."""
    return {
        "owner": f"owner {rng.integers(400)}",
        "office": ("EM", "DE", "FR", "US", "JP")[rng.integers(5)],
        "status": ("registered", "pending", "lapsed")[rng.integers(3)],
        "nice": sorted({str(n) for n in rng.integers(1, 46, 2)}),
        "filed": int(rng.integers(1980, 2025)),
        "vienna": sorted({vienna(rng) for _ in range(3)}),
    }


def vienna(rng: np.random.Generator) -> str:
    """One of some 2,000 codes, as there are of figures."""
    return f"{rng.integers(1, 30):02d}.{rng.integers(1, 8):02d}.{rng.integers(1, 11):02d}"


def measure(index: LogoIndex, files: list[Path], strategies: list[str], folder: Path) -> None:
    app = create_app(index, Access("127.0.0.1"), folder)
    with clock() as took:
        app.state.service.warm_up()
    print(f"{len(index):,} logos, {len(files) - 1} queries; warmed up in {took[1]:.1f} s CPU")
    print(f"{'':50} CPU median   best   wall median   best   best wall to the goal")
    client = TestClient(
        app,
        base_url="http://127.0.0.1",
        headers={"accept": "text/html"},
        follow_redirects=False,
    )
    tell("floor", [floor(index, file) for file in files])
    for number, strategy in enumerate(strategies, 1):
        # Bytes after a picture's end make it another upload, and change nothing about the picture.
        uploads = [file.read_bytes() + bytes(number) for file in files]
        tell(strategy, [first_result(client, data, strategy) for data in uploads])


@contextmanager
def clock() -> Iterator[list[float]]:
    """Wall and CPU time of a block, in seconds."""
    start, took = (time.perf_counter(), time.process_time()), [0.0, 0.0]
    yield took
    took[:] = time.perf_counter() - start[0], time.process_time() - start[1]


def timed(call: Callable[[], object]) -> list[float]:
    with clock() as took:
        call()
    return took


def floor(index: LogoIndex, file: Path) -> list[float]:
    def prepare() -> None:
        image = load_image(file)
        segment(np.asarray(image))
        index.encoder.embed([image])

    return timed(prepare)


def first_result(client: TestClient, data: bytes, strategy: str) -> list[float]:
    state = {"state": f"/?strategy={strategy}"}
    pages = []

    def ask() -> None:
        sent = client.post("/queries", files={"picture": ("query.png", data)}, data=state)
        pages.append(client.get(sent.headers["location"]))

    took = timed(ask)
    if pages[0].status_code != 200 or 'id="results"' not in pages[0].text:
        sys.exit(f"{strategy}: no page of hits: {pages[0].status_code} {pages[0].text[:300]}")
    return took


def tell(name: str, times: list[list[float]]) -> None:
    """One line; the first time is not counted."""
    wall, cpu = zip(*times[1:], strict=True)
    numbers = [statistics.median(cpu), min(cpu), statistics.median(wall), min(wall)]
    shown = "   ".join(f"{1e3 * n:6.0f} ms" for n in numbers)
    print(f"{name:50} {shown}   {min(wall) / GOAL:5.2f}", flush=True)


if __name__ == "__main__":
    main()
