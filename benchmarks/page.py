"""How long the examiner waits: upload of a picture to the page with its first hits.

    python benchmarks/page.py IDX PICTURES [STRATEGY]

IDX is an index, PICTURES a folder to draw 21 query pictures from; the first is not counted. The page is drawn in this
process, without a network. CPU time counts all threads.
"""

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from starlette.testclient import TestClient

from marquery.images import find_images
from marquery.index import LogoIndex
from marquery.web.app import create_app
from marquery.web.security import Access

QUERIES = 20
GOAL = 0.3


def main(place: str, folder: str, strategy: str = "overall") -> None:
    files = random.Random(0).sample(find_images(folder), QUERIES + 1)
    with tempfile.TemporaryDirectory() as scratch:
        app = create_app(LogoIndex.open(place), Access("127.0.0.1"), Path(scratch))
        app.state.service.warm_up()
        client = TestClient(
            app,
            base_url="http://127.0.0.1",
            headers={"accept": "text/html"},
            follow_redirects=False,
        )
        wall, cpu = [], []
        for file in files:
            data = file.read_bytes()
            start = time.perf_counter(), time.process_time()
            state = {"state": f"/?strategy={strategy}"}
            sent = client.post("/queries", files={"picture": (file.name, data)}, data=state)
            shown = client.get(sent.headers["location"])
            wall.append(time.perf_counter() - start[0])
            cpu.append(time.process_time() - start[1])
            if 'class="card' not in shown.text:
                sys.exit(f"{file}: no hits: {shown.status_code}")
    wall, cpu = wall[1:], cpu[1:]
    median = statistics.median(wall)
    print(f"{len(app.state.service.index):,} logos, {strategy}, {QUERIES} queries")
    print(
        f"wall median {median * 1e3:.0f} ms, best {min(wall) * 1e3:.0f} ms (goal {GOAL * 1e3:.0f} ms); "
        f"CPU median {statistics.median(cpu) * 1e3:.0f} ms; ratio to the goal {median / GOAL:.2f}"
    )


if __name__ == "__main__":
    if len(sys.argv) in (3, 4):
        main(*sys.argv[1:])
    else:
        print(__doc__)  # `make bench` has no index to give
