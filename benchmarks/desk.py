"""What an examiner waits for beside the page of hits: explanations, reports, suggested codes; and
what a watched filing takes.

    python benchmarks/desk.py --index IDX --pictures FOLDER [--queries 12] [STRATEGY]

CPU seconds of all threads, which do not change with what else the machine does. The page itself is
measured by benchmarks/page.py.
"""

import argparse
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from starlette.testclient import TestClient

from marquery.images import find_images
from marquery.index import LogoIndex
from marquery.watch import parse_threshold, watch
from marquery.web.app import create_app
from marquery.web.security import Access

# Hits of each query that are explained, after the first.
EXPLAINED = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("strategy", nargs="?", default="auto")
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--queries", type=int, default=12)
    parser.add_argument("--filings", type=int, default=150)
    asked = parser.parse_args()
    found = find_images(asked.pictures)
    files = random.Random(0).sample(found, min(asked.queries + 1, len(found)))
    filings = random.Random(1).sample(found, min(asked.filings, len(found)))
    with tempfile.TemporaryDirectory() as scratch:
        index = LogoIndex.open(asked.index)
        print(f"{len(index):,} logos, {len(files) - 1} queries, strategy {asked.strategy}")
        ask(index, files, asked.strategy, Path(scratch) / "review")
        file(index, filings, asked.strategy, Path(scratch) / "new")


def ask(index: LogoIndex, files: list[Path], strategy: str, folder: Path) -> None:
    """Explanations, reports and suggestions of the first hits of some pictures."""
    app = create_app(index, Access("127.0.0.1"), folder)
    app.state.service.warm_up()
    client = TestClient(app, base_url="http://127.0.0.1")
    times: dict[str, list[float]] = {}

    def timed(name: str, path: str, **parameters: object) -> None:
        def get() -> None:
            client.get(f"/api/{path}", params=parameters).raise_for_status()

        times.setdefault(name, []).append(cpu(get))

    for at, place in enumerate(files):
        sent = client.post("/api/queries", files={"picture": (place.name, place.read_bytes())})
        search = {"q": sent.json()["sha256"], "strategy": strategy}
        hits = client.get("/api/search", params={**search, "k": 1 + EXPLAINED}).json()["hits"]
        for hit in hits[1:]:
            timed("explanation", f"explain/{hit['id']}", **search)
        for form in ("pdf", "html"):
            timed(f"report of 24 hits, {form}", "report", form=form, k=24, **search)
        timed("suggested codes", "suggestions", **search)
        if not at:
            times.clear()  # what is loaded once
    for name, taken in times.items():
        tell(name, taken)


def file(index: LogoIndex, filings: list[Path], strategy: str, folder: Path) -> None:
    """A watch of some new logos, each of which may be in the index, too."""
    folder.mkdir()
    for number, place in enumerate(filings):
        shutil.copy(place, folder / f"{number:04d}{place.suffix}")
    threshold = parse_threshold("0.5", strategy, index) if strategy == "auto" else None
    threshold = threshold or parse_threshold("score=0.6", strategy, index)

    def run() -> None:
        found = watch(index, folder, threshold, strategy=strategy, repeat=True)
        print(f"{found.looked_at} filings, {len(found.conflicts)} conflicts")

    taken = cpu(run)
    print(f"{'watch, a filing':26} {1e3 * taken / len(filings):8.0f} ms in the mean")


def cpu(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def tell(name: str, taken: list[float]) -> None:
    median, most = 1e3 * statistics.median(taken), 1e3 * max(taken)
    print(f"{name:26} {median:8.0f} ms median {most:8.0f} ms most", flush=True)


if __name__ == "__main__":
    main()
