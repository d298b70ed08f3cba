"""Take the README's pictures of `marquery serve` from the running program ->
docs/images/serve-*.png.

    python tools/docs/screenshots.py [IDX QUERY.png]

Without IDX, marks of openlogos' test split that several collections have are indexed with the
package's encoder in a scratch folder, all but the query: about a minute. Needs Debian's
chromium, the dev extra and data/openlogos. Reviews go to a scratch folder, too.
"""

import csv
import shutil
import socket
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import uvicorn
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from marquery.index import LogoIndex
from marquery.visualization.canvas import save_small
from marquery.web.app import create_app
from marquery.web.security import Access

DATA = Path("data/openlogos")
#: A mark of the test split: the package's encoder was trained on others.
QUERY = DATA / "logos/devicon/gitlab.png"
# Marks with fewer logos have nothing to be found beside the query.
LEAST = 11
EXAMINER = "A. Examiner"
TARGET = Path("docs/images")
WIDE = {"width": 1280, "height": 860}
NARROW = {"width": 390, "height": 844}


def main(place: str | None = None, query: str = str(QUERY)) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is missing; run: apt-get install chromium")
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, socket.create_server(("127.0.0.1", 0)) as port:
        index = build(Path(scratch)) if place is None else LogoIndex.open(place)
        app = create_app(index, Access("127.0.0.1"), Path(scratch) / "review")
        app.state.service.warm_up()
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [port]})
        thread.start()
        address = f"http://127.0.0.1:{port.getsockname()[1]}"
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=chromium, args=["--no-sandbox"]
                )
                for name, size, scheme in (
                    ("light", WIDE, "light"),
                    ("dark", WIDE, "dark"),
                    ("phone", NARROW, "light"),
                ):
                    page = browser.new_page(
                        viewport=size, color_scheme=scheme, device_scale_factor=1
                    )
                    page.set_default_timeout(60_000)
                    take(page, address, query, name)
                    page.close()
                browser.close()
        finally:
            server.should_exit = True
            thread.join()


def build(scratch: Path) -> LogoIndex:
    """An index of the marks that have some logos, with what the manifest says of each."""
    if not (DATA / "manifest.parquet").is_file():
        sys.exit(f"{DATA} is missing; build it: marquery data openlogos")
    names = ["path", "brand", "collection", "licence", "split"]
    rows = pq.read_table(DATA / "manifest.parquet", columns=names).to_pylist()
    rows = [row for row in rows if row["split"] == "test" and DATA / row["path"] != QUERY]
    counts = Counter(row["brand"] for row in rows)
    logos = scratch / "logos"
    with (scratch / "meta.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "mark", "collection", "licence"])
        for row in rows:
            if counts[row["brand"]] < LEAST:
                continue
            name = Path(row["path"]).relative_to("logos")
            link = logos / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to((DATA / row["path"]).absolute())
            writer.writerow([name, row["brand"], row["collection"], row["licence"]])
    index = LogoIndex.create(scratch / "openlogos", encoder="default")
    report = index.add(logos, meta=scratch / "meta.csv")
    print(f"{report.added} logos indexed")
    return index


def take(page: Page, address: str, query: str, name: str) -> None:
    """One search, some decisions, one logo side by side."""
    page.goto(address)
    page.fill("#who", EXAMINER)
    page.press("#who", "Enter")
    page.wait_for_selector("#who", state="detached")
    page.set_input_files("#picture", query)
    page.wait_for_selector(".crop-area.ready")
    for kind, place in (("keep", 1), ("keep", 2), ("dismiss", 6)):
        button = page.locator(f".card .{kind}").nth(place)
        if button.get_attribute("aria-pressed") == "false":
            button.click()
            page.wait_for_selector(f".card:nth-child({place + 1}).{kind}")
    page.evaluate("document.activeElement.blur()")
    page.wait_for_load_state("networkidle")
    page.wait_for_selector(".toast", state="hidden")  # it would cover a hit
    page.evaluate("scrollTo(0, 0)")
    save(page, f"serve-{name}")
    page.locator(".look").nth(2).click()
    page.wait_for_selector(".explained img")
    page.wait_for_load_state("networkidle")
    page.evaluate("document.getElementById('compare').scrollIntoView()")
    save(page, f"serve-{name}-compare")


def save(page: Page, name: str) -> None:
    """A palette makes the files small; the repository keeps them for ever."""
    file = TARGET / f"{name}.png"
    page.screenshot(path=file)
    with Image.open(file) as picture:
        shot = picture.convert("RGB")
    save_small(shot, file)
    print(file)


if __name__ == "__main__":
    if len(sys.argv) not in (1, 3):
        sys.exit(__doc__)
    main(*sys.argv[1:])
